"""The host's word: who may announce, and how often."""

from datetime import timedelta

from practio_contracts.answers import Refusal
from practio_contracts.rooms import LIVE_ROOM, RefusalCode, Room
from practio_rooms.domain.frequency import Frequency
from practio_rooms.domain.room import Actor, leads, not_allowed, not_in_this_state

OF_A_ROOM = Frequency(2, timedelta(days=7), "a room may have 2 announcements in 7 days: write again later")

ID_TAKEN = Refusal(
    code=RefusalCode.ID_TAKEN, detail="an announcement with this id already exists with other content: use a new id"
)


def not_allowed_to_announce(room: Room, by: Actor) -> Refusal | None:
    """Return why an actor may not announce in a room, or None."""
    if not leads(room, by):
        return not_allowed("only the host and the facilitators can write to the whole room: ask one of them")
    return None if room.status in LIVE_ROOM else not_in_this_state(room, action="written to")
