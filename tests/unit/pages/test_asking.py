"""What a person writes who asks to join: fields become the command, or are marked with what is wrong with them."""

import pytest
from tests.unit.pages.builders import ADA, ROOM, a_membership, a_room

from practio_contracts.answers import FieldError, Refusal
from practio_contracts.membership import AcceptInvitation, RequestToJoin, Status
from practio_pages.asking import Fault, Typed, asks_something, faults_of, roles_to_wish, typed_in, wished

TRIAD = [{"name": "coach"}, {"name": "coachee"}, {"name": "observer"}]
QUESTIONS = [{"key": "why", "text": "Why?", "required": True}, {"key": "since", "text": "Since when?"}]
ASKING = a_room(
    roles=TRIAD, access={"policy": "approval", "questions": QUESTIONS}, guidelines={"version": 2, "text": "Be kind."}
)
FILLED = {"answer.why": " To learn.\r\n", "role.1": "observer", "role.2": "coach", "guidelines": "2", "message": "Hi"}


def test_the_fields_of_a_form_become_a_request() -> None:
    assert wished(RequestToJoin, typed_in(FILLED, ASKING), ASKING, ADA) == RequestToJoin(
        room_id=ROOM,
        person_id=ADA,
        roles=["observer", "coach"],
        answers={"why": "To learn."},
        message="Hi",
        accepted_guidelines=2,
    )


def test_the_same_fields_accept_an_invitation() -> None:
    command = wished(AcceptInvitation, typed_in(FILLED, ASKING), ASKING, ADA)
    assert isinstance(command, AcceptInvitation)
    assert command.accepted_guidelines == 2


def test_where_nothing_is_asked_nothing_is_said() -> None:
    assert wished(RequestToJoin, typed_in({}, a_room()), a_room(), ADA) == RequestToJoin(room_id=ROOM, person_id=ADA)


def test_a_role_wished_twice_counts_where_it_came_first_and_gaps_close() -> None:
    fields = {"role.1": "", "role.2": "coach", "role.3": "coach"}
    assert typed_in(fields, ASKING).roles == ("coach",)


@pytest.mark.parametrize(
    ("typed", "faults"),
    [
        ({"answer.why": "  "}, {"answer.why": Fault.MISSING}),
        ({"guidelines": ""}, {"guidelines": Fault.NOT_ACCEPTED}),
        ({"guidelines": "1"}, {"guidelines": Fault.NOT_ACCEPTED}),
        ({"guidelines": "²"}, {"guidelines": Fault.NOT_ACCEPTED}),
        ({"role.1": "conductor"}, {"roles": Fault.NO_SUCH_ROLE}),
        ({"answer.why": "x" * 5_001}, {"answer.why": Fault.TOO_LONG}),
        ({"message": "x" * 10_001}, {"message": Fault.TOO_LONG}),
        ({"message": "a\x01b"}, {"message": Fault.UNREADABLE}),
        ({"answer.why": "", "guidelines": ""}, {"answer.why": Fault.MISSING, "guidelines": Fault.NOT_ACCEPTED}),
    ],
)
def test_what_is_wrong_is_told_by_its_field(typed: dict[str, str], faults: dict[str, Fault]) -> None:
    assert wished(RequestToJoin, typed_in(FILLED | typed, ASKING), ASKING, ADA) == faults


def test_answers_that_are_too_long_together_are_told_as_such() -> None:
    questions = [{"key": f"q{number}", "text": "?"} for number in range(5)]
    room = a_room(access={"policy": "approval", "questions": questions})
    typed = Typed(answers={f"q{number}": "x" * 4_500 for number in range(5)})
    assert wished(RequestToJoin, typed, room, ADA) == {"answers": Fault.ALL_TOO_LONG}


def test_an_invitation_for_a_role_leaves_no_choice_of_roles() -> None:
    assert roles_to_wish(ASKING, None) == 3
    assert roles_to_wish(ASKING, a_membership(Status.INVITED, role="coach")) == 0
    assert roles_to_wish(a_room(roles=[{"name": "participant"}]), None) == 0
    assert roles_to_wish(a_room(roles=[{"name": f"role {number}"} for number in range(9)]), None) == 5


@pytest.mark.parametrize(
    ("fields", "asks"),
    [
        ({}, False),
        ({"roles": TRIAD}, True),
        ({"guidelines": {"version": 1, "text": "Be kind."}}, True),
        ({"access": {"policy": "open", "questions": QUESTIONS}}, True),
    ],
)
def test_a_room_asks_something_by_questions_guidelines_or_roles(fields: dict[str, object], asks: bool) -> None:
    assert asks_something(a_room(**fields), None) is asks


def test_a_refusal_marks_the_fields_that_it_names() -> None:
    missing = [FieldError(field="answers.answers.why", message="x")]
    assert faults_of(Refusal(code="answers-missing", detail="x", errors=tuple(missing))) == {
        "answer.answers.why": Fault.MISSING
    }
    assert faults_of(Refusal(code="guidelines-not-accepted", detail="x")) == {"guidelines": Fault.NOT_ACCEPTED}
    assert faults_of(Refusal(code="role-unknown", detail="x")) == {"roles": Fault.NO_SUCH_ROLE}
    assert faults_of(Refusal(code="waitlist-full", detail="x")) == {}
