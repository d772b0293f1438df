"""Which letters wait for a session that this release cannot read: those that would list it if it could."""

from uuid import UUID, uuid4

import pytest
from tests.support.every_case import every_case
from tests.unit.notifications.builders import COMMAND_ID, NOW, a_session, an_event_for

from practio_contracts.rooms import RoomRevised, Session, SessionEvent
from practio_notifications.letters.dates import AnnouncedSession, sessions_of
from practio_notifications.letters.kinds import KIND, SESSION_REMINDER, LetterKind
from practio_notifications.letters.recipients import Cause
from practio_notifications.letters.unread_sessions import UnreadSession, UnreadSessionError, check_sessions_read

SINGLE = [kind for kind in KIND.values() if not kind.is_digest]


def waits(kind: LetterKind, event: Cause, session: Session, *, cause_id: UUID, in_room: bool) -> bool:
    try:
        check_sessions_read(kind, event, COMMAND_ID, [UnreadSession(session.session_id, cause_id)], in_room=in_room)
    except UnreadSessionError:
        return True
    return False


@every_case(("kind", "in_room"), [(kind, in_room) for kind in SINGLE for in_room in (True, False)])
def test_a_letter_waits_for_what_it_would_list_and_for_no_other_session(kind: LetterKind, in_room: bool) -> None:
    event = an_event_for(kind)
    for cause_id in (COMMAND_ID, uuid4()):
        session = a_session(status="scheduled", revision=0, starts_at=NOW.replace(year=NOW.year + 1))
        listed = sessions_of(event, COMMAND_ID, [AnnouncedSession(session, cause_id)], in_room=in_room, now=NOW)
        if isinstance(event, SessionEvent):  # which sessions of the command they list depends on the snapshot
            expected = cause_id == COMMAND_ID and kind is not SESSION_REMINDER
        else:
            expected = bool(listed)
        assert waits(kind, event, session, cause_id=cause_id, in_room=in_room) is expected


@every_case("kind", SINGLE)
def test_a_letter_about_a_session_waits_for_it(kind: LetterKind) -> None:
    event = an_event_for(kind)
    session_id = event.session.session_id if isinstance(event, SessionEvent) else getattr(event, "session_id", None)
    if session_id is not None:
        assert waits(kind, event, a_session(session_id=session_id), cause_id=uuid4(), in_room=True)


@pytest.mark.parametrize(("changed", "expected"), [(["title"], True), (["place"], True), (["purpose"], False)])
def test_a_letter_about_a_room_waits_if_calendars_show_what_has_changed(changed: list[str], expected: bool) -> None:
    kind = KIND["room-moved"]
    event = an_event_for(kind, changed_fields=changed)
    assert isinstance(event, RoomRevised)
    assert waits(kind, event, a_session(), cause_id=uuid4(), in_room=True) is expected
