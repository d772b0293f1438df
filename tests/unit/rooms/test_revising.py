"""Revising a room: the given fields change, all others stay."""

from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from tests.support.every_case import every_case
from tests.unit.rooms.builders import FACILITATOR, HOST, STEWARD, STRANGER, a_revision, a_state

from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.rooms import Room, RoomRevised, RoomStatus
from practio_rooms.domain.room import Decision, RoomState, evolve
from practio_rooms.domain.statements import revise_room

DRAFT, PUBLISHED, CLOSED, CANCELLED, ARCHIVED = RoomStatus
WAITLIST = {"enabled": True, "limit": 5, "promotion": "automatic", "offer_window_hours": 48, "after_lapse": "requeue"}
ACCESS = {
    "policy": "approval",
    "questions": [{"key": "why", "text": "Why?", "required": True}],
    "waitlist": WAITLIST,
    "request_expires_after_days": 10,
    "reapply_after_days": 3,
}


def revise(state: RoomState, *, by: UUID | str = HOST, **fields: Any) -> Decision:
    return revise_room(state, a_revision(**fields), by)


def revised(state: RoomState, **fields: Any) -> RoomRevised:
    decision = revise(state, **fields)
    assert isinstance(decision, RoomRevised)
    return decision


def code(decision: Decision) -> str:
    assert isinstance(decision, Refusal)
    return decision.code


def test_a_revision_states_what_changed_and_raises_the_version_by_one() -> None:
    event = revised(a_state(version=7), title="New title", capacity=9, domain="Education")
    assert set(event.changed_fields) == {"title", "capacity"}
    assert (event.room.title, event.room.capacity, event.room.version) == ("New title", 9, 8)


def test_a_revision_that_changes_nothing_has_no_event() -> None:
    state = a_state()
    stated: dict[str, Any] = {
        "title": state.room.title,
        "roles": [{"name": "participant"}],
        "access": {"policy": "approval"},
    }
    assert revise(state, **stated) is None
    assert revise(state) is None


@every_case(
    ("given_access", "path", "value"),
    [
        ({"policy": "open"}, ("policy",), "open"),
        ({"waitlist": {"enabled": False}}, ("waitlist", "enabled"), False),
        ({"waitlist": {"limit": None}}, ("waitlist", "limit"), None),
        ({"reapply_after_days": None}, ("reapply_after_days",), None),
        ({"questions": []}, ("questions",), []),
    ],
)
def test_access_and_its_waitlist_are_merged_field_by_field(
    given_access: dict[str, Any], path: tuple[str, ...], value: Any
) -> None:
    event = revised(a_state(access=ACCESS), access=given_access)
    expected: dict[str, Any] = {**ACCESS, "waitlist": dict(WAITLIST)}
    inner = expected
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    assert event.room.access.model_dump(mode="json") == expected
    assert event.changed_fields == ["access"]


def test_null_clears_fields_that_may_be_null_and_counts_as_not_given_elsewhere() -> None:
    event = revised(a_state(place="Via Po 1"), place=None, for_whom=None, title=None, roles=None, access=None)
    assert event.changed_fields == ["for_whom", "place"]
    assert revise(a_state(access=ACCESS), access={"questions": None, "waitlist": {"enabled": None}}) is None


def test_a_sponsor_is_replaced_whole() -> None:
    event = revised(a_state(sponsor={"kind": "organisation", "name": "Acme"}), sponsor={"kind": "participants"})
    assert event.room.sponsor.name is None


def test_roles_that_a_format_brought_follow_format_and_capacity() -> None:
    coaching = revised(a_state(), format="peer-coaching")
    assert [role.seats for role in coaching.room.roles] == [2, 2, 2]
    wider = revised(evolve(a_state(), coaching), capacity=12)
    assert [role.seats for role in wider.room.roles] == [4, 4, 4]


def test_the_capacity_that_a_format_brought_to_a_draft_follows_another_format_until_it_is_given() -> None:
    draft = a_state(DRAFT, capacity=8)
    coaching = revised(draft, format="peer-coaching")
    assert (coaching.room.capacity, [role.seats for role in coaching.room.roles]) == (3, [1, 1, 1])
    assert revised(draft, format="peer-coaching", capacity=8).room.capacity == 8
    assert revised(a_state(DRAFT, capacity=7), format="method-practice").room.capacity == 7
    assert revised(a_state(DRAFT, capacity=7), format="method-practice", capacity=None).room.capacity == 16


def test_the_capacity_of_a_published_room_stays_when_its_format_changes() -> None:
    assert revised(a_state(capacity=8), format="method-practice").room.capacity == 8


def test_roles_that_a_host_stated_stay() -> None:
    state = a_state(roles=[{"name": "peer"}])
    assert revised(state, format="method-practice").room.roles == state.room.roles


def test_guidelines_rise_when_their_text_changes_and_never_take_an_old_number() -> None:
    state = a_state()
    assert revise(state, guidelines={"text": "What is said here stays here.", "version": 40}) is None
    second = evolve(state, revised(state, guidelines={"text": "Be on time."}))
    assert second.room.guidelines
    assert second.room.guidelines.version == 2
    none = evolve(second, revised(second, guidelines=None))
    third = revised(none, guidelines={"text": "What is said here stays here."})
    assert third.room.guidelines
    assert third.room.guidelines.version == 3


def test_an_outdated_expected_version_is_a_conflict() -> None:
    assert code(revise(a_state(version=5), title="New", expected_version=4)) == "version-conflict"
    assert revised(a_state(version=5), title="New", expected_version=5)


@every_case("status", [PUBLISHED, CLOSED])
def test_a_room_that_was_published_stays_complete(status: RoomStatus) -> None:
    decision = revise(a_state(status), purpose=None, mode="hybrid")
    assert isinstance(decision, Refusal)
    assert (decision.code, [error.field for error in decision.errors]) == ("incomplete", ["purpose", "place"])


def test_a_draft_may_be_incomplete() -> None:
    assert revised(a_state(DRAFT), purpose=None, mode="hybrid")


@every_case("status", [CANCELLED, ARCHIVED])
def test_a_room_that_ended_is_not_revised(status: RoomStatus) -> None:
    assert code(revise(a_state(status), title="New")) == "not-in-this-state"


@every_case("by", [HOST, SYSTEM])
def test_the_host_and_the_system_revise_everything(by: UUID | str) -> None:
    assert isinstance(revise(a_state(), by=by, title="New", purpose="New"), RoomRevised)


def test_facilitators_revise_only_purpose_and_guidelines() -> None:
    given_both = {"purpose": "New", "guidelines": {"text": "New"}}
    assert isinstance(revise(a_state(), by=FACILITATOR, **given_both, title=None), RoomRevised)
    assert code(revise(a_state(), by=FACILITATOR, **given_both, title="New")) == "not-allowed"


@every_case("by", [STEWARD, STRANGER])
def test_nobody_but_host_and_facilitators_revises(by: UUID) -> None:
    assert code(revise(a_state(), by=by, purpose="New")) == "not-allowed"


revisions = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(["One", "Two", None]),
        "domain": st.sampled_from(["care", None]),
        "for_whom": st.sampled_from(["all", None]),
        "mode": st.sampled_from(["online", "hybrid", None]),
        "place": st.sampled_from(["Via Po 1", None]),
        "sponsor": st.sampled_from([{"kind": "organisation"}, {"kind": "organisation", "name": "Acme"}, None]),
        "guidelines": st.sampled_from([{"text": "A"}, {"text": "B"}, None]),
        "access": st.fixed_dictionaries(
            {},
            optional={
                "policy": st.sampled_from(["open", "approval", None]),
                "reapply_after_days": st.sampled_from([0, 9, None]),
                "waitlist": st.none()
                | st.fixed_dictionaries(
                    {}, optional={"limit": st.sampled_from([1, None]), "enabled": st.sampled_from([True, False, None])}
                ),
            },
        )
        | st.none(),
    },
)


def settled(state: RoomState, fields: dict[str, Any]) -> RoomState:
    decision = revise(state, **fields)
    assert not isinstance(decision, Refusal)
    return evolve(state, decision) if decision else state


@given(revisions)
def test_a_field_that_is_not_given_never_changes(fields: dict[str, Any]) -> None:
    before = a_state(DRAFT, access=ACCESS)
    after = settled(before, fields).room
    assert all(
        getattr(after, name) == getattr(before.room, name)
        for name in Room.model_fields
        if name not in fields and name != "version"
    )


@given(revisions)
def test_the_same_revision_twice_is_the_revision_once(fields: dict[str, Any]) -> None:
    once = settled(a_state(DRAFT, access=ACCESS), fields)
    assert settled(once, fields) == once


@given(revisions, revisions)
def test_the_last_writer_wins_field_by_field(first: dict[str, Any], second: dict[str, Any]) -> None:
    first = {name: value for name, value in first.items() if name not in second and name != "guidelines"}
    start = a_state(DRAFT, access=ACCESS)
    one_way, other_way = settled(settled(start, first), second), settled(settled(start, second), first)
    assert one_way.room.model_copy(update={"version": 0}) == other_way.room.model_copy(update={"version": 0})


@given(st.lists(revisions, max_size=6))
def test_a_guidelines_number_belongs_to_one_text(several: list[dict[str, Any]]) -> None:
    state, texts = a_state(DRAFT), {1: "What is said here stays here."}
    for fields in several:
        state = settled(state, fields)
        if state.room.guidelines:
            text, version = state.room.guidelines.text, state.room.guidelines.version
            assert texts.setdefault(version, text) == text
