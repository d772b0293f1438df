"""What is known, at the moment of sending, of what letters speak of."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from practio_contracts.membership import OccupancyChanged, Status
from practio_contracts.rooms import Room
from practio_notifications.letters.truth import Contact, Erased, Person, Situation, Standing
from practio_notifications.store.known import rows_of
from practio_notifications.tables import ContactRow, LetterRow, OccupancyRow, RoomRow, StandingRow


async def situations(session: AsyncSession, letters: Sequence[LetterRow]) -> list[Situation]:
    """Give each letter's situation, in order, with a query a table for all of them."""
    room_ids = {letter.room_id for letter in letters}
    rooms = _rooms(await rows_of(session, RoomRow.room_id, room_ids))
    hosts = {room.host_id for room in rooms.values()}
    readers = {person_id for letter in letters for person_id in (letter.person_id, letter.member_id)}
    contacts = await rows_of(session, ContactRow.person_id, readers | hosts)
    standings = await rows_of(session, StandingRow.membership_id, {letter.membership_id for letter in letters})
    occupancies = await rows_of(session, OccupancyRow.room_id, room_ids)
    return [
        Situation(
            reader=_person(contacts.get(letter.person_id)),
            member=_person(contacts.get(letter.member_id)),
            host=_person(contacts.get(room.host_id)) if (room := rooms.get(letter.room_id)) else None,
            room=room,
            standing=_standing(standings.get(letter.membership_id)),
            occupancy=_occupancy(occupancies.get(letter.room_id)),
        )
        for letter in letters
    ]


def _rooms(rows: dict[UUID, RoomRow]) -> dict[UUID, Room]:
    return {room_id: Room.model_validate(row.snapshot) for room_id, row in rows.items()}


def _person(row: ContactRow | None) -> Person:
    if row is None:
        return None
    if row.display_name is None or row.email is None or row.locale is None or row.time_zone is None:
        return Erased()
    return Contact(row.display_name, row.email, row.locale, row.time_zone)


def _standing(row: StandingRow | None) -> Standing | None:
    return Standing(Status(row.status), row.offer_expires_at) if row else None


def _occupancy(row: OccupancyRow | None) -> OccupancyChanged | None:
    return OccupancyChanged.model_validate(row.told) if row else None
