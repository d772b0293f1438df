"""What rooms does with each message that it takes: load, decide, keep, say."""

from practio_rooms.handlers.events import membership_changed, occupancy_changed, person_erased
from practio_rooms.handlers.feedback import give_feedback
from practio_rooms.handlers.notes import record_note, revise_note, withdraw_note
from practio_rooms.handlers.offices import accept_hand_over, appoint, decline_hand_over, dismiss, hand_over
from practio_rooms.handlers.replay import say_rooms_again, take_room_back
from practio_rooms.handlers.rooms import (
    archive_room,
    cancel_room,
    close_room,
    create_room,
    discard_draft,
    publish_room,
    reopen_room,
    revise_room,
)
from practio_rooms.handlers.sessions import (
    cancel_session,
    pass_session,
    reschedule_session,
    schedule_session,
    top_up_series,
)

__all__ = [
    "accept_hand_over",
    "appoint",
    "archive_room",
    "cancel_room",
    "cancel_session",
    "close_room",
    "create_room",
    "decline_hand_over",
    "discard_draft",
    "dismiss",
    "give_feedback",
    "hand_over",
    "membership_changed",
    "occupancy_changed",
    "pass_session",
    "person_erased",
    "publish_room",
    "record_note",
    "reopen_room",
    "reschedule_session",
    "revise_note",
    "revise_room",
    "say_rooms_again",
    "schedule_session",
    "take_room_back",
    "top_up_series",
    "withdraw_note",
]
