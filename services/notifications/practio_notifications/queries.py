"""What may be asked: which letters were written."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.heard import Heard
from practio_contracts.answers import FieldError, Refusal
from practio_contracts.notifications import About, Letter, Letters, LetterStatus, ListLetters, RefusalCode
from practio_notifications.store import letters
from practio_notifications.tables import LetterRow

_NOT_THEIRS = Refusal(code=RefusalCode.NOT_ALLOWED, detail="people see their own letters")
_NO_CURSOR = FieldError(field="after", message="not the end of a page that was answered")


async def list_letters(question: Heard[ListLetters], session: AsyncSession, _now: datetime) -> Letters | Refusal:
    """Show letters newest first: to people their own, to the system all."""
    asked = question.message
    person_id = asked.person_id
    if not question.as_system:
        if person_id not in (None, question.actor):
            return _NOT_THEIRS
        person_id = UUID(question.by)
    try:
        after = _read_cursor(asked.after)
    except ValueError:
        return Refusal(code=RefusalCode.INVALID, detail="the question has faults", errors=(_NO_CURSOR,))
    rows = await letters.page(
        session, person_id=person_id, room_id=asked.room_id, status=asked.status, limit=asked.limit, after=after
    )
    shown = rows[: asked.limit]
    return Letters(letters=[_shown(row) for row in shown], after=_cursor(shown[-1]) if len(rows) > len(shown) else None)


def _shown(row: LetterRow) -> Letter:
    return Letter(
        letter_id=row.letter_id,
        kind=row.kind,
        person_id=row.person_id,
        about=About(room_id=row.room_id, membership_id=row.membership_id),
        status=LetterStatus(row.status),
        tries=row.tries,
        reason=row.reason,
        created_at=row.created_at,
        sent_at=row.sent_at,
    )


def _cursor(row: LetterRow) -> str:
    return f"{row.created_at.isoformat()}~{row.letter_id}"


def _read_cursor(cursor: str | None) -> tuple[datetime, UUID] | None:
    """Give the place that a cursor names; raises ValueError where it is none of ours."""
    if cursor is None:
        return None
    created_at, _, letter_id = cursor.partition("~")
    place = datetime.fromisoformat(created_at), UUID(letter_id)
    if place[0].tzinfo is None:
        raise ValueError("an instant without an offset")
    return place
