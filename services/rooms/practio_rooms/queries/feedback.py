"""The released feedback on sessions."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import ReceivedMessage
from practio_chassis.database.sql import one_of
from practio_contracts.answers import Refusal
from practio_contracts.rooms import FeedbackNumbers, FeedbackResult, GetFeedback
from practio_rooms.domain.feedback import SESSION_UNKNOWN, numbers, sorted_comments
from practio_rooms.queries.office_access import room_for_offices
from practio_rooms.tables import FeedbackCommentRow, FeedbackNumberRow, SessionRow

COMMENT_BYTES = 200 * 1024
"""The most bytes of comments: an answer is a message of at most 256 KiB."""


async def get_feedback(
    query: ReceivedMessage[GetFeedback], session: AsyncSession, now: datetime
) -> FeedbackResult | Refusal:
    """Return the released feedback on a session, or on the whole room, to its offices and the system."""
    message = query.message
    room = await room_for_offices(session, message.room_id, query.actor)
    if isinstance(room, Refusal):
        return room
    if message.session_id and not await _has_session(session, message.room_id, message.session_id):
        return SESSION_UNKNOWN
    sessions = None if message.session_id is None else [message.session_id]
    released = await released_numbers(session, message.room_id, sessions)
    comments = sorted_comments(await _comments(session, message.room_id, message.session_id))
    fitting = _fitting(comments)
    return FeedbackResult(
        room_id=message.room_id,
        session_id=message.session_id,
        comments=fitting,
        comments_left_out=len(comments) - len(fitting),
        **released.model_dump(),
    )


async def released_numbers(session: AsyncSession, room_id: UUID, sessions: Sequence[UUID] | None) -> FeedbackNumbers:
    """Return the released ratings of ``sessions``; None: of all, and those released for the room as a whole."""
    query = select(FeedbackNumberRow.useful, func.count()).where(FeedbackNumberRow.room_id == room_id)
    if sessions is not None:
        query = query.where(one_of(FeedbackNumberRow.session_id, sessions))
    found = await session.execute(query.group_by(FeedbackNumberRow.useful))
    return numbers({row[0]: row[1] for row in found})


async def _has_session(session: AsyncSession, room_id: UUID, session_id: UUID) -> bool:
    key = (SessionRow.room_id == room_id, SessionRow.session_id == session_id)
    return await session.scalar(select(SessionRow.session_id).where(*key)) is not None


async def _comments(session: AsyncSession, room_id: UUID, session_id: UUID | None) -> Iterable[str]:
    query = select(FeedbackCommentRow.comment).where(FeedbackCommentRow.room_id == room_id)
    if session_id:
        query = query.where(FeedbackCommentRow.session_id == session_id)
    return await session.scalars(query)


def _fitting(comments: Sequence[str]) -> list[str]:
    size, fitting = 0, []
    for comment in comments:
        size += len(comment.encode()) + 3
        if size > COMMENT_BYTES:
            break
        fitting.append(comment)
    return fitting
