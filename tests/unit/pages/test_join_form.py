"""The content of a request: fields become the command, or are marked with their faults."""

from tests.support.every_case import every_case
from tests.unit.pages.builders import ADA, ROOM, a_membership, a_room

from practio_contracts.answers import FieldError, Refusal
from practio_contracts.membership import AcceptInvitation, RequestToJoin, Status
from practio_pages.pages.join_form import (
    JoinForm,
    JoinFormFault,
    command_from,
    faults_of,
    needs_form,
    read_join_form,
    roles_to_choose,
)

TRIAD = [{"name": "coach"}, {"name": "coachee"}, {"name": "observer"}]
QUESTIONS = [{"key": "why", "text": "Why?", "required": True}, {"key": "since", "text": "Since when?"}]
ASKING = a_room(
    roles=TRIAD, access={"policy": "approval", "questions": QUESTIONS}, guidelines={"version": 2, "text": "Be kind."}
)
FILLED = {"answer.why": " To learn.\r\n", "role.1": "observer", "role.2": "coach", "guidelines": "2", "message": "Hi"}


def test_the_fields_of_a_form_become_a_request() -> None:
    assert command_from(RequestToJoin, read_join_form(FILLED, ASKING), ASKING, ADA) == RequestToJoin(
        room_id=ROOM,
        person_id=ADA,
        roles=["observer", "coach"],
        answers={"why": "To learn."},
        message="Hi",
        accepted_guidelines=2,
    )


def test_the_same_fields_accept_an_invitation() -> None:
    command = command_from(AcceptInvitation, read_join_form(FILLED, ASKING), ASKING, ADA)
    assert isinstance(command, AcceptInvitation)
    assert command.accepted_guidelines == 2


def test_a_room_that_asks_nothing_gets_a_bare_command() -> None:
    assert command_from(RequestToJoin, read_join_form({}, a_room()), a_room(), ADA) == RequestToJoin(
        room_id=ROOM, person_id=ADA
    )


def test_a_role_chosen_twice_keeps_its_first_position_and_gaps_close() -> None:
    fields = {"role.1": "", "role.2": "coach", "role.3": "coach"}
    assert read_join_form(fields, ASKING).roles == ("coach",)


@every_case(
    ("entered", "faults"),
    [
        ({"answer.why": "  "}, {"answer.why": JoinFormFault.MISSING}),
        ({"guidelines": ""}, {"guidelines": JoinFormFault.NOT_ACCEPTED}),
        ({"guidelines": "1"}, {"guidelines": JoinFormFault.NOT_ACCEPTED}),
        ({"guidelines": "²"}, {"guidelines": JoinFormFault.NOT_ACCEPTED}),
        ({"role.1": "conductor"}, {"roles": JoinFormFault.NO_SUCH_ROLE}),
        ({"answer.why": "x" * 5_001}, {"answer.why": JoinFormFault.TOO_LONG}),
        ({"message": "x" * 10_001}, {"message": JoinFormFault.TOO_LONG}),
        ({"message": "a\x01b"}, {"message": JoinFormFault.UNREADABLE}),
        (
            {"answer.why": "", "guidelines": ""},
            {"answer.why": JoinFormFault.MISSING, "guidelines": JoinFormFault.NOT_ACCEPTED},
        ),
    ],
)
def test_faults_are_returned_by_field(entered: dict[str, str], faults: dict[str, JoinFormFault]) -> None:
    assert command_from(RequestToJoin, read_join_form(FILLED | entered, ASKING), ASKING, ADA) == faults


def test_answers_that_are_too_long_together_are_one_fault() -> None:
    questions = [{"key": f"q{number}", "text": "?"} for number in range(5)]
    room = a_room(access={"policy": "approval", "questions": questions})
    entered = JoinForm(answers={f"q{number}": "x" * 4_500 for number in range(5)})
    assert command_from(RequestToJoin, entered, room, ADA) == {"answers": JoinFormFault.ALL_TOO_LONG}


def test_an_invitation_for_a_role_leaves_no_choice_of_roles() -> None:
    assert roles_to_choose(ASKING, None) == 3
    assert roles_to_choose(ASKING, a_membership(Status.INVITED, role="coach")) == 0
    assert roles_to_choose(a_room(roles=[{"name": "participant"}]), None) == 0
    assert roles_to_choose(a_room(roles=[{"name": f"role {number}"} for number in range(9)]), None) == 5


@every_case(
    ("fields", "asks"),
    [
        ({}, False),
        ({"roles": TRIAD}, True),
        ({"guidelines": {"version": 1, "text": "Be kind."}}, True),
        ({"access": {"policy": "open", "questions": QUESTIONS}}, True),
    ],
)
def test_a_room_asks_something_by_questions_guidelines_or_roles(fields: dict[str, object], asks: bool) -> None:
    assert needs_form(a_room(**fields), None) is asks


def test_a_refusal_marks_the_fields_that_it_names() -> None:
    missing = [FieldError(field="answers.answers.why", message="x")]
    assert faults_of(Refusal(code="answers-missing", detail="x", errors=tuple(missing))) == {
        "answer.answers.why": JoinFormFault.MISSING
    }
    assert faults_of(Refusal(code="guidelines-not-accepted", detail="x")) == {"guidelines": JoinFormFault.NOT_ACCEPTED}
    assert faults_of(Refusal(code="role-unknown", detail="x")) == {"roles": JoinFormFault.NO_SUCH_ROLE}
    assert faults_of(Refusal(code="waitlist-full", detail="x")) == {}
