"""Digests: the letters that they contain, collected until the digest's hour and settled with it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.sql import one_of
from practio_contracts.notifications import LetterStatus
from practio_notifications.letters.compose import letter_id
from practio_notifications.letters.digests import digest_id
from practio_notifications.letters.kinds import LetterKind
from practio_notifications.letters.quiet_rooms import care_first
from practio_notifications.tables import LetterRow

_GATHERED = (LetterStatus.HELD, LetterStatus.SENDING)
_OPEN = (LetterStatus.HELD, LetterStatus.QUEUED)


async def gather(
    session: AsyncSession, letters: Sequence[LetterRow], digest: LetterKind, at: datetime, now: datetime
) -> bool:
    """Put one reader's ``letters`` into the digest that leaves ``at``; return false if it is already leaving."""
    first = letters[0]
    made_of = digest_id(first.person_id, digest.category, at)
    identity = letter_id(made_of, first.person_id, digest.name)
    values = {
        "letter_id": identity,
        "event_id": made_of,
        "correlation_id": str(made_of),
        "kind": digest.name,
        "person_id": first.person_id,
        "member_id": first.person_id,
        "room_id": first.room_id,
        "cause_data": {"at": at.isoformat()},
        "status": LetterStatus.HELD,
        "due_at": at,
        "tries": 0,
        "interrupted": False,
        "created_at": now,
    }
    await session.execute(insert(LetterRow).values(values).on_conflict_do_nothing())
    one = select(LetterRow.status, LetterRow.tries).where(LetterRow.letter_id == identity).with_for_update()
    row = (await session.execute(one)).one()
    if row.status not in _OPEN or row.tries:
        return False
    for letter in letters:
        letter.status, letter.reason, letter.due_at, letter.gathered_in = LetterStatus.HELD, None, None, identity
    return True


async def gathered(session: AsyncSession, digests: Collection[UUID]) -> list[UUID]:
    """Lock the letters that ``digests`` contain, and return their ids: quiet rooms worst first, others oldest first."""
    if not digests:
        return []
    signs, since = LetterRow.cause_data["signs"], LetterRow.cause_data["since"].astext
    wanted = select(LetterRow.letter_id, LetterRow.created_at, signs.label("signs"), since.label("since")).where(
        one_of(LetterRow.gathered_in, digests), LetterRow.status.in_(_GATHERED)
    )
    found = (await session.execute(wanted.order_by(LetterRow.letter_id).with_for_update())).all()
    return [each.letter_id for each in sorted(found, key=_place_in_digest)]


def _place_in_digest(row: Row[Any]) -> tuple[int, str, datetime]:
    return (care_first(row.signs), row.since, row.created_at) if row.signs else (0, "", row.created_at)


async def letters_with(session: AsyncSession, ids: Sequence[UUID]) -> list[LetterRow]:
    """Return letters, in the order of their ids."""
    found = {
        each.letter_id: each
        for each in await session.scalars(select(LetterRow).where(one_of(LetterRow.letter_id, ids)))
    }
    return [found[each] for each in ids]


async def settle_items(session: AsyncSession, digests: Iterable[LetterRow | Row[Any]]) -> None:
    """Settle the letters in these digests as the digests ended."""
    await session.flush()
    for digest in digests:
        ended = {"status": digest.status, "reason": digest.reason, "sent_at": digest.sent_at, "due_at": None}
        contained = (LetterRow.gathered_in == digest.letter_id, LetterRow.status.in_(_GATHERED))
        await session.execute(update(LetterRow).where(*contained).values(ended))


async def take_items_again(session: AsyncSession, digest: UUID, states: Sequence[LetterStatus]) -> None:
    """Put a digest's letters back into it, since it is sent again; other letters are not changed."""
    contained = (LetterRow.gathered_in == digest, LetterRow.status.in_(states))
    await session.execute(update(LetterRow).where(*contained).values(status=LetterStatus.SENDING, reason=None))
