"""The letters: claimed to be sent, noted, listed, emptied."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    Integer,
    Row,
    Uuid,
    case,
    exists,
    func,
    literal,
    literal_column,
    null,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.sql import one_of
from practio_contracts.notifications import About, Letter, LetterStatus
from practio_notifications.letters.kinds import DIGEST_NAMES, KIND
from practio_notifications.tables import ContactRow, LetterRow

_APART = {"synchronize_session": False}
"""The option of statements about hundreds of rows, none of which the session still uses."""

_PUBLISHED = (
    LetterRow.letter_id,
    LetterRow.event_id.label("event_id"),
    LetterRow.correlation_id,
    LetterRow.traceparent,
    LetterRow.kind,
    LetterRow.person_id,
    LetterRow.room_id,
    LetterRow.membership_id,
    LetterRow.status,
    LetterRow.reason,
    LetterRow.sent_at,
)


async def letter_with(session: AsyncSession, letter_id: UUID, *, lock: bool = False) -> LetterRow | None:
    """Return the letter with this id, locked if asked; None if there is none."""
    return await session.get(LetterRow, letter_id, with_for_update=lock or None)


async def letters_among(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    """Return those of ``ids`` that are letters."""
    return set(await session.scalars(select(LetterRow.letter_id).where(one_of(LetterRow.letter_id, ids))))


async def due(session: AsyncSession, *, now: datetime, limit: int) -> Sequence[LetterRow]:
    """Lock up to ``limit`` letters that are due, longest due first, passing over those that others hold."""
    return (
        await session.scalars(
            select(LetterRow)
            .where(LetterRow.due_at <= now)
            .order_by(LetterRow.due_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    ).all()


async def in_hand(session: AsyncSession, tries: Mapping[UUID, int]) -> Sequence[LetterRow]:
    """Lock those letters that are still in our hand: being sent, by the attempt of this number."""
    if not tries:
        return []
    found = await session.scalars(
        select(LetterRow)
        .where(one_of(LetterRow.letter_id, tries), LetterRow.status == LetterStatus.SENDING)
        .order_by(LetterRow.letter_id)
        .with_for_update()
    )
    return [letter for letter in found if letter.tries == tries[letter.letter_id]]


async def take_in_hand(
    session: AsyncSession, due_at: Mapping[UUID, datetime], *, now: datetime, until: datetime
) -> set[UUID]:
    """Begin another attempt to send letters that are still due at these times; they are in our hand ``until``.

    Return the ids of the letters that are.
    """
    if not due_at:
        return set()
    ours = _unchanged(due_at)
    again = {
        LetterRow.status: LetterStatus.SENDING,
        LetterRow.interrupted: LetterRow.interrupted | (LetterRow.status == LetterStatus.SENDING),
        LetterRow.tries: LetterRow.tries + 1,
        LetterRow.first_tried_at: func.coalesce(LetterRow.first_tried_at, now),
        LetterRow.due_at: until,
    }
    taken = update(LetterRow).where(LetterRow.letter_id == ours.c.letter_id).values(again)
    return set(await session.scalars(taken.returning(LetterRow.letter_id), execution_options=_APART))


async def reserve(session: AsyncSession, letters: Collection[UUID], until: datetime) -> None:
    """Let no other sender claim letters, which are locked, before ``until``; they are as they were otherwise."""
    if letters:
        reserved = update(LetterRow).where(one_of(LetterRow.letter_id, letters)).values({LetterRow.due_at: until})
        await session.execute(reserved, execution_options=_APART)


async def release(session: AsyncSession, due_at: Mapping[UUID, datetime], now: datetime) -> None:
    """Make reserved letters due at once, of those that are still due at these times."""
    if due_at:
        ours = _unchanged(due_at)
        released = update(LetterRow).where(LetterRow.letter_id == ours.c.letter_id).values({LetterRow.due_at: now})
        await session.execute(released, execution_options=_APART)


async def note_sent(session: AsyncSession, tries: Mapping[UUID, int], now: datetime) -> Sequence[Row[Any]]:
    """Record that letters were sent, of those still in our hand, and return what their events state."""
    if not tries:
        return []
    ours = _ours(tries)
    sent = {"status": LetterStatus.SENT, "reason": None, "due_at": None, "sent_at": now}
    noted = update(LetterRow).where(LetterRow.letter_id == ours.c.letter_id).values(sent).returning(*_PUBLISHED)
    return list(await session.execute(noted, execution_options=_APART))


async def give_back(session: AsyncSession, tries: Mapping[UUID, int], now: datetime) -> None:
    """Undo the claims of letters that nobody has tried to send, of those still in our hand: they are due at once."""
    if not tries:
        return
    ours = _ours(tries)
    before = {
        LetterRow.status: LetterStatus.QUEUED,
        LetterRow.tries: LetterRow.tries - 1,
        LetterRow.first_tried_at: case((LetterRow.tries == 1, null()), else_=LetterRow.first_tried_at),
        LetterRow.due_at: now,
    }
    given_back = update(LetterRow).where(LetterRow.letter_id == ours.c.letter_id).values(before)
    await session.execute(given_back, execution_options=_APART)


def _unchanged(due_at: Mapping[UUID, datetime]) -> CTE:
    """Lock those letters that are still due at these times: nobody has decided about them since."""
    ids = func.unnest(literal(list(due_at), ARRAY(Uuid()))).label("id")
    times = func.unnest(literal(list(due_at.values()), ARRAY(LetterRow.due_at.type))).label("due_at")
    known = select(ids, times).subquery()
    return (
        select(LetterRow.letter_id)
        .join(known, (LetterRow.letter_id == known.c.id) & (LetterRow.due_at == known.c.due_at))
        .order_by(LetterRow.letter_id)
        .with_for_update(of=LetterRow)
        .cte("unchanged")
    )


def _ours(tries: Mapping[UUID, int]) -> CTE:
    """Lock those letters that are still in our hand: being sent, by the attempt of this number."""
    ids = func.unnest(literal(list(tries), ARRAY(Uuid()))).label("id")
    numbers = func.unnest(literal(list(tries.values()), ARRAY(Integer()))).label("number")
    attempts = select(ids, numbers).subquery()
    return (
        select(LetterRow.letter_id)
        .join(attempts, (LetterRow.letter_id == attempts.c.id) & (LetterRow.tries == attempts.c.number))
        .where(LetterRow.status == LetterStatus.SENDING)
        .order_by(LetterRow.letter_id)
        .with_for_update(of=LetterRow)
        .cte("ours")
    )


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
