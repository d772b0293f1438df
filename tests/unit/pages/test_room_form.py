"""The form in which a host states a room: what it becomes, and the faults at its fields."""

from uuid import UUID

from tests.support.every_case import every_case
from tests.unit.pages.builders import ROOM, a_room

from practio_contracts.answers import FieldError, Refusal
from practio_contracts.rooms import CreateRoom, ReviseRoom
from practio_pages.pages.room_form import (
    RoomFormFault,
    changed_meanwhile,
    command_of,
    content_of,
    faults_of,
    form_of,
    new_form,
)

WHOLE = {
    "title": "Cases",
    "domain": "Teaching",
    "purpose": "Think.",
    "format": "peer-coaching",
    "mode": "hybrid",
    "capacity": "6",
    "roles": "coach: 2\r\n\r\nkeeper of time\nscribe: today",
    "language": "de",
    "time_zone": "Europe/Rome",
    "place": "Room 4",
    "meeting_url": "https://meet.example.org/x",
    "policy": "open",
    "questions": "Why?\nSince when?",
    "guidelines_text": "Be kind.",
}


def test_a_form_states_a_room() -> None:
    command = command_of(CreateRoom, content_of(WHOLE), ROOM)
    assert isinstance(command, CreateRoom)
    assert command.roles is not None
    assert [(role.name, role.seats) for role in command.roles] == [
        ("coach", 2),
        ("keeper of time", None),
        ("scribe: today", None),
    ]
    assert command.access is not None
    assert command.access.waitlist is not None
    assert command.access.questions is not None
    assert [(each.key, each.text, each.required) for each in command.access.questions] == [
        ("q1", "Why?", True),
        ("q2", "Since when?", True),
    ]
    assert (command.access.policy, command.access.waitlist.enabled, command.capacity) == ("open", False, 6)


def test_a_draft_is_saved_with_a_name_alone() -> None:
    form = new_form(language="it", time_zone="Europe/Rome") | {"title": "Cases"}
    command = command_of(CreateRoom, form, ROOM)
    assert isinstance(command, CreateRoom)
    assert (command.format, command.capacity, command.language, command.time_zone) == (None, None, "it", "Europe/Rome")
    assert "roles" not in command.model_fields_set


def test_a_question_of_a_draft_that_nobody_changed_stays_as_it_is() -> None:
    questions = [
        {"key": "why", "text": "(Why?)", "required": True},
        {"key": "when", "text": "Since\nwhen?", "required": False},
    ]
    room = a_room(access={"policy": "approval", "questions": questions})
    form = form_of(room)
    command = command_of(
        ReviseRoom, form | {"questions": form["questions"] + "\n(How?)"}, ROOM, asked=room.access.questions
    )
    assert isinstance(command, ReviseRoom)
    assert command.access is not None
    assert command.access.questions is not None
    stated = [each.model_dump() for each in command.access.questions]
    assert stated == [*questions, {"key": "q1", "text": "How?", "required": False}]


def test_a_room_fills_its_form_and_the_form_states_the_same_room() -> None:
    room = a_room(
        roles=[{"name": "coach", "seats": 2}, {"name": "guest"}], guidelines={"version": 1, "text": "Be kind."}
    )
    command = command_of(ReviseRoom, form_of(room), ROOM, expected_version=3)
    assert isinstance(command, ReviseRoom)
    assert (command.title, command.purpose, command.place) == (room.title, room.purpose, room.place)
    assert command.model_fields_set.isdisjoint({"capacity", "roles"})
    assert command.expected_version == 3


def test_a_capacity_that_was_changed_is_stated_and_so_is_one_that_was_emptied() -> None:
    for entered, stated in (("6", 6), ("", None)):
        command = command_of(ReviseRoom, form_of(a_room()) | {"capacity": entered}, ROOM)
        assert isinstance(command, ReviseRoom)
        assert ("capacity" in command.model_fields_set, command.capacity) == (True, stated)


@every_case(
    ("fields", "faults"),
    [
        ({"title": " "}, {"title": RoomFormFault.MISSING}),
        (
            {"title": "", "capacity": "many", "time_zone": "Rome"},
            {"title": RoomFormFault.MISSING, "capacity": RoomFormFault.NUMBER, "time_zone": RoomFormFault.ZONE},
        ),
        ({"title": "x" * 201}, {"title": RoomFormFault.TOO_LONG}),
        ({"capacity": "many"}, {"capacity": RoomFormFault.NUMBER}),
        ({"capacity": "0"}, {"capacity": RoomFormFault.NUMBER}),
        ({"format": "dance"}, {"format": RoomFormFault.CHOOSE}),
        ({"policy": "dance"}, {"policy": RoomFormFault.CHOOSE}),
        ({"time_zone": "Rome"}, {"time_zone": RoomFormFault.ZONE}),
        ({"meeting_url": "example.org"}, {"meeting_url": RoomFormFault.ADDRESS}),
        ({"roles": "coach\ncoach"}, {"roles": RoomFormFault.ROLES}),
        ({"purpose": "a\x00b"}, {"purpose": RoomFormFault.UNREADABLE}),
        ({"guidelines_text": "x" * 10_001}, {"guidelines_text": RoomFormFault.TOO_LONG}),
        ({"questions": "x" * 1_001}, {"questions": RoomFormFault.TOO_LONG}),
    ],
)
def test_each_fault_stands_at_its_field(fields: dict[str, str], faults: dict[str, RoomFormFault]) -> None:
    assert command_of(CreateRoom, content_of(WHOLE | fields), UUID(int=1)) == faults


def test_the_faults_of_publishing_stand_at_their_fields() -> None:
    errors = tuple(FieldError(field=name, message="x") for name in ("domain", "access.policy", "capacity", "data"))
    content = content_of({"capacity": "4"})
    found = faults_of(Refusal(code="incomplete", detail="x", errors=errors), content)
    assert found == {"domain": RoomFormFault.MISSING, "policy": RoomFormFault.MISSING, "capacity": RoomFormFault.UNFIT}


def test_what_was_changed_meanwhile_is_what_the_room_states_instead() -> None:
    room = a_room(title="Theirs")
    assert changed_meanwhile(form_of(room) | {"title": "Mine"}, room) == {"title": "Theirs"}
