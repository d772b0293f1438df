"""Letters with a link that somebody asked for by an address."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from practio_contracts.notifications import LetterStatus
from practio_notifications.letters.kinds import LINK
from practio_notifications.letters.links import MOST_PEOPLE, PAUSE, LinkRequest, link_letter_id
from practio_notifications.tables import ContactRow, LetterRow, SuppressionRow


async def queue_links(
    session: AsyncSession, email: str, *, room_id: UUID | None, event_id: UUID, now: datetime, **cause: str | None
) -> None:
    """Queue a letter to each person with this address (by its key), except those who got one a short while ago.

    Nobody has a suppressed address. ``room_id`` is the room to which the link leads. ``cause`` has the letters'
    ``correlation_id`` and ``traceparent``.
    """
    same = {"event_id": event_id, "room_id": room_id, "created_at": now, "due_at": now} | cause
    rows = [
        _row(person_id, last_at) | same
        for person_id, last_at in await _people(session, email)
        if last_at is None or last_at <= now - PAUSE
    ]
    if rows:
        await session.execute(insert(LetterRow).values(rows).on_conflict_do_nothing())


async def _people(session: AsyncSession, email: str) -> list[tuple[UUID, datetime | None]]:
    """Return the people with this address, and when a link was last sent to each."""
    last_at = (
        select(func.max(LetterRow.created_at))
        .where(LetterRow.person_id == ContactRow.person_id, LetterRow.kind == LINK.name)
        .scalar_subquery()
    )
    found = (
        select(ContactRow.person_id, last_at)
        .where(func.lower(ContactRow.email) == email, ~exists().where(SuppressionRow.email == email))
        .order_by(ContactRow.person_id)
        .limit(MOST_PEOPLE)
    )
    return [(person_id, at) for person_id, at in await session.execute(found)]


def _row(person_id: UUID, last_at: datetime | None) -> dict[str, object]:
    return {
        "letter_id": link_letter_id(person_id, last_at),
        "kind": LINK.name,
        "person_id": person_id,
        "member_id": person_id,
        "cause_data": LinkRequest(person_id=person_id).model_dump(mode="json"),
        "status": LetterStatus.QUEUED,
        "tries": 0,
        "interrupted": False,
    }
