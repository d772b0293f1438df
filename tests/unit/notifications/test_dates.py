"""The sessions that a letter about a changed place, link or topic lists."""

from uuid import uuid4

from tests.support.every_case import every_case
from tests.unit.notifications.builders import COMMAND_ID, NOW, a_room_event, a_session

from practio_contracts.rooms import RoomRevised, SessionRevised
from practio_notifications.letters.dates import AnnouncedSession, sessions_of
from practio_notifications.letters.kinds import goes_to_all, kinds_from

OTHERS = AnnouncedSession(a_session(revision=1), uuid4())
PLAIN, OWN_PLACE, OWN_LINK, OWN_BOTH = (
    a_session(**own)
    for own in (
        {},
        {"place": "Via Verdi 2"},
        {"meeting_url": "https://meet.example.org/own"},
        {"place": "Via Verdi 2", "meeting_url": "https://meet.example.org/own"},
    )
)


@every_case(
    ("changed", "listed"),
    [
        (["place"], [PLAIN, OWN_LINK]),
        (["meeting_url", "purpose"], [PLAIN, OWN_PLACE]),
        (["place", "meeting_url"], [PLAIN, OWN_PLACE, OWN_LINK]),
        (["title"], [PLAIN, OWN_PLACE, OWN_LINK, OWN_BOTH]),
        (["title", "meeting_url"], [PLAIN, OWN_PLACE, OWN_LINK, OWN_BOTH]),
    ],
)
def test_a_rooms_new_place_concerns_the_coming_sessions_without_one_of_their_own_and_a_new_title_all_of_them(
    changed: list[str], listed: list[object]
) -> None:
    event = a_room_event(RoomRevised, changed_fields=changed)
    off, over = a_session(status="cancelled"), a_session(ends_at=NOW)
    known = [AnnouncedSession(each, uuid4()) for each in (PLAIN, OWN_PLACE, OWN_LINK, OWN_BOTH, off, over)]
    found = sessions_of(event, COMMAND_ID, known, in_room=True, now=NOW)
    assert sorted(str(each.session_id) for each in found) == sorted(str(each.session_id) for each in listed)  # type: ignore[attr-defined]


@every_case(
    ("changed", "kinds"),
    [
        (["place"], ["room-moved"]),
        (["meeting_url", "title"], ["room-moved"]),
        (["title"], ["room-renamed"]),
        (["purpose"], []),
    ],
)
def test_only_what_calendars_show_of_a_room_has_one_letter_to_everybody(changed: list[str], kinds: list[str]) -> None:
    event = a_room_event(RoomRevised, changed_fields=changed)
    assert [kind.name for kind in kinds_from(event)] == kinds
    assert goes_to_all(event) is bool(kinds)


def test_a_letter_about_revised_sessions_lists_those_of_its_command() -> None:
    event = a_room_event(SessionRevised)
    known = [OTHERS, *(AnnouncedSession(a_session(revision=1), COMMAND_ID) for _ in range(3))]
    assert len(sessions_of(event, COMMAND_ID, known, in_room=True, now=NOW)) == 3
