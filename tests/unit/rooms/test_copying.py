"""Copying a room: who may, what a copy keeps, and the same command twice."""

from typing import Any
from uuid import UUID, uuid4

from tests.support.every_case import every_case
from tests.unit.rooms.builders import FACILITATOR, HOST, STEWARD, STRANGER, a_room

from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.rooms import CopyRoom, CreateRoom, Kept, Room, RoomDrafted, RoomStatus
from practio_rooms.domain.copying import copy_room, empty_copy, not_allowed_to_copy
from practio_rooms.domain.room import Decision, RoomState, evolve
from practio_rooms.domain.statements import create_room

KEPT = {
    Kept.STATEMENTS: {
        "domain",
        "purpose",
        "for_whom",
        "format",
        "mode",
        "capacity",
        "language",
        "time_zone",
        "place",
        "meeting_url",
        "sponsor",
    },
    Kept.ACCESS: {"access"},
    Kept.GUIDELINES: {"guidelines"},
    Kept.ROLES: {"roles"},
    Kept.OFFICES: {"facilitator_ids", "steward_ids"},
    Kept.NOTES: set[str](),
}
NEVER = {"room_id", "version", "status", "title", "host_id", "next_session_at", "published_at", "origin_id"}


def an_origin(**fields: Any) -> Room:
    stated: dict[str, Any] = {
        "capacity": 5,
        "roles": [{"name": "peer", "seats": 4}],
        "language": "it",
        "place": "Room 4",
        "sponsor": {"kind": "organisation", "name": "Heads"},
        "access": {"policy": "invitation", "waitlist": {"limit": 7}, "reapply_after_days": None},
        "guidelines": {"version": 9, "text": "What is said here stays here."},
    }
    return a_room(**(stated | fields))


def a_copying(origin: Room, **fields: Any) -> CopyRoom:
    return CopyRoom.model_validate({"room_id": origin.room_id, "new_room_id": uuid4(), **fields})


def copied(origin: Room, command: CopyRoom, *, existing: RoomState | None = None, host: UUID = HOST) -> Decision:
    return copy_room(existing or empty_copy(command, origin, host), command, origin, host)


def a_copy(origin: Room, host: UUID = HOST, **fields: Any) -> Room:
    event = copied(origin, a_copying(origin, **fields), host=host)
    assert isinstance(event, RoomDrafted)
    return event.room


def test_every_field_of_a_room_is_kept_by_one_part_or_is_the_copy_s_own() -> None:
    assert set(Room.model_fields) == set().union(NEVER, *KEPT.values())


@every_case("part", Kept)
def test_a_copy_keeps_what_is_named_and_nothing_else(part: Kept) -> None:
    origin = an_origin()
    copy = a_copy(origin, keep=[part]).model_dump()
    empty = a_copy(origin, keep=[]).model_dump()
    same = {name for name in KEPT[part] if copy[name] == origin.model_dump()[name]}
    assert same | ({"guidelines"} & KEPT[part]) == KEPT[part]
    changed = {name for name in copy if copy[name] != empty[name]} - {"room_id"}
    assert changed <= KEPT[part] | ({"roles"} if part is Kept.STATEMENTS else set())


def test_a_copy_is_a_draft_of_its_own_that_says_where_it_came_from() -> None:
    origin = an_origin(next_session_at="2026-03-09T18:00:00Z", published_at="2026-02-01T18:00:00Z")
    copy = a_copy(origin, STEWARD, title="Second room")
    assert (copy.status, copy.version, copy.host_id, copy.title) == (RoomStatus.DRAFT, 1, STEWARD, "Second room")
    assert (copy.origin_id, copy.next_session_at, copy.published_at) == (origin.room_id, None, None)
    assert copy.guidelines
    assert (copy.guidelines.version, copy.guidelines.text) == (1, "What is said here stays here.")
    assert (copy.facilitator_ids, copy.steward_ids) == ([], [])


def test_offices_are_kept_without_the_new_host_and_the_former_one() -> None:
    copy = a_copy(an_origin(), STEWARD, keep=["offices"])
    assert (copy.host_id, copy.facilitator_ids, copy.steward_ids) == (STEWARD, [FACILITATOR], [])


def test_a_copy_without_a_title_has_that_of_its_room_and_null_keeps_the_default() -> None:
    origin = an_origin()
    assert a_copy(origin, keep=None).model_dump(exclude={"room_id"}) == a_copy(origin).model_dump(exclude={"room_id"})
    assert a_copy(origin).title == origin.title
    assert a_copy(origin).access == origin.access


def test_host_stewards_and_system_may_copy_and_nobody_else() -> None:
    origin = an_origin()
    assert [not_allowed_to_copy(origin, by) for by in (HOST, STEWARD, SYSTEM)] == [None, None, None]
    for by in (FACILITATOR, STRANGER, None):
        assert not_allowed_to_copy(origin, by)


def test_the_same_command_again_changes_nothing_after_any_change_of_either_room() -> None:
    origin = an_origin()
    command = a_copying(origin, keep=["notes", "statements"])
    event = copied(origin, command)
    assert isinstance(event, RoomDrafted)
    existing = evolve(empty_copy(command, origin, HOST), event)
    again = CopyRoom.model_validate_json(command.model_dump_json())
    assert copied(an_origin(title="Another"), again, existing=existing) is None


@every_case(("changes", "host"), [({"title": "Other"}, HOST), ({"keep": []}, HOST), ({}, STEWARD)])
def test_the_same_id_with_other_content_or_by_another_person_is_taken(changes: dict[str, Any], host: UUID) -> None:
    origin = an_origin()
    command = a_copying(origin)
    event = copied(origin, command)
    assert isinstance(event, RoomDrafted)
    existing = evolve(empty_copy(command, origin, HOST), event)
    for decision in (
        copied(origin, a_copying(origin, new_room_id=command.new_room_id, **changes), existing=existing, host=host),
        create_room(existing, CreateRoom(room_id=command.new_room_id, title=origin.title), HOST),
    ):
        assert isinstance(decision, Refusal | None)
        assert decision or not (changes or host is STEWARD)
        if decision:
            assert decision.code == "id-taken"
