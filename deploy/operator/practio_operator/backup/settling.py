"""The SQL around what a backup holds: that it reaches the right database, in the place of what was, and fits today."""

from collections.abc import Sequence

from practio_operator.provisioning.target import owner_role, work_role

LOCK = 7_267_846
"""The advisory lock of whoever restores; its number means nothing, and nobody else here takes it."""

_LOCK_SECONDS = 10

_NUMBERED = """
DELETE FROM {schema}.numbering;
INSERT INTO {schema}.numbering SELECT floor(extract(epoch FROM clock_timestamp()) * 1000000);
"""
"""Events from now on have numbers above all that were said after the backup."""

_LETTERS_NOT_KNOWN = """
UPDATE notifications.letter SET status = 'unknown', due_at = NULL, reason = 'restored'
WHERE due_at <= clock_timestamp();
"""
"""What was due by now has probably left since the backup: it is for an operator to say that it leaves again."""

_REMINDERS_DONE = "UPDATE notifications.session SET remind_at = NULL WHERE remind_at <= clock_timestamp();\n"


def begun(session: int) -> str:
    """Begin, where ``session`` holds the lock: not so on another server, which --inside may have led to."""
    held = (
        f"SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = {LOCK} AND pid = {session} "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    wrong = "this is not the database that PRACTIO_DATABASE_URL names: --inside takes the container of that one"
    return f"SET client_min_messages = warning;\nBEGIN;\n{_unless(f'EXISTS ({held})', wrong)}"


def emptied(schema: str) -> str:
    """Drop a schema. Who is at work in it, say with psql, is not waited for longer than 10 seconds."""
    return f"SET LOCAL lock_timeout = '{_LOCK_SECONDS}s';\nDROP SCHEMA IF EXISTS {schema} CASCADE;"


def settled(schema: str) -> str:
    """Number events above all that were said after the backup, and send no letter that may have left."""
    numbered = _NUMBERED.format(schema=schema)
    return numbered + _LETTERS_NOT_KNOWN + _REMINDERS_DONE if schema == "notifications" else numbered


def agreed(schemas: Sequence[str]) -> str:
    """Complain where a service has come to work meanwhile: it would go on under the numbers of before."""
    roles = ", ".join(f"'{role}'" for schema in schemas for role in (owner_role(schema), work_role(schema)))
    at_work = f"SELECT FROM pg_stat_activity WHERE usename IN ({roles}) AND datname = current_database()"
    return _unless(f"NOT EXISTS ({at_work})", "a service was started meanwhile: stop it and restore again")


def _unless(holds: str, complaint: str) -> str:
    """Complain where something does not hold, which ends the transaction."""
    return f"DO $$ BEGIN IF NOT ({holds}) THEN RAISE EXCEPTION '{complaint}'; END IF; END $$;"
