"""The letters that senders claim: due, reserved, in hand, sent or given back.

Statements of every turn are built once (``practio_chassis/database/sql.py``).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    Column,
    ColumnElement,
    DateTime,
    Integer,
    Row,
    Uuid,
    bindparam,
    case,
    func,
    null,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.sql import among, one_of
from practio_contracts.notifications import LetterStatus
from practio_notifications.tables import EVENT_ID, LETTER, LetterRow


def _locked(column: Column[Any], *conditions: ColumnElement[bool]) -> CTE:
    """Lock the letters of the list ``ids`` that meet the conditions and have the value in the list ``known``."""
    ids = func.unnest(bindparam("ids", type_=ARRAY(Uuid()))).label("id")
    values = func.unnest(bindparam("known", type_=ARRAY(column.type))).label("value")
    known = select(ids, values).subquery()
    return (
        select(LETTER.c.letter_id)
        .join(known, (LETTER.c.letter_id == known.c.id) & (column == known.c.value))
        .where(*conditions)
        .order_by(LETTER.c.letter_id)
        .with_for_update(of=LETTER)
        .cte("locked")
    )


_NOW = bindparam("now", type_=DateTime(timezone=True))
_UNTIL = bindparam("until", type_=DateTime(timezone=True))

_UNCHANGED = _locked(LETTER.c.due_at)
"""The letters that are still due at the times in ``known``: nobody has decided about them since."""

_OURS = _locked(LETTER.c.tries, LETTER.c.status == LetterStatus.SENDING)
"""The letters that are still in our hand: being sent, by the attempts of the numbers in ``known``."""

_DUE = (
    select(LetterRow)
    .where(LetterRow.due_at <= _NOW)
    .order_by(LetterRow.due_at)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
)
_TAKEN = (
    update(LETTER)
    .where(LETTER.c.letter_id == _UNCHANGED.c.letter_id)
    .values(
        status=LetterStatus.SENDING,
        interrupted=LETTER.c.interrupted | (LETTER.c.status == LetterStatus.SENDING),
        tries=LETTER.c.tries + 1,
        first_tried_at=func.coalesce(LETTER.c.first_tried_at, _NOW),
        due_at=_UNTIL,
    )
    .returning(LETTER.c.letter_id)
)
_RESERVED = update(LETTER).where(among(LETTER.c.letter_id, "ids")).values(due_at=_UNTIL)
_RELEASED = update(LETTER).where(LETTER.c.letter_id == _UNCHANGED.c.letter_id).values(due_at=_NOW)
_SENT = (
    update(LETTER)
    .where(LETTER.c.letter_id == _OURS.c.letter_id)
    .values(status=LetterStatus.SENT, reason=None, due_at=None, sent_at=_NOW)
    .returning(
        LETTER.c.letter_id,
        LETTER.c[EVENT_ID].label("event_id"),
        LETTER.c.correlation_id,
        LETTER.c.traceparent,
        LETTER.c.kind,
        LETTER.c.person_id,
        LETTER.c.room_id,
        LETTER.c.membership_id,
        LETTER.c.status,
        LETTER.c.reason,
        LETTER.c.sent_at,
    )
)
_GIVEN_BACK = (
    update(LETTER)
    .where(LETTER.c.letter_id == _OURS.c.letter_id)
    .values(
        status=LetterStatus.QUEUED,
        tries=LETTER.c.tries - 1,
        first_tried_at=case((LETTER.c.tries == 1, null()), else_=LETTER.c.first_tried_at),
        due_at=_NOW,
    )
)


async def due(session: AsyncSession, *, now: datetime, limit: int) -> Sequence[LetterRow]:
    """Lock up to ``limit`` letters that are due, longest due first, passing over those that others hold."""
    return (await session.scalars(_DUE, {"now": now, "most": limit})).all() if limit else []


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
    return set(await session.scalars(_TAKEN, _lists(due_at) | {"now": now, "until": until}))


async def reserve(session: AsyncSession, letters: Collection[UUID], until: datetime) -> None:
    """Let no other sender claim letters, which are locked, before ``until``; they are as they were otherwise."""
    if letters:
        await session.execute(_RESERVED, {"ids": list(letters), "until": until})


async def release(session: AsyncSession, due_at: Mapping[UUID, datetime], now: datetime) -> None:
    """Make reserved letters due at once, of those that are still due at these times."""
    if due_at:
        await session.execute(_RELEASED, _lists(due_at) | {"now": now})


async def note_sent(session: AsyncSession, tries: Mapping[UUID, int], now: datetime) -> Sequence[Row[Any]]:
    """Record that letters were sent, of those still in our hand, and return what their events state."""
    return list(await session.execute(_SENT, _lists(tries) | {"now": now})) if tries else []


async def give_back(session: AsyncSession, tries: Mapping[UUID, int], now: datetime) -> None:
    """Undo the claims of letters that nobody has tried to send, of those still in our hand: they are due at once."""
    if tries:
        await session.execute(_GIVEN_BACK, _lists(tries) | {"now": now})


def _lists(known: Mapping[UUID, Any]) -> dict[str, Any]:
    """Return the parameters of ``_locked``."""
    return {"ids": list(known), "known": list(known.values())}
