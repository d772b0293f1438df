"""Certificates keep up: attendance that is final is summed up in them, before its session is forgotten."""

from practio_chassis.handling.periodic import Periodic, leads
from practio_chassis.handling.retention import CHUNK
from practio_chassis.service import Running
from practio_rooms.domain.attending import RECORDED_UNTIL
from practio_rooms.domain.certificates import counted_after
from practio_rooms.store.certificates import count_attendance
from practio_rooms.store.erasures import hold_back_erasures

EVERY_SECONDS = 300.0
"""How often attendance is looked for that is not counted yet."""


async def count_once(running: Running, *, chunk: int = CHUNK) -> int:
    """Sum up a chunk of attendance, while nobody is erased; return how many rows. One copy of the service does it."""
    async with running.transaction() as context:
        if not await leads(context, "rooms certificates"):
            return 0
        await hold_back_erasures(context.session)
        after = counted_after(running.settings.sessions_kept_days, recorded_until=RECORDED_UNTIL)
        return await count_attendance(context.session, ended_before=context.now - after, most=chunk)


async def _count(running: Running) -> bool:
    return await count_once(running) == CHUNK


CERTIFICATES = Periodic(name="certificates", every=EVERY_SECONDS, once=_count)
