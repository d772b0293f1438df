"""The SQL before and after a restored dump: the right database, an empty schema, and data that are valid today."""

from collections.abc import Sequence

from practio_operator.provisioning.target import owner_role, work_role

LOCK = 7_267_846
"""The advisory lock of a restore; the number is arbitrary, and nothing else uses it."""

_LOCK_SECONDS = 10

_RENUMBER = """
DELETE FROM {schema}.numbering;
INSERT INTO {schema}.numbering SELECT floor(extract(epoch FROM clock_timestamp()) * 1000000);
"""
"""The next events get higher sequences than all that were published after the backup."""

_MARK_LETTERS_UNKNOWN = """
UPDATE notifications.letter SET status = 'unknown', due_at = NULL, reason = 'restored'
WHERE due_at <= clock_timestamp();
"""
"""Letters that were due have probably been sent since the backup: an operator decides whether to resend them."""

_ANALYSE = """
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = '{schema}' LOOP
        EXECUTE format('ANALYZE %I.%I', '{schema}', name);
    END LOOP;
END $$;
"""
"""Without statistics PostgreSQL may read big tables as a whole, for the minutes until autovacuum has come by."""

_CLEAR_REMINDERS = "UPDATE notifications.session SET remind_at = NULL WHERE remind_at <= clock_timestamp();\n"


def begin_transaction(session: int) -> str:
    """Begin the transaction, if ``session`` holds the lock; on another server, which --inside may name, it does not."""
    held = (
        f"SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = {LOCK} AND pid = {session} "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    wrong = "this is not the database that PRACTIO_DATABASE_URL names: give --inside the container of that database"
    return f"SET client_min_messages = warning;\nBEGIN;\n{_assert_sql(f'EXISTS ({held})', wrong)}"


def drop_schema(schema: str) -> str:
    """Drop a schema; wait at most 10 seconds for other sessions that use it, such as psql."""
    return f"SET LOCAL lock_timeout = '{_LOCK_SECONDS}s';\nDROP SCHEMA IF EXISTS {schema} CASCADE;"


def bring_up_to_date(schema: str) -> str:
    """Raise the sequences of future events, hold back letters that may have been sent, and analyse the tables."""
    held_back = _MARK_LETTERS_UNKNOWN + _CLEAR_REMINDERS if schema == "notifications" else ""
    return _RENUMBER.format(schema=schema) + held_back + _ANALYSE.format(schema=schema)


def refuse_started_services(schemas: Sequence[str]) -> str:
    """Fail if a service was started in the meantime: it would continue with the old sequences."""
    roles = ", ".join(f"'{role}'" for schema in schemas for role in (owner_role(schema), work_role(schema)))
    at_work = f"SELECT FROM pg_stat_activity WHERE usename IN ({roles}) AND datname = current_database()"
    return _assert_sql(f"NOT EXISTS ({at_work})", "a service was started in the meantime: stop it and restore again")


def _assert_sql(condition: str, error: str) -> str:
    """Fail if a condition does not hold; this ends the transaction."""
    return f"DO $$ BEGIN IF NOT ({condition}) THEN RAISE EXCEPTION '{error}'; END IF; END $$;"
