"""The sweep: every few minutes, what a lost command would have done is found, and its command is sent again.

A path that forgot to fill a seat, or a timer whose command was lost, may cost minutes, never the seat.
"""

from collections.abc import AsyncIterator
from typing import Any

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

LOT = 200
"""How many of each kind one look takes up, those that have waited longest first: people's commands come between."""

Healing = LapseOffer | LapseInvitation | LapseRequest | GiveUpPlace | FillSeats | EndMemberships

_log = logger(__name__)


async def look_once(running: Running, *, lot: int = LOT) -> int:
    """Send the commands that heal what was lost, at most ``lot`` of each kind; return how many.

    While one copy of the service looks, the others find nothing.
    """
    async with running.transaction() as context:
        if not await leads(context, "membership sweep"):
            return 0
        commands = [command async for command in _healing(context, lot)]
        for command in commands:
            context.send_internal(command, subject=command.room_id)
    if commands:
        _log.info("something was lost: its commands are sent again", commands=len(commands))
    return len(commands)


async def _healing(context: MessageContext[Any], lot: int) -> AsyncIterator[Healing]:
    """Yield the commands; one for all overdue offers of a room, which fills its seats as well."""
    offers = {row.room_id: row for row in await store.overdue(context.session, Status.OFFERED, most=lot)}
    for row in offers.values():
        yield LapseOffer(**row._asdict())
    for row in await store.overdue(context.session, Status.INVITED, most=lot):
        yield LapseInvitation(**row._asdict())
    for row in await store.overdue(context.session, Status.REQUESTED, most=lot):
        yield LapseRequest(**row._asdict())
    for place in await store.places_to_give_up(context.session, most=lot):
        yield GiveUpPlace(**place._asdict())
    for row in await store.rooms_to_end(context.session, most=lot):
        yield EndMemberships(room_id=row.room_id, by=row.by or SYSTEM, reason=row.reason)
    for room_id in await store.rooms_to_fill(context.session, most=lot):
        if room_id not in offers:
            yield FillSeats(room_id=room_id)


async def _sweep(running: Running) -> bool:
    await look_once(running)
    return False


SWEEP = Periodic(name="sweep", every=EVERY_SECONDS, once=_sweep)
