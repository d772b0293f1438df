"""The message handlers of rooms: load, decide, save, publish."""

from practio_rooms.handlers.commands.announcements import announce
from practio_rooms.handlers.commands.attending import answer_session, check_in, plan_session, record_attendance
from practio_rooms.handlers.commands.conduct import report_conduct, settle_conduct
from practio_rooms.handlers.commands.feedback import give_feedback
from practio_rooms.handlers.commands.notes import record_note, revise_note, withdraw_note
from practio_rooms.handlers.commands.offices import accept_hand_over, appoint, decline_hand_over, dismiss, hand_over
from practio_rooms.handlers.commands.rooms import (
    archive_room,
    cancel_room,
    close_room,
    copy_room,
    create_room,
    discard_draft,
    publish_room,
    reopen_room,
    revise_room,
)
from practio_rooms.handlers.commands.sessions import (
    cancel_session,
    reschedule_session,
    revise_session,
    schedule_session,
)
from practio_rooms.handlers.commands.sponsors import register_sponsor
from practio_rooms.handlers.commands.thanks import thank
from practio_rooms.handlers.events import membership_changed, occupancy_changed, person_erased
from practio_rooms.handlers.internal.care import look_after_room
from practio_rooms.handlers.internal.sessions import pass_session, top_up_series, watch_sessions
from practio_rooms.handlers.internal.sponsors import follow_sponsor
from practio_rooms.handlers.replay import replay_rooms, restore_room

__all__ = [
    "accept_hand_over",
    "announce",
    "answer_session",
    "appoint",
    "archive_room",
    "cancel_room",
    "cancel_session",
    "check_in",
    "close_room",
    "copy_room",
    "create_room",
    "decline_hand_over",
    "discard_draft",
    "dismiss",
    "follow_sponsor",
    "give_feedback",
    "hand_over",
    "look_after_room",
    "membership_changed",
    "occupancy_changed",
    "pass_session",
    "person_erased",
    "plan_session",
    "publish_room",
    "record_attendance",
    "record_note",
    "register_sponsor",
    "reopen_room",
    "replay_rooms",
    "report_conduct",
    "reschedule_session",
    "restore_room",
    "revise_note",
    "revise_room",
    "revise_session",
    "schedule_session",
    "settle_conduct",
    "thank",
    "top_up_series",
    "watch_sessions",
    "withdraw_note",
]
