"""Appointing, dismissing and handing over: the events; test_command_matrix.py walks who may do what when."""

from uuid import UUID

from tests.unit.rooms.builders import FACILITATOR, HOST, STEWARD, STRANGER, a_state
from tests.unit.rooms.room_history import RoomHistory, outcome_of

from practio_contracts.envelope import SYSTEM
from practio_contracts.rooms import (
    MOST_IN_AN_OFFICE,
    AcceptHandOver,
    Appoint,
    DeclineHandOver,
    Dismiss,
    HandOver,
    HandOverDeclined,
    HandOverProposed,
    HostChanged,
    Office,
    OfficeChanged,
)


def test_an_appointed_person_comes_last_and_is_named_in_the_event() -> None:
    event = RoomHistory(a_state(version=4)).send(Appoint, HOST, person_id=STRANGER, office="facilitator")
    assert isinstance(event, OfficeChanged)
    assert (event.person_id, event.office, event.appointed) == (STRANGER, Office.FACILITATOR, True)
    assert (event.room.facilitator_ids, event.room.steward_ids, event.room.version) == (
        [FACILITATOR, STRANGER],
        [STEWARD],
        5,
    )


def test_a_dismissed_person_leaves_no_trace_and_is_named_in_the_event() -> None:
    event = RoomHistory(a_state()).send(Dismiss, HOST, person_id=STEWARD, office="steward")
    assert isinstance(event, OfficeChanged)
    assert (event.person_id, event.office, event.appointed) == (STEWARD, Office.STEWARD, False)
    assert (event.room.facilitator_ids, event.room.steward_ids) == ([FACILITATOR], [])


def test_an_office_may_be_resigned() -> None:
    decision = RoomHistory(a_state()).send(Dismiss, STEWARD, person_id=STEWARD, office="steward")
    assert isinstance(decision, OfficeChanged)


def test_changing_offices_requires_a_dismissal_first() -> None:
    history = RoomHistory(a_state())
    assert outcome_of(history.send(Appoint, HOST, person_id=STEWARD, office="facilitator")) == "office-taken"
    history.send(Dismiss, HOST, person_id=STEWARD, office="steward")
    history.send(Appoint, HOST, person_id=STEWARD, office="facilitator")
    assert (history.room.facilitator_ids, history.room.steward_ids) == ([FACILITATOR, STEWARD], [])


def test_an_office_holds_no_more_people_than_create_room_may_name() -> None:
    stewards = [UUID(int=number) for number in range(1_000, 1_000 + MOST_IN_AN_OFFICE)]
    history = RoomHistory(a_state(steward_ids=stewards))
    assert outcome_of(history.send(Appoint, HOST, person_id=STRANGER, office="steward")) == "office-taken"
    history.send(Dismiss, HOST, person_id=stewards[0], office="steward")
    assert outcome_of(history.send(Appoint, HOST, person_id=STRANGER, office="steward")) == "office-changed"


def test_a_hand_over_leaves_the_room_with_its_host_until_it_is_accepted() -> None:
    history = RoomHistory(a_state())
    proposed = history.send(HandOver, HOST, person_id=STRANGER)
    assert isinstance(proposed, HandOverProposed)
    assert (proposed.person_id, proposed.instead_of, proposed.room.host_id) == (STRANGER, None, HOST)
    accepted = history.send(AcceptHandOver, STRANGER, person_id=STRANGER)
    assert isinstance(accepted, HostChanged)
    assert (accepted.person_id, accepted.former_host_id, accepted.reason) == (STRANGER, HOST, None)
    assert history.room.host_id == STRANGER


def test_the_former_host_holds_no_office_and_may_be_appointed_to_one() -> None:
    history = RoomHistory(a_state(proposed_host_id=STRANGER))
    history.send(AcceptHandOver, STRANGER, person_id=STRANGER)
    assert HOST not in history.room.office_ids
    history.send(Appoint, STRANGER, person_id=HOST, office="facilitator")
    assert history.room.facilitator_ids == [FACILITATOR, HOST]


def test_a_facilitator_who_becomes_the_host_is_no_facilitator_any_more() -> None:
    history = RoomHistory(a_state(proposed_host_id=FACILITATOR))
    history.send(AcceptHandOver, FACILITATOR, person_id=FACILITATOR)
    assert (history.room.host_id, history.room.facilitator_ids) == (FACILITATOR, [])


def test_a_new_proposal_replaces_the_one_before() -> None:
    history = RoomHistory(a_state(proposed_host_id=STRANGER))
    event = history.send(HandOver, HOST, person_id=STEWARD)
    assert isinstance(event, HandOverProposed)
    assert (event.person_id, event.instead_of) == (STEWARD, STRANGER)
    assert outcome_of(history.send(AcceptHandOver, STRANGER, person_id=STRANGER)) == "no-hand-over"
    assert outcome_of(history.send(AcceptHandOver, STEWARD, person_id=STEWARD)) == "host-changed"


def test_a_proposal_that_was_declined_or_taken_back_is_accepted_no_more() -> None:
    for by in (STRANGER, HOST, SYSTEM):
        history = RoomHistory(a_state(proposed_host_id=STRANGER))
        declined = history.send(DeclineHandOver, by, person_id=STRANGER)
        assert isinstance(declined, HandOverDeclined)
        assert (declined.person_id, declined.reason, declined.room.host_id) == (STRANGER, None, HOST)
        assert outcome_of(history.send(AcceptHandOver, STRANGER, person_id=STRANGER)) == "no-hand-over"


def test_a_proposal_outlasts_closing_and_a_change_of_offices() -> None:
    history = RoomHistory(a_state(proposed_host_id=FACILITATOR))
    history.send(Dismiss, HOST, person_id=FACILITATOR, office="facilitator")
    assert outcome_of(history.send(AcceptHandOver, FACILITATOR, person_id=FACILITATOR)) == "host-changed"
    assert outcome_of(history.send(AcceptHandOver, FACILITATOR, person_id=FACILITATOR)) == "="
