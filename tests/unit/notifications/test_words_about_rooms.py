"""What letters say about offices, sessions, buddies and sponsors, and about rooms that are quiet."""

from typing import Any

from tests.support.every_case import every_case
from tests.unit.notifications.builders import (
    FACILITATOR,
    GUEST,
    STEWARD,
    a_contact,
    a_room,
    a_situation,
    an_event_for,
    quiet_by,
    some_pages,
)
from tests.unit.notifications.written import written

from practio_notifications.letters.kinds import KIND
from practio_notifications.rendering.text import draft, rendered


@every_case("kind", ["room-quiet", "room-long-quiet"])
def test_stewards_of_a_quiet_room_are_led_to_the_requests_only_if_any_wait(kind: str) -> None:
    for signs, waits in ((["few-come"], False), (["few-come", "requests-unanswered"], True)):
        event = an_event_for(KIND[kind], signs=signs)
        text = written(kind, event, pages=some_pages(STEWARD), **quiet_by(event)).text
        assert ("/queue/" in text) is waits
        assert "people who are waiting" not in text


@every_case("has_pages", [True, False])
@every_case(("kind", "leads"), [("room-quiet", True), ("room-quiet", False), ("room-long-quiet", False)])
def test_offices_of_a_room_without_a_host_are_asked_nothing_that_is_for_the_host(
    kind: str, leads: bool, has_pages: bool
) -> None:
    event = an_event_for(KIND[kind])
    pages = some_pages() if has_pages else None
    text = written(kind, event, pages=pages, leads=leads, **quiet_by(event)).text.lower()
    assert "the room has no host" in text
    for wrong in ("the host", "hand the room", "hand it", "close", "become the host"):
        assert wrong not in text
    assert "agree with the others who help run the room" in text


def test_who_is_asked_to_host_reads_what_it_costs_both() -> None:
    text = written("hand-over-proposed", an_event_for(KIND["hand-over-proposed"]), pages=some_pages()).text
    assert "if you have a seat in the room, or are waiting for one, you give it up when you accept" in text
    assert "The present host then holds no office in the room" in text


@every_case(
    ("office", "does"),
    [
        ("facilitator", ("plan sessions", "decide on requests", "invite people", "record who came")),
        ("steward", ("decide on requests", "invite people", "record who came", "read the concerns")),
    ],
)
def test_who_gets_an_office_reads_what_they_can_do_and_that_it_is_no_seat(office: str, does: tuple[str, ...]) -> None:
    event = an_event_for(KIND["office-given"], office=office)
    text = written("office-given", event, pages=some_pages(STEWARD)).text
    assert [each for each in does if each not in text] == []
    assert "if you had a seat in the room, or were waiting for one, that has ended" in text


@every_case(
    ("room", "sentence"),
    [
        ({}, "If you would like to take part, you can request to join."),
        ({"access": {"policy": "invitation"}}, "the people who run it can invite you."),
        ({"status": "closed"}, "You now have neither an office nor a seat in the room."),
    ],
)
@every_case("kind", ["office-taken", "handed-over"])
def test_who_has_left_an_office_reads_how_to_take_part(kind: str, room: dict[str, Any], sentence: str) -> None:
    event = an_event_for(KIND[kind], former_host_id=GUEST) if kind == "handed-over" else an_event_for(KIND[kind])
    letter = written(kind, event, room=a_room(**room), pages=some_pages(GUEST))
    assert sentence in letter.text
    assert "/way/the-room" in letter.text
    seated = written(kind, event, room=a_room(**room), seated=True)
    another = written(kind, event, room=a_room(**room, steward_ids=[GUEST]))
    assert ("neither an office" in seated.text, "neither an office" in another.text) == (False, False)


def test_how_a_session_was_is_asked_only_where_it_can_be_answered() -> None:
    event = an_event_for(KIND["session-over"])
    asks, states = (written("session-over", event, pages=pages).subject for pages in (some_pages(), None))
    assert (asks, states) == (
        "How was the session of “Intervision for school heads”?",
        "The session of “Intervision for school heads” is over",
    )


@every_case("kind", ["session-scheduled", "session-rescheduled", "session-reminder"])
def test_only_who_has_a_seat_is_said_to_keep_it(kind: str) -> None:
    event = an_event_for(KIND[kind])
    assert "You keep your seat" in written(kind, event, pages=some_pages(), seated=True).text
    for_office = written(kind, event, pages=some_pages(FACILITATOR)).text
    assert ("Are you coming?" in for_office, "your seat" in for_office) == (True, False)


@every_case(("helps", "sentence"), [(True, "chosen you as the buddy of Ben"), (False, "Ben helps you settle in")])
def test_buddies_read_who_helps_whom(helps: bool, sentence: str) -> None:
    event = an_event_for(KIND["buddy-assigned"])
    assert sentence in written("buddy-assigned", event, member=a_contact("Ben"), helps=helps).text


@every_case("kind", ["invited", "joined"])
def test_a_letter_about_coming_to_a_room_names_its_sponsor(kind: str) -> None:
    room = a_room(sponsor={"kind": "organisation", "name": "Schools of <Lucca>\r\nX-Injected: yes"})
    event, reader = an_event_for(KIND[kind]), a_contact()
    for known, expected in ((room, True), (a_room(), False)):
        letter = rendered(draft(KIND[kind], event, reader, a_situation(room=known, reader=reader, seated=True)))
        assert ("Sponsor: Schools of <Lucca> X-Injected: yes" in letter.text) is expected
        assert "<Lucca>" not in letter.html
