"""Drafting a room: its defaults, its host, and the same command twice."""

from typing import Any
from uuid import UUID, uuid4

from tests.support.every_case import every_case
from tests.unit.rooms.builders import FACILITATOR, HOST, STEWARD, STRANGER, a_creation

from practio_contracts.answers import Refusal
from practio_contracts.rooms import CreateRoom, Room, RoomDrafted, RoomStatus
from practio_rooms.domain.room import Decision, RoomState, evolve
from practio_rooms.domain.statements import create_room, empty_state


def created(command: CreateRoom, *, existing: RoomState | None = None, host: UUID = HOST) -> Decision:
    return create_room(existing or empty_state(command, host), command, host)


def drafted(**fields: Any) -> Room:
    event = created(CreateRoom.model_validate({"room_id": uuid4(), "title": "Case evenings", **fields}))
    assert isinstance(event, RoomDrafted)
    return event.room


def test_a_draft_is_its_actors_and_at_version_one() -> None:
    room = drafted()
    assert (room.host_id, room.status, room.version, room.title) == (HOST, RoomStatus.DRAFT, 1, "Case evenings")


def test_a_draft_states_what_the_host_states() -> None:
    command = a_creation()
    event = created(command)
    assert isinstance(event, RoomDrafted)
    stated = command.model_dump(
        exclude={"guidelines", "access", "sponsor", "language", "facilitator_ids", "steward_ids"}
    )
    assert {name: event.room.model_dump()[name] for name in stated} == stated
    assert event.room.guidelines
    assert event.room.guidelines.version == 1


@every_case(
    ("room_format", "capacity"),
    [("intervision", 8), ("peer-supervision", 10), ("method-practice", 16)],
)
def test_a_format_brings_seats_and_one_role(room_format: str, capacity: int) -> None:
    room = drafted(format=room_format)
    assert room.capacity == capacity
    assert [(role.name, role.seats) for role in room.roles] == [("participant", None)]


def test_peer_coaching_brings_triads_that_share_the_seats() -> None:
    assert [(role.name, role.seats) for role in drafted(format="peer-coaching").roles] == [
        ("coach", 1),
        ("coachee", 1),
        ("observer", 1),
    ]
    assert [role.seats for role in drafted(format="peer-coaching", capacity=12).roles] == [4, 4, 4]


def test_fields_that_a_host_states_override_the_format() -> None:
    room = drafted(format="intervision", capacity=5, roles=[{"name": "peer"}])
    assert (room.capacity, [role.name for role in room.roles]) == (5, ["peer"])


def test_everybody_holds_one_office() -> None:
    room = drafted(facilitator_ids=[HOST, FACILITATOR], steward_ids=[FACILITATOR, HOST, STEWARD])
    assert (room.facilitator_ids, room.steward_ids) == ([FACILITATOR], [STEWARD])


def test_null_without_meaning_counts_as_not_given() -> None:
    room = drafted(language=None, roles=None, sponsor=None, facilitator_ids=None, access={"waitlist": None})
    assert room == drafted().model_copy(update={"room_id": room.room_id})


def test_the_same_command_again_changes_nothing_after_any_change_of_the_room() -> None:
    command = a_creation(place=None)
    event = created(command)
    assert isinstance(event, RoomDrafted)
    existing = evolve(empty_state(command, HOST), event)
    revised = RoomState(event.room.model_copy(update={"title": "Other", "version": 9}), existing.fingerprint)
    without_nulls = CreateRoom.model_validate(command.model_dump(exclude={"place"}))
    assert created(command, existing=existing) is None
    assert created(without_nulls, existing=revised) is None


@every_case(("changes", "host"), [({"title": "Other"}, HOST), ({}, STRANGER)])
def test_the_same_id_with_other_content_or_by_another_person_is_taken(changes: dict[str, Any], host: UUID) -> None:
    command = a_creation()
    event = created(command)
    assert isinstance(event, RoomDrafted)
    existing = evolve(empty_state(command, HOST), event)
    decision = created(command.model_copy(update=changes), existing=existing, host=host)
    assert isinstance(decision, Refusal)
    assert decision.code == "id-taken"


def test_a_room_that_states_more_than_a_message_holds_is_invalid() -> None:
    questions = [{"key": f"q{number}", "text": "字" * 1_000} for number in range(50)]
    decision = created(a_creation(purpose="字" * 10_000, access={"policy": "open", "questions": questions}))
    assert isinstance(decision, Refusal)
    assert decision.code == "invalid"
