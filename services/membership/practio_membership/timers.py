"""The sweep: every few minutes, rooms with free seats and people in line are looked at once more.

A path that forgot to fill a seat may cost minutes, never the seat (membership.md, Arithmetic).
"""

import asyncio

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from practio_chassis.service import Running
from practio_chassis.telemetry.log import failure, logger
from practio_contracts.membership import FillSeats
from practio_membership.tables import RoomRow

EVERY_SECONDS = 300.0
"""How often the sweep looks."""

_log = logger(__name__)


async def sweep(running: Running) -> None:
    """Look for seats that nobody was given, until cancelled; a database that is away is asked again later."""
    while True:
        try:
            await look_once(running)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            _log.warning("free seats are not looked for yet", **failure(error))
        await asyncio.sleep(EVERY_SECONDS)


async def look_once(running: Running) -> int:
    """Send a command to fill every room that has a free seat and people waiting; return how many rooms."""
    has_seat = RoomRow.taken + RoomRow.held < RoomRow.capacity
    async with running.transaction() as context:
        room_ids = (await context.session.scalars(select(RoomRow.room_id).where(RoomRow.waiting > 0, has_seat))).all()
        for room_id in room_ids:
            context.send_internal(FillSeats(room_id=room_id), subject=room_id)
    return len(room_ids)
