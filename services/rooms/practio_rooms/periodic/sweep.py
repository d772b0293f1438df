"""The sweep: every few minutes, what a lost command has left undone is found: nobody else would take it up."""

from collections.abc import Sequence
from uuid import UUID

from practio_chassis.handling.periodic import Periodic, leads
from practio_chassis.service import Running
from practio_chassis.telemetry.log import logger
from practio_contracts.rooms import FollowSponsor, WatchSessions
from practio_rooms.store.care import adopt_missed
from practio_rooms.store.sweep import lost_commands, rooms_to_watch

EVERY_SECONDS = 300.0
"""How often the sweep looks."""

CHUNK = 200
"""How many rooms one look takes up."""

_log = logger(__name__)


async def sweep_once(running: Running, *, chunk: int = CHUNK) -> Sequence[UUID]:
    """Watch the rooms whose sessions are over, or cannot run, and nobody was notified; return them.

    Published rooms that nobody looks after are looked after, and other lost commands are sent again. While one copy of
    the service looks, the others find nothing.
    """
    async with running.transaction() as context:
        if not await leads(context, "rooms sweep"):
            return []
        rooms = await rooms_to_watch(context.session, most=chunk)
        for room_id in rooms:
            context.send_internal(WatchSessions(room_id=room_id), subject=room_id)
        adopted = await adopt_missed(context.session, context.now, most=chunk)
        lost = await lost_commands(context.session, most=chunk)
        for command in lost:
            subject = command.sponsor_id if isinstance(command, FollowSponsor) else command.room_id
            context.send_internal(command, subject=subject)
    if rooms:
        _log.info("sessions were not watched: their commands are sent again", rooms=len(rooms))
    if adopted:
        _log.info("published rooms were not looked after: they are now", rooms=adopted)
    if lost:
        _log.info("commands were lost: they are sent again", commands=len(lost))
    return rooms


async def _sweep(running: Running) -> bool:
    await sweep_once(running)
    return False


SWEEP = Periodic(name="sweep", every=EVERY_SECONDS, once=_sweep)
