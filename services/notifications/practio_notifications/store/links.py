"""Letters with a link that somebody asked for by an address."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from practio_contracts.notifications import LetterStatus
from practio_notifications.letters.kinds import INTRODUCE, LINK, LetterKind
from practio_notifications.letters.links import MOST_PEOPLE, Asking, LinkCause, link_letter_id
from practio_notifications.tables import ContactRow, LetterRow, SuppressionRow


async def asking_with(session: AsyncSession, email: str) -> list[Asking]:
    """Return the people with this address (by its key); nobody has a suppressed address."""
    last_at = (
        select(func.max(LetterRow.created_at))
        .where(LetterRow.person_id == ContactRow.person_id, LetterRow.kind.in_((LINK.name, INTRODUCE.name)))
        .scalar_subquery()
    )
    found = (
        select(ContactRow.person_id, ContactRow.registered, ContactRow.asked_at.is_not(None), last_at)
        .where(func.lower(ContactRow.email) == email, ~exists().where(SuppressionRow.email == email))
        .order_by(ContactRow.person_id)
        .limit(MOST_PEOPLE)
    )
    return [Asking(*row) for row in await session.execute(found)]


async def queue_links(
    session: AsyncSession,
    kind: LetterKind,
    people: Sequence[Asking],
    *,
    room_id: UUID | None,
    event_id: UUID,
    now: datetime,
    **cause: str | None,
) -> None:
    """Queue a letter of ``kind`` with a link to each of ``people``; two simultaneous requests lead to one letter.

    ``room_id`` is the room to which the link leads. ``cause`` has the letters' ``correlation_id`` and ``traceparent``.
    """
    same = {"event_id": event_id, "room_id": room_id, "created_at": now, "due_at": now} | cause
    rows = [_row(kind, each) | same for each in people]
    if rows:
        await session.execute(insert(LetterRow).values(rows).on_conflict_do_nothing())


def _row(kind: LetterKind, asking: Asking) -> dict[str, object]:
    return {
        "letter_id": link_letter_id(asking.person_id, asking.last_at),
        "kind": kind.name,
        "person_id": asking.person_id,
        "member_id": asking.person_id,
        "cause_data": LinkCause(person_id=asking.person_id).model_dump(mode="json"),
        "status": LetterStatus.QUEUED,
        "tries": 0,
        "interrupted": False,
    }
