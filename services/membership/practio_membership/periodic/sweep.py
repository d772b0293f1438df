"""The sweep: every few minutes, what a lost command would have done is found, and its command is sent again.

A path that forgot to fill a seat, or a timer whose command was lost, may cost minutes, never the seat.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from practio_chassis.context import MessageContext
from practio_chassis.handling.periodic import Periodic, leads
from practio_chassis.service import Running
from practio_chassis.telemetry.log import logger
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import (
    EndMemberships,
    FillSeats,
    GiveUpPlace,
    LapseInvitation,
    LapseOffer,
    LapseRequest,
    Status,
)
from practio_membership.store import sweep as store

EVERY_SECONDS = 300.0
"""How often the sweep looks."""

CHUNK = 200
"""How many of each kind one look takes up: people's commands come between."""

OF_ROOM = 50
"""How many of each kind one look takes up in one room, those that have waited longest first."""

_NO_ROOM = UUID(int=0)

Healing = LapseOffer | LapseInvitation | LapseRequest | GiveUpPlace | FillSeats | EndMemberships

Find = Callable[..., Awaitable[Sequence[Any]]]

_log = logger(__name__)


class Rounds:
    """Where the looks for each kind have come to, so that a room that cannot be healed keeps no other from it."""

    def __init__(self) -> None:
        self._last: dict[str, UUID] = {}

    async def next(self, kind: str, find: Find, *, chunk: int) -> Sequence[Any]:
        """Return what is found in the rooms after those that the last look ended with; after the last, begin again."""
        found = await find(after=self._last.pop(kind, _NO_ROOM), most=chunk)
        if len(found) == chunk:
            self._last[kind] = found[-1].room_id
        return found


async def sweep_once(
    running: Running, *, rounds: Rounds | None = None, chunk: int = CHUNK, of_room: int = OF_ROOM
) -> int:
    """Send the commands that heal what was lost, at most ``chunk`` of each kind; return how many.

    While one copy of the service looks, the others find nothing.
    """
    async with running.transaction() as context:
        if not await leads(context, "membership sweep"):
            return 0
        commands = [command async for command in _healing(context, rounds or Rounds(), chunk, of_room)]
        for command in commands:
            context.send_internal(command, subject=command.room_id)
    if commands:
        _log.info("something was lost: its commands are sent again", commands=len(commands))
    return len(commands)


async def _healing(context: MessageContext[Any], rounds: Rounds, chunk: int, of_room: int) -> AsyncIterator[Healing]:
    """Yield the commands; one for all overdue offers of a room, which fills its seats as well."""

    async def found_by(find: Find, *about: Status, **bounds: int) -> Sequence[Any]:
        kind = " ".join([find.__name__, *about])
        return await rounds.next(kind, partial(find, context.session, *about, **bounds), chunk=chunk)

    offers = await found_by(store.overdue, Status.OFFERED, of_room=1)
    for row in offers:
        yield LapseOffer(**row._asdict())
    for row in await found_by(store.overdue, Status.INVITED, of_room=of_room):
        yield LapseInvitation(**row._asdict())
    for row in await found_by(store.overdue, Status.REQUESTED, of_room=of_room):
        yield LapseRequest(**row._asdict())
    for row in await found_by(store.places_to_give_up, of_room=of_room):
        yield GiveUpPlace(**row._asdict())
    for row in await found_by(store.rooms_to_end):
        yield EndMemberships(room_id=row.room_id, by=row.by or SYSTEM, reason=row.reason)
    lapsed = {row.room_id for row in offers}
    for row in await found_by(store.rooms_to_fill):
        if row.room_id not in lapsed:
            yield FillSeats(room_id=row.room_id)


def _sweep() -> Periodic:
    rounds = Rounds()

    async def once(running: Running) -> bool:
        await sweep_once(running, rounds=rounds)
        return False

    return Periodic(name="sweep", every=EVERY_SECONDS, once=once)


SWEEP = _sweep()
