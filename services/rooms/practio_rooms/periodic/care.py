"""The looks after published rooms: it is found at which rooms it is time to look whether they are quiet."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from practio_chassis.handling.periodic import Periodic, leads
from practio_chassis.service import Running
from practio_contracts.rooms import LookAfterRoom
from practio_rooms.store.care import rooms_to_look_at

EVERY_SECONDS = 30.0
"""How often the rooms are found."""

CHUNK = 200
"""How many rooms one look takes up."""

_LOST_AFTER = timedelta(minutes=10)


async def look_after_once(running: Running, *, chunk: int = CHUNK) -> Sequence[UUID]:
    """Have the rooms looked at for which it is time, at most a ``chunk``; return them.

    While one copy of the service looks, the others find nothing.
    """
    async with running.transaction() as context:
        if not await leads(context, "rooms care"):
            return []
        again_at = context.now + _LOST_AFTER
        rooms = await rooms_to_look_at(context.session, context.now, most=chunk, again_at=again_at)
        for room_id in rooms:
            context.send_internal(LookAfterRoom(room_id=room_id), subject=room_id)
    return rooms


async def _look_after(running: Running) -> bool:
    await look_after_once(running)
    return False


CARE = Periodic(name="looks", every=EVERY_SECONDS, once=_look_after)
