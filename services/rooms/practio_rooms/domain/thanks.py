"""Thanks: who may thank whom, and how often (README, Thanks)."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from practio_contracts.answers import FieldError, Refusal
from practio_contracts.rooms import LIVE_ROOM, RefusalCode, Room, Thank
from practio_rooms.domain.frequency import Frequency
from practio_rooms.domain.room import Actor, not_allowed, not_in_this_state

OF_A_PERSON = Frequency(50, timedelta(days=7), "a person can thank 50 times in 7 days in a room: try again later")
"""How often one person may thank in a room: a bound against abuse, far beyond what people do."""

ID_TAKEN = Refusal(
    code=RefusalCode.ID_TAKEN, detail="a word of thanks with this id already exists with other content: use a new id"
)
FOR_PEOPLE_IN_THE_ROOM = not_allowed("only the people in the room and its offices can thank somebody here")

_FOR_OTHERS = "thanks are for somebody else"
NOT_ONESELF = Refusal(
    code=RefusalCode.INVALID, detail=_FOR_OTHERS, errors=(FieldError(field="person_id", message=_FOR_OTHERS),)
)


def not_allowed_to_thank(room: Room, by: Actor, *, is_in_room: bool) -> Refusal | None:
    """Return why an actor may not thank anybody in a room, or None."""
    if not isinstance(by, UUID) or not (is_in_room or by in room.office_ids):
        return FOR_PEOPLE_IN_THE_ROOM
    return None if room.status in LIVE_ROOM else not_in_this_state(room, action="given thanks")


def not_to_be_thanked(room: Room, command: Thank, *, in_room: Collection[UUID]) -> Refusal | None:
    """Return why a person cannot be thanked, or None; ``in_room`` are those of the people who are in the room."""
    if command.person_id in in_room or command.person_id in room.office_ids:
        return None
    detail = "only people in the room and its offices can be thanked: this person is not in it"
    errors = (FieldError(field="person_id", message=f"{command.person_id} is not in the room"),)
    return Refusal(code=RefusalCode.PERSON_UNKNOWN, detail=detail, errors=errors)
