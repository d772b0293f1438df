"""What the sweep looks for: the views that `practio invariants` reads too."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import DateTime, Text, Uuid, column, func, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from practio_contracts.rooms import FollowSponsor, PassSession, TopUpSeries

_TO_WATCH = table("session_to_watch", column("room_id", Uuid), column("due_at", DateTime(timezone=True)))
_TO_REPEAT = table(
    "command_to_repeat",
    column("purpose", Text),
    *(column(name, Uuid) for name in ("room_id", "series_id", "sponsor_id")),
    column("due_at", DateTime(timezone=True)),
)


async def rooms_to_watch(session: AsyncSession, *, most: int) -> Sequence[UUID]:
    """Return rooms with a session that is over, or is to be checked, and was not; those that wait longest first."""
    rooms = select(_TO_WATCH.c.room_id).group_by(_TO_WATCH.c.room_id)
    longest_first = rooms.order_by(func.min(_TO_WATCH.c.due_at), _TO_WATCH.c.room_id)
    return (await session.scalars(longest_first.limit(most))).all()


async def lost_commands(session: AsyncSession, *, most: int) -> Sequence[TopUpSeries | PassSession | FollowSponsor]:
    """Return commands of the service itself that were lost, those that are due longest first."""
    rows = await session.execute(select(_TO_REPEAT).order_by(_TO_REPEAT.c.due_at).limit(most))
    found: list[TopUpSeries | PassSession | FollowSponsor] = []
    for row in rows:
        match row.purpose:
            case "top-up":
                found.append(TopUpSeries(room_id=row.room_id, series_id=row.series_id))
            case "next-session":
                found.append(PassSession(room_id=row.room_id))
            case "sponsor":
                found.append(FollowSponsor(sponsor_id=row.sponsor_id))
    return found
