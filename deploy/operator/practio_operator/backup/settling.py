"""The SQL around a restored backup: the right database, in place of the old schema, and valid today."""

from collections.abc import Sequence

from practio_operator.provisioning.target import owner_role, work_role

LOCK = 7_267_846
"""The advisory lock of a restore; the number is arbitrary, and nothing else uses it."""

_LOCK_SECONDS = 10

_NUMBERED = """
DELETE FROM {schema}.numbering;
INSERT INTO {schema}.numbering SELECT floor(extract(epoch FROM clock_timestamp()) * 1000000);
"""
"""Future events have sequences above all that were published after the backup."""

_LETTERS_NOT_KNOWN = """
UPDATE notifications.letter SET status = 'unknown', due_at = NULL, reason = 'restored'
WHERE due_at <= clock_timestamp();
"""
"""Letters that were due have probably been sent since the backup: an operator decides whether to send them again."""

_REMINDERS_DONE = "UPDATE notifications.session SET remind_at = NULL WHERE remind_at <= clock_timestamp();\n"


def begun(session: int) -> str:
    """Begin, if ``session`` holds the lock: on another server, to which --inside may have led, it does not."""
    held = (
        f"SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = {LOCK} AND pid = {session} "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    wrong = "this is not the database that PRACTIO_DATABASE_URL names: --inside takes the container of that one"
    return f"SET client_min_messages = warning;\nBEGIN;\n{_unless(f'EXISTS ({held})', wrong)}"


def emptied(schema: str) -> str:
    """Drop a schema. Other sessions at work in it, such as psql, are waited for at most 10 seconds."""
    return f"SET LOCAL lock_timeout = '{_LOCK_SECONDS}s';\nDROP SCHEMA IF EXISTS {schema} CASCADE;"


def settled(schema: str) -> str:
    """Number events above all that were published after the backup, and send no letter that may have been sent."""
    numbered = _NUMBERED.format(schema=schema)
    return numbered + _LETTERS_NOT_KNOWN + _REMINDERS_DONE if schema == "notifications" else numbered


def agreed(schemas: Sequence[str]) -> str:
    """Fail if a service has started meanwhile: it would continue with the old sequences."""
    roles = ", ".join(f"'{role}'" for schema in schemas for role in (owner_role(schema), work_role(schema)))
    at_work = f"SELECT FROM pg_stat_activity WHERE usename IN ({roles}) AND datname = current_database()"
    return _unless(f"NOT EXISTS ({at_work})", "a service was started meanwhile: stop it and restore again")


def _unless(holds: str, complaint: str) -> str:
    """Fail, and so end the transaction, if a condition does not hold."""
    return f"DO $$ BEGIN IF NOT ({holds}) THEN RAISE EXCEPTION '{complaint}'; END IF; END $$;"
