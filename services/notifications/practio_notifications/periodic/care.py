"""Letters to the stewards of quiet rooms: one after two weeks, and a digest each week."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from practio_chassis.context import MessageContext
from practio_chassis.database.reading import UNREADABLE, readable
from practio_chassis.handling.periodic import Periodic
from practio_chassis.service import Running
from practio_contracts.notifications import Preferences, RequestsDigest
from practio_contracts.rooms import Room, RoomQuiet, RoomStatus
from practio_notifications.letters.compose import PlannedLetter, letter_id
from practio_notifications.letters.digests import digest_at
from practio_notifications.letters.kinds import QUIET_ROOM, ROOM_LONG_QUIET, LetterKind
from practio_notifications.letters.quiet_rooms import STEWARDS_AFTER, Quiet
from practio_notifications.periodic.audiences import audiences
from practio_notifications.store.care import quiet_of, rooms_to_care_for
from practio_notifications.store.letters import letters_among
from practio_notifications.store.pending_letters import letter_columns
from practio_notifications.store.preferences import preferences_of
from practio_notifications.store.projections import rows_of
from practio_notifications.tables import LETTER, CareRow, ContactRow

EVERY_SECONDS = 30.0
"""How often we look whether a quiet room is to be thought of."""

_MOST = 20
_EVERY = timedelta(days=1)
_SET_ASIDE_FOR = timedelta(minutes=10)
_CARE = UUID("5b1d2c53-7d0b-5b0e-9a3c-2f8f4c6d1a92")


@dataclass(frozen=True, slots=True)
class _Readers:
    """The stewards of rooms who want reminders, with their preferences and zones."""

    preferences: Mapping[UUID, Preferences]
    zones: Mapping[UUID, ZoneInfo]

    def of(self, room: Room) -> Iterator[UUID]:
        """Yield the stewards who want letters about a room."""
        for person_id in room.steward_ids:
            wanted = self.preferences.get(person_id)
            if wanted is not None and wanted.reminders and room.room_id not in wanted.muted_room_ids:
                yield person_id

    def week(self, person_id: UUID, now: datetime) -> str:
        """Return the day of a steward's next digest, which names the letters in it."""
        zone = self.zones.get(person_id, ZoneInfo("UTC"))
        at = digest_at(now, RequestsDigest.WEEKLY, self.preferences[person_id], zone)
        return at.astimezone(zone).date().isoformat()


async def care_once(running: Running) -> int:
    """Write the letters about quiet rooms that are due to their stewards; return for how many rooms."""
    async with running.transaction() as context:
        due = await rooms_to_care_for(context.session, now=context.now, limit=_MOST)
        unread: set[UUID] = set()
        by_room = await audiences(context, {row.room_id for row in due}, unread)
        readers = await _readers(context, (audience.room for audience in by_room.values()))
        quiet = readable({row.room_id: row for row in due}, quiet_of, unread, table="room_care")
        letters: list[tuple[UUID, PlannedLetter, RoomQuiet]] = []
        for row in due:
            audience = by_room.get(row.room_id)
            if row.room_id in unread:
                row.next_at = context.now + _SET_ASIDE_FOR
            elif audience is None or audience.room.status is not RoomStatus.PUBLISHED:
                row.next_at = None
            else:
                letters += _letters(row, quiet[row.room_id], audience.room, readers, context.now)
        await _write(context, letters)
    return len(due)


def _letters(
    row: CareRow, quiet: Quiet, room: Room, readers: _Readers, now: datetime
) -> Iterator[tuple[UUID, PlannedLetter, RoomQuiet]]:
    """Yield the letters about a quiet room that are due; note when it is thought of next."""
    event = RoomQuiet(room_id=room.room_id, signs=list(quiet.signs), since=quiet.since)
    row.next_at = now + _EVERY
    for person_id in readers.of(room):
        week = readers.week(person_id, now)
        yield _letter(QUIET_ROOM, f"{room.room_id}/{week}", person_id, event)
    if row.stewards_asked_for == quiet.since:
        return
    long_quiet_at = quiet.since + STEWARDS_AFTER
    if long_quiet_at > now:
        row.next_at = min(row.next_at, long_quiet_at)
        return
    row.stewards_asked_for = quiet.since
    for person_id in readers.of(room):
        yield _letter(ROOM_LONG_QUIET, f"{room.room_id}/{quiet.since.isoformat()}", person_id, event)


def _letter(kind: LetterKind, about: str, person_id: UUID, event: RoomQuiet) -> tuple[UUID, PlannedLetter, RoomQuiet]:
    event_id = uuid5(_CARE, f"{kind.name}/{about}")
    return event_id, PlannedLetter(letter_id(event_id, person_id, kind.name), kind, person_id), event


async def _write(context: MessageContext[None], letters: list[tuple[UUID, PlannedLetter, RoomQuiet]]) -> None:
    """Queue the letters that were not queued before: one a room, week and steward, and one a room and quiet time."""
    wanted = [letter.letter_id for _, letter, _ in letters]
    known = await letters_among(context.session, wanted)
    for event_id, letter, event in letters:
        if letter.letter_id not in known:
            columns = letter_columns(letter, event, event_id=event_id, correlation_id=str(event_id), now=context.now)
            context.add_row(LETTER, columns)


async def _readers(context: MessageContext[None], rooms: Iterable[Room]) -> _Readers:
    stewards = {person_id for room in rooms for person_id in room.steward_ids}
    contacts = await rows_of(context.session, ContactRow.person_id, stewards)
    zones = {person_id: zone for person_id, row in contacts.items() if (zone := _zone(row)) is not None}
    return _Readers(await preferences_of(context.session, stewards), zones)


def _zone(row: ContactRow) -> ZoneInfo | None:
    try:
        return ZoneInfo(row.time_zone) if row.time_zone else None
    except UNREADABLE:
        return None


async def _care(running: Running) -> bool:
    return await care_once(running) == _MOST


CARE = Periodic(name="care", every=EVERY_SECONDS, once=_care)
