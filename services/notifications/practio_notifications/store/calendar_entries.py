"""The calendar entries that were sent: their SEQUENCE rises with each message to a person about a session."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

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


@dataclass(frozen=True, slots=True)
class NumberedEntry:
    """What an entry of a session has for a person: its SEQUENCE, and the id in its organiser's address, if it asks."""

    sequence: int
    reply_id: UUID | None = None


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


async def number_entries(
    session: AsyncSession, letters: Sequence[BroughtEntries], *, asks: bool = False
) -> list[Mapping[UUID, NumberedEntry]]:
    """Return, for each letter, the SEQUENCE of each session's entry and to which address it is answered; record both.

    The SEQUENCE is above that of all earlier letters to the person, and above the session's revision, which is what
    earlier releases sent. Later letters of the list have higher ones. ``asks``: entries that are new ask for answers.
    """
    sessions: dict[_Key, tuple[UUID, Session]] = {}
    for letter in letters:
        for each in letter.sessions:
            sessions.setdefault((letter.person_id, each.session_id), (letter.letter_id, each))
    if not sessions:
        return [{} for _ in letters]
    times = Counter((letter.person_id, each.session_id) for letter in letters for each in letter.sessions)
    most = max(times.values())
    last = await _raised(session, sessions, by=most, asks=asks)
    number: dict[_Key, int] = {key: entry.sequence - most for key, entry in last.items()}
    found: list[Mapping[UUID, NumberedEntry]] = []
    for letter in letters:
        numbered: dict[UUID, NumberedEntry] = {}
        for each in letter.sessions:
            key = (letter.person_id, each.session_id)
            number[key] += 1
            numbered[each.session_id] = NumberedEntry(number[key], last[key].reply_id)
        found.append(numbered)
    return found


async def entry_answered_at(session: AsyncSession, reply_id: UUID) -> CalendarEntryRow | None:
    """Lock and return the entry that is answered at the address with this id; None if there is none."""
    wanted = select(CalendarEntryRow).where(CalendarEntryRow.reply_id == reply_id)
    return (await session.scalars(wanted.with_for_update())).one_or_none()


async def _raised(
    session: AsyncSession, sessions: Mapping[_Key, tuple[UUID, Session]], *, by: int, asks: bool
) -> dict[_Key, NumberedEntry]:
    """Raise the SEQUENCE of each person's session; return them. Rows are locked in the order of their keys."""
    keys = sorted(sessions)
    columns = {
        CalendarEntryRow.person_id: [person_id for person_id, _ in keys],
        CalendarEntryRow.session_id: [session_id for _, session_id in keys],
        CalendarEntryRow.sequence: [sessions[key][1].revision + by for key in keys],
        CalendarEntryRow.ends_at: [sessions[key][1].ends_at for key in keys],
        CalendarEntryRow.letter_id: [sessions[key][0] for key in keys],
        CalendarEntryRow.reply_id: [uuid4() if asks else None for _ in keys],
        CalendarEntryRow.revision: [sessions[key][1].revision for key in keys],
    }
    arrays = [func.unnest(literal(values, ARRAY(column.type))) for column, values in columns.items()]
    written = insert(CalendarEntryRow).from_select([column.key for column in columns], select(*arrays))
    raised = written.on_conflict_do_update(
        index_elements=[CalendarEntryRow.person_id, CalendarEntryRow.session_id],
        set_={
            "sequence": func.greatest(CalendarEntryRow.sequence + by, written.excluded.sequence),
            "ends_at": written.excluded.ends_at,
            "revision": written.excluded.revision,
        },
    ).returning(
        CalendarEntryRow.person_id, CalendarEntryRow.session_id, CalendarEntryRow.sequence, CalendarEntryRow.reply_id
    )
    return {
        (person_id, session_id): NumberedEntry(number, reply_id)
        for person_id, session_id, number, reply_id in await session.execute(raised)
    }
