"""The loop that fixes months: two days after a month is over, once for all rooms, for reports over many of them."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from practio_chassis.context import MessageContext
from practio_chassis.handling.periodic import Periodic, leads
from practio_chassis.service import Running
from practio_chassis.telemetry.log import logger
from practio_contracts.rooms import SponsorReported
from practio_rooms.domain.lots import fix_room, fix_sponsor, month_after, month_before
from practio_rooms.store import lots as stored
from practio_rooms.store import months
from practio_rooms.store.erasures import hold_back_erasures

EVERY_SECONDS = 900.0
DELAY = timedelta(days=2)
"""How long after its end a month is fixed: so long, attendance may be recorded, and events may be late."""

MOST_BACK = 24
"""How many months are fixed at first, of what happened before this release."""

CHUNK = 200
"""How many rooms are fixed in one transaction."""

_FIRST = UUID(int=0)
_log = logger(__name__)


async def fix_once(running: Running, *, chunk: int = CHUNK) -> date | None:
    """Fix the next month that is due, in all rooms; return it, or None if none is or another copy is at it.

    Nobody is erased meanwhile: what is read of a person is written again. The month of a room that this release cannot
    read is not fixed: all others go on without it.
    """
    after: UUID | None = _FIRST
    month: date | None = None
    while after:
        async with running.transaction() as context:
            if not await leads(context, "rooms months"):
                return None
            await hold_back_erasures(context.session)
            month = await _due(context)
            if month is None:
                return None
            after = await _fix_chunk(context, month, after, chunk)
    async with running.transaction() as context:
        if month is None or not await leads(context, "rooms months"):
            return None
        await hold_back_erasures(context.session)
        if await _due(context) != month:
            return None
        unread: set[UUID] = set()
        if await _is_any_left(context, month, chunk, unread):
            return None
        await _fix_sponsors(context, month)
        await months.finish(context.session, month, context.now, unread=unread)
        if month_after(month) == context.now.date().replace(day=1):
            await _publish(context, month)
    _log.info("a month is fixed", month=str(month))
    return month


async def _publish(context: MessageContext[Any], month: date) -> None:
    """Publish what the last month gave each sponsor, for the letter to its delegates."""
    for sponsor_id, numbers in sorted((await months.reports_of_sponsors(context.session, month)).items()):
        event = SponsorReported(sponsor_id=sponsor_id, month=f"{month:%Y-%m}", numbers=numbers)
        context.publish(event, subject=sponsor_id, internal_only=True, correlationid=str(sponsor_id))


async def _due(context: MessageContext[Any]) -> date | None:
    last = await months.last_fixed(context.session)
    month = month_after(last) if last else await _first(context)
    if month is None or datetime.combine(month_after(month), time(), UTC) + DELAY > context.now:
        return None
    return month


async def _first(context: MessageContext[Any]) -> date | None:
    published = await months.first_published(context.session)
    earliest = context.now.date().replace(day=1)
    for _ in range(MOST_BACK):
        earliest = month_before(earliest)
    return published and max(earliest, published.date().replace(day=1))


async def _fix_chunk(context: MessageContext[Any], month: date, after: UUID, most: int) -> UUID | None:
    """Fix a month for the next rooms; return the last of them, or None if there are no more."""
    rooms, last = await months.rooms_to_fix(context.session, month, after=after, most=most, unread=set())
    if not rooms:
        return last
    found = await months.months_of(context.session, rooms, month)
    loaded = await stored.load_lots_of_rooms(context.session, list(rooms))
    fixed = {
        room_id: fix_room(each.happened, loaded.open[room_id], loaded.waiting[room_id], month)
        for room_id, each in found.items()
    }
    await months.save_months(context.session, found, month)
    await stored.save_lots(context.session, [lot for each in fixed.values() for lot in each.lots])
    await stored.save_waiting(context.session, list(rooms), [each.waiting for each in fixed.values()], month)
    return last


async def _is_any_left(context: MessageContext[Any], month: date, most: int, unread: set[UUID]) -> bool:
    """Return whether a month is to be fixed for a room yet; rooms that cannot be read join ``unread``."""
    after: UUID | None = _FIRST
    while after:
        rooms, after = await months.rooms_to_fix(context.session, month, after=after, most=most, unread=unread)
        if rooms:
            return True
    return False


async def _fix_sponsors(context: MessageContext[Any], month: date) -> None:
    loaded = await stored.load_lots_of_sponsors(context.session, month)
    here = await months.here_of_sponsors(context.session, month)
    for sponsor_id in sorted(loaded.open.keys() | loaded.waiting.keys()):
        waiting = loaded.waiting[sponsor_id]
        fixed = fix_sponsor(sponsor_id, loaded.open[sponsor_id], here, waiting, month)
        await stored.save_lots(context.session, fixed.lots)
        for kind in waiting.keys() - fixed.waiting.keys():
            await stored.stop_waiting(context.session, kind, waiting[kind])


async def _fix(running: Running) -> bool:
    return await fix_once(running) is not None


MONTHS = Periodic(name="months", every=EVERY_SECONDS, once=_fix)
