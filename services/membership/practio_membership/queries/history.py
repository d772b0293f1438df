"""The history of a person's membership, from a table that nobody can alter."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field, TypeAdapter
from sqlalchemy import Integer, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import ReceivedMessage
from practio_chassis.handling.paging import fitting, read_cursor, write_cursor
from practio_contracts.answers import Refusal
from practio_contracts.membership import Change, GetHistory, History, Status
from practio_membership.queries.access import room_visible_to
from practio_membership.tables import HistoryRow

_PLACES = TypeAdapter(tuple[Annotated[int, Field(ge=0, lt=2**63)]])
"""The id of a page's last change."""

_ABOUT = HistoryRow.room_id == bindparam("room"), HistoryRow.person_id == bindparam("person")
_CHANGES = (
    select(HistoryRow)
    .where(*_ABOUT, HistoryRow.id > bindparam("last"))
    .order_by(HistoryRow.id)
    .limit(bindparam("most", type_=Integer))
)


async def get_history(query: ReceivedMessage[GetHistory], session: AsyncSession, now: datetime) -> History | Refusal:
    """Return a page of a person's changes in a room, oldest first, to the person and to the room's offices."""
    asked = query.message
    place = read_cursor(asked.after, _PLACES)
    if isinstance(place, Refusal):
        return place
    [last] = place or [0]
    state = await room_visible_to(session, asked.room_id, query.actor, now, person_id=asked.person_id)
    if isinstance(state, Refusal):
        return state
    about = {"room": asked.room_id, "person": asked.person_id, "last": last, "most": asked.limit + 1}
    rows = await session.scalars(_CHANGES, about)
    return _page(rows.all(), limit=asked.limit)


def _page(rows: Sequence[HistoryRow], *, limit: int) -> History:
    """Return as many rows as an answer holds; ``rows`` may be one more than ``limit``, to show if there are more."""
    changes = list(fitting(_change(row) for row in rows[:limit]))
    after = write_cursor(rows[len(changes) - 1].id) if len(changes) < len(rows) else None
    return History(changes=changes, after=after)


def _change(row: HistoryRow) -> Change:
    return Change.model_validate(
        {
            "at": row.at,
            "by": row.by,
            "account": row.account,
            "from": row.from_status and Status(row.from_status),
            "to": Status(row.to_status),
            "fact": row.fact,
            "reason": row.reason,
            "message_id": row.message_id,
        }
    )
