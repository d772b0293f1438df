"""A person is erased: offices are dismissed, rooms pass on or close."""

import pytest
from tests.unit.rooms.builders import FACILITATOR, HOST, STEWARD, STRANGER, a_state

from practio_contracts.rooms import RoomClosed, RoomRevised, RoomStatus
from practio_rooms.domain.erasure import forget_person

DRAFT, PUBLISHED, CLOSED, CANCELLED, ARCHIVED = RoomStatus


def test_an_office_is_dismissed() -> None:
    fact = forget_person(a_state(), FACILITATOR)
    assert isinstance(fact, RoomRevised)
    assert (fact.room.facilitator_ids, fact.changed_fields) == ([], ["facilitator_ids"])


def test_a_room_passes_to_the_first_facilitator() -> None:
    fact = forget_person(a_state(facilitator_ids=[FACILITATOR, STRANGER]), HOST)
    assert isinstance(fact, RoomRevised)
    assert (fact.room.host_id, fact.room.facilitator_ids) == (FACILITATOR, [STRANGER])
    assert fact.changed_fields == ["host_id", "facilitator_ids"]


def test_a_room_without_facilitators_passes_to_the_first_steward() -> None:
    fact = forget_person(a_state(facilitator_ids=[]), HOST)
    assert isinstance(fact, RoomRevised)
    assert (fact.room.host_id, fact.room.steward_ids) == (STEWARD, [])


def test_a_published_room_that_nobody_can_host_is_closed_and_says_why() -> None:
    fact = forget_person(a_state(facilitator_ids=[], steward_ids=[]), HOST)
    assert isinstance(fact, RoomClosed)
    assert fact.room.status is CLOSED
    assert fact.reason


@pytest.mark.parametrize("status", [DRAFT, CLOSED])
def test_any_other_room_that_nobody_can_host_stays_as_it_is(status: RoomStatus) -> None:
    assert forget_person(a_state(status, facilitator_ids=[], steward_ids=[]), HOST) is None


@pytest.mark.parametrize("status", [CANCELLED, ARCHIVED])
def test_a_room_that_ended_stays_as_it_is(status: RoomStatus) -> None:
    assert forget_person(a_state(status), HOST) is None


def test_a_person_without_office_leaves_no_trace() -> None:
    assert forget_person(a_state(), STRANGER) is None
