"""What a person is in their own rooms, and who may list them (services/rooms/README.md, Own rooms)."""

from uuid import UUID

from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.rooms import OwnOffice, RefusalCode, Room
from practio_rooms.domain.room import Actor

NOT_THEIRS = Refusal(
    code=RefusalCode.NOT_ALLOWED, detail="people can list only their own rooms and sessions: use your own id"
)


def not_theirs(person_id: UUID, by: Actor) -> Refusal | None:
    """Return the refusal for an actor who is neither the person nor the system."""
    return None if by in (person_id, SYSTEM) else NOT_THEIRS


def own_office(room: Room, person_id: UUID) -> OwnOffice:
    """Return the office that a person holds in a room of theirs; without one, the person takes part."""
    if room.host_id == person_id:
        return OwnOffice.HOST
    if person_id in room.facilitator_ids:
        return OwnOffice.FACILITATOR
    return OwnOffice.STEWARD if person_id in room.steward_ids else OwnOffice.PARTICIPANT
