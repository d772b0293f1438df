"""Backups and restores of a stack, as an operator does them, and its state before and after."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from tests.support.clients.actions import APPROVE, OpenRoom, accepted, asks, does, roster
from tests.support.clients.operator import practio
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.stack.containers import Container
from tests.support.stack.running import RunningStack

from practio_operator.provisioning.database import administering

QUIET_SECONDS = 30.0

ON_THEIR_WAY = """
SELECT count(*) FROM notifications.letter
 WHERE status = 'sending' OR status IN ('queued', 'retrying') AND due_at <= now()
"""


async def backs_up(stack: RunningStack, folder: str, *, exits: int = 0) -> None:
    """Make a backup; fail if that does not exit with ``exits``."""
    await practio(stack, "backup", folder, *inside(stack), exits=exits)


async def restores(stack: RunningStack, folder: str, *options: str, exits: int = 0) -> None:
    """Restore a backup with ``options``; fail if that does not exit with ``exits``."""
    await practio(stack, "restore", folder, *options, *inside(stack), exits=exits)


def inside(stack: RunningStack) -> list[str]:
    """Return the options that use PostgreSQL's programs in the database's container, if there is one: they fit."""
    lifecycle = stack.servers.database.lifecycle
    return ["--inside", str(lifecycle.container.get_wrapped_container().id)] if isinstance(lifecycle, Container) else []


async def joins(outside: OutsideSystem, room: OpenRoom, person: str) -> None:
    """Let a person ask and the host approve, until their letter has left."""
    await accepted(asks(outside, room, person))
    state = await does(outside, APPROVE, room, person, actor=room.host)
    assert state["status"] == "joined"
    await outside.receives("notifications.letter-sent.v1", person_id=person, kind="joined")


async def seated(outside: OutsideSystem, room: OpenRoom) -> set[str]:
    """Return the people who have a seat in a room."""
    entries = (await roster(outside, room))["entries"]
    return {each["membership"]["person_id"] for each in entries if each["membership"]["status"] == "joined"}


async def letters_at_rest(stack: RunningStack) -> Counter[str]:
    """Return the letters that arrived, by address and kind, once no letter is due any more; later ones do not count."""

    async def none_is() -> bool:
        async with administering(stack.target) as connection:
            return not await connection.fetchval(ON_THEIR_WAY)

    await eventually(none_is, within=QUIET_SECONDS, message="no letter is on its way")
    return Counter(f"{letter.kind} to {letter.to}" for letter in stack.mailbox.letters)


async def ran(stack: RunningStack, statement: str, person: str) -> None:
    """Change a person's letters behind the service's back."""
    async with administering(stack.target) as connection:
        await connection.execute(statement, UUID(person))


@asynccontextmanager
async def stopped(stack: RunningStack, *services: str) -> AsyncIterator[None]:
    """Have services stopped, and started again."""
    for each in services:
        stack.services[each].process.stop()
    try:
        yield
    finally:
        for each in services:
            await stack.services[each].start()
