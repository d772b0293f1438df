"""A person is erased: proposals lapse, offices are dismissed, rooms pass on, close or are discarded."""

from typing import Any
from uuid import UUID

import pytest
from tests.support.every_case import every_case
from tests.unit.rooms.builders import FACILITATOR, HOST, STEWARD, STRANGER, a_state

from practio_contracts.rooms import (
    DraftDiscarded,
    HandOverDeclined,
    HostChanged,
    Office,
    OfficeChanged,
    RoomClosed,
    RoomEvent,
    RoomStatus,
)
from practio_rooms.domain.erasure import erase_person
from practio_rooms.domain.room import evolve

DRAFT, PUBLISHED, CLOSED, CANCELLED, ARCHIVED = RoomStatus
NOBODY: dict[str, Any] = {"facilitator_ids": [], "steward_ids": []}

any_status = pytest.mark.parametrize("status", RoomStatus)


def only(events: list[RoomEvent]) -> RoomEvent:
    [event] = events
    return event


@any_status
@pytest.mark.parametrize(("person", "office"), [(FACILITATOR, Office.FACILITATOR), (STEWARD, Office.STEWARD)])
def test_an_office_is_dismissed(status: RoomStatus, person: UUID, office: Office) -> None:
    event = only(erase_person(a_state(status), person))
    assert isinstance(event, OfficeChanged)
    assert (event.person_id, event.office, event.appointed) == (person, office, False)
    assert person not in (*event.room.facilitator_ids, *event.room.steward_ids)
    assert event.room.status is status


@any_status
def test_a_room_passes_to_the_first_facilitator(status: RoomStatus) -> None:
    event = only(erase_person(a_state(status, facilitator_ids=[FACILITATOR, STRANGER]), HOST))
    assert isinstance(event, HostChanged)
    assert (event.person_id, event.former_host_id) == (FACILITATOR, HOST)
    assert (event.room.host_id, event.room.facilitator_ids, event.room.steward_ids) == (
        FACILITATOR,
        [STRANGER],
        [STEWARD],
    )
    assert event.reason


@any_status
def test_a_room_without_facilitators_passes_to_the_first_steward(status: RoomStatus) -> None:
    event = only(erase_person(a_state(status, facilitator_ids=[]), HOST))
    assert isinstance(event, HostChanged)
    assert (event.room.host_id, event.room.steward_ids) == (STEWARD, [])


def test_a_published_room_that_nobody_can_host_is_closed_with_a_reason() -> None:
    event = only(erase_person(a_state(**NOBODY), HOST))
    assert isinstance(event, RoomClosed)
    assert event.room.status is CLOSED
    assert event.reason


def test_a_draft_that_nobody_can_host_is_discarded() -> None:
    state = a_state(DRAFT, **NOBODY)
    event = only(erase_person(state, HOST))
    assert isinstance(event, DraftDiscarded)
    assert event.reason
    assert evolve(state, event).is_discarded


@every_case("status", [CLOSED, CANCELLED, ARCHIVED])
def test_any_other_room_that_nobody_can_host_stays_as_it_is(status: RoomStatus) -> None:
    assert erase_person(a_state(status, **NOBODY), HOST) == []


def test_a_person_without_office_leaves_no_trace() -> None:
    assert erase_person(a_state(proposed_host_id=STEWARD), STRANGER) == []


def test_a_proposal_to_the_person_lapses() -> None:
    state = a_state(proposed_host_id=STRANGER)
    event = only(erase_person(state, STRANGER))
    assert isinstance(event, HandOverDeclined)
    assert (event.person_id, event.room.host_id) == (STRANGER, HOST)
    assert event.reason
    assert evolve(state, event).proposed_host_id is None


def test_a_proposal_to_a_person_in_an_office_lapses_before_they_leave_it() -> None:
    state = a_state(proposed_host_id=STEWARD, version=7)
    lapsed, left = erase_person(state, STEWARD)
    assert isinstance(lapsed, HandOverDeclined)
    assert isinstance(left, OfficeChanged)
    assert (lapsed.room.version, left.room.version) == (8, 9)


@every_case(("offices", "then"), [({}, HostChanged), (NOBODY, RoomClosed)])
def test_a_proposal_of_the_person_lapses_before_the_room_passes_on_or_closes(
    offices: dict[str, Any], then: type[RoomEvent]
) -> None:
    state = a_state(proposed_host_id=STRANGER, version=7, **offices)
    lapsed, after = erase_person(state, HOST)
    assert isinstance(lapsed, HandOverDeclined)
    assert isinstance(after, then)
    assert (lapsed.person_id, after.room.version) == (STRANGER, 9)


def test_a_closed_room_that_nobody_can_host_loses_only_its_proposal() -> None:
    event = only(erase_person(a_state(CLOSED, proposed_host_id=STRANGER, **NOBODY), HOST))
    assert isinstance(event, HandOverDeclined)
