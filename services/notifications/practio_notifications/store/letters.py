"""The letters: found, listed, looked at again."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, exists, literal_column, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.sql import one_of
from practio_contracts.notifications import About, Letter, LetterStatus
from practio_notifications.letters.kinds import DIGEST_NAMES, KIND
from practio_notifications.tables import ContactRow, LetterRow


async def letter_with(session: AsyncSession, letter_id: UUID, *, lock: bool = False) -> LetterRow | None:
    """Return the letter with this id, locked if asked; None if there is none."""
    return await session.get(LetterRow, letter_id, with_for_update=lock or None)


async def letters_among(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    """Return those of ``ids`` that are letters."""
    return set(await session.scalars(select(LetterRow.letter_id).where(one_of(LetterRow.letter_id, ids))))


async def page(
    session: AsyncSession,
    *,
    person_id: UUID | None,
    room_id: UUID | None,
    status: str | None,
    limit: int,
    after: tuple[datetime, UUID] | None,
) -> Sequence[LetterRow]:
    """Return letters newest first, from the one after ``after``, one more than ``limit`` if there are more."""
    wanted = select(LetterRow).order_by(LetterRow.created_at.desc(), LetterRow.letter_id.desc()).limit(limit + 1)
    for column, value in (
        (LetterRow.person_id, person_id),
        (LetterRow.room_id, room_id),
    ):
        if value is not None:
            wanted = wanted.where(column == value)
    if status is not None:  # written out, so that PostgreSQL sees that the index of letters that are not sent applies
        wanted = wanted.where(LetterRow.status == literal_column(f"'{LetterStatus(status)}'"))
    if after is not None:
        wanted = wanted.where(tuple_(LetterRow.created_at, LetterRow.letter_id) < after)
    return (await session.scalars(wanted)).all()


async def look_again(session: AsyncSession, person_id: UUID, now: datetime) -> None:
    """Make letters due that wait because of their reader's preferences; not those that wait for an address."""
    await session.flush()
    waiting = (
        LetterRow.person_id == person_id,
        LetterRow.status == LetterStatus.HELD,
        LetterRow.kind.not_in(sorted(DIGEST_NAMES)),
    )
    known = exists().where(ContactRow.person_id == person_id, ContactRow.email.is_not(None))
    again = {"status": LetterStatus.QUEUED, "due_at": now, "gathered_in": None}
    await session.execute(update(LetterRow).where(*waiting, known).values(again))


def about(row: LetterRow | Row[Any]) -> About:
    """Return the room and person that a letter is about; a digest has none, and a link may have none."""
    kind = KIND.get(row.kind)
    return About() if kind and kind.is_digest else About(room_id=row.room_id, membership_id=row.membership_id)


def letter_of(row: LetterRow) -> Letter:
    """Return a letter as outside systems and people see it: without text and address."""
    return Letter(
        letter_id=row.letter_id,
        kind=row.kind,
        person_id=row.person_id,
        about=about(row),
        status=LetterStatus(row.status),
        tries=row.tries,
        reason=row.reason,
        created_at=row.created_at,
        sent_at=row.sent_at,
    )
