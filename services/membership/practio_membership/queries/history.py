"""What happened to a person's way into a room, from the table that nobody can alter."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.heard import Heard
from practio_contracts.answers import Refusal
from practio_contracts.membership import Change, GetHistory, History, Status
from practio_membership.queries.seen import room_seen
from practio_membership.tables import HistoryRow


async def get_history(question: Heard[GetHistory], session: AsyncSession, now: datetime) -> History | Refusal:
    """Tell all changes of a person in a room, oldest first, to the person and to the room's offices."""
    asked = question.message
    state = await room_seen(session, asked.room_id, question.actor, now, person_id=asked.person_id)
    if isinstance(state, Refusal):
        return state
    about = HistoryRow.room_id == asked.room_id, HistoryRow.person_id == asked.person_id
    rows = await session.scalars(select(HistoryRow).where(*about).order_by(HistoryRow.id))
    return History(changes=[_change(row) for row in rows])


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
