"""Faults that a test puts into a service's database, and removes again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from tests.support.stack.running import RunningStack

FOR_EVER = 1_000_000


@asynccontextmanager
async def a_fault(stack: RunningStack, *, service: str, message_id: str, times: int = FOR_EVER) -> AsyncIterator[None]:
    """While the block runs, keeping a message in the service's inbox fails so many times, then works."""
    connection = await asyncpg.connect(stack.target.database_url)
    try:
        await connection.execute(_fault(service, message_id, times))
        yield
    finally:
        await connection.execute(f"DROP FUNCTION {service}.fail() CASCADE; DROP SEQUENCE {service}.failures")
        await connection.close()


@asynccontextmanager
async def locked_room(stack: RunningStack, room_id: str) -> AsyncIterator[None]:
    """Hold the row that membership locks before it changes anything in a room."""
    connection = await asyncpg.connect(stack.target.database_url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT FROM membership.room WHERE room_id = $1 FOR UPDATE", room_id)
            yield
    finally:
        await connection.close()


@asynccontextmanager
async def locked_table(stack: RunningStack, table: str) -> AsyncIterator[None]:
    """Let nobody read or write a table, given with its schema, while the block runs."""
    connection = await asyncpg.connect(stack.target.database_url)
    try:
        async with connection.transaction():
            await connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            yield
    finally:
        await connection.close()


def _fault(service: str, message_id: str, times: int) -> str:
    """A sequence counts: it is not rolled back with the transaction that failed."""
    return f"""
        CREATE SEQUENCE {service}.failures;
        CREATE FUNCTION {service}.fail() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
        BEGIN
            IF nextval('{service}.failures') <= {times} THEN
                RAISE EXCEPTION 'a fault that the test made';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER fault BEFORE INSERT ON {service}.inbox
            FOR EACH ROW WHEN (NEW.id = '{message_id}') EXECUTE FUNCTION {service}.fail();
    """
