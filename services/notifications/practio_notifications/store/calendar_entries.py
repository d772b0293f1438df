"""The calendar entries that were sent: their SEQUENCE rises with each message to a person about a session."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.sql import one_of
from practio_contracts.rooms import Session
from practio_notifications.tables import CalendarEntryRow

_Key = tuple[UUID, UUID]
"""A person and a session."""


@dataclass(frozen=True, slots=True)
class BroughtEntries:
    """The sessions whose calendar entries a letter brings to a person."""

    letter_id: UUID
    person_id: UUID
    sessions: Sequence[Session]


async def first_letters(
    session: AsyncSession, people: Iterable[UUID], sessions: Iterable[UUID]
) -> dict[_Key, UUID | None]:
    """Return which letter first brought each person each session's entry, of those that were brought."""
    who, what = set(people), set(sessions)
    if not who or not what:
        return {}
    wanted = (one_of(CalendarEntryRow.person_id, who), one_of(CalendarEntryRow.session_id, what))
    found = await session.scalars(select(CalendarEntryRow).where(*wanted))
    return {(row.person_id, row.session_id): row.letter_id for row in found}


async def number_entries(session: AsyncSession, letters: Sequence[BroughtEntries]) -> list[Mapping[UUID, int]]:
    """Return, for each letter, the SEQUENCE of each session's entry, and record it.

    It is above that of all earlier letters to the person, and above the session's revision, which is what earlier
    releases sent. Later letters of the list have higher ones.
    """
    sessions: dict[_Key, tuple[UUID, Session]] = {}
    for letter in letters:
        for each in letter.sessions:
            sessions.setdefault((letter.person_id, each.session_id), (letter.letter_id, each))
    if not sessions:
        return [{} for _ in letters]
    times = Counter((letter.person_id, each.session_id) for letter in letters for each in letter.sessions)
    most = max(times.values())
    last = await _raised(session, sessions, by=most)
    number: dict[_Key, int] = {key: sequence - most for key, sequence in last.items()}
    found: list[Mapping[UUID, int]] = []
    for letter in letters:
        for each in letter.sessions:
            number[letter.person_id, each.session_id] += 1
        found.append({each.session_id: number[letter.person_id, each.session_id] for each in letter.sessions})
    return found


async def _raised(session: AsyncSession, sessions: Mapping[_Key, tuple[UUID, Session]], *, by: int) -> dict[_Key, int]:
    """Raise the SEQUENCE of each person's session; return them. Rows are locked in the order of their keys."""
    keys = sorted(sessions)
    columns = {
        CalendarEntryRow.person_id: [person_id for person_id, _ in keys],
        CalendarEntryRow.session_id: [session_id for _, session_id in keys],
        CalendarEntryRow.sequence: [sessions[key][1].revision + by for key in keys],
        CalendarEntryRow.ends_at: [sessions[key][1].ends_at for key in keys],
        CalendarEntryRow.letter_id: [sessions[key][0] for key in keys],
    }
    arrays = [func.unnest(literal(values, ARRAY(column.type))) for column, values in columns.items()]
    written = insert(CalendarEntryRow).from_select([column.key for column in columns], select(*arrays))
    raised = written.on_conflict_do_update(
        index_elements=[CalendarEntryRow.person_id, CalendarEntryRow.session_id],
        set_={
            "sequence": func.greatest(CalendarEntryRow.sequence + by, written.excluded.sequence),
            "ends_at": written.excluded.ends_at,
        },
    ).returning(CalendarEntryRow.person_id, CalendarEntryRow.session_id, CalendarEntryRow.sequence)
    return {(person_id, session_id): number for person_id, session_id, number in await session.execute(raised)}
