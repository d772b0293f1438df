"""The form of a request to join or of an accepted invitation: read from its fields, checked, and made a command."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from practio_contracts.answers import Refusal
from practio_contracts.fields import tidy
from practio_contracts.membership import AcceptInvitation, Membership, RefusalCode, RequestToJoin
from practio_contracts.rooms import Room

JoinCommand = RequestToJoin | AcceptInvitation
JOIN_COMMANDS: dict[str, type[JoinCommand]] = {
    command.routing_key: command for command in (RequestToJoin, AcceptInvitation)
}
MOST_ROLES = 5
"""The largest number of roles that a form lets a person choose, in order of preference."""


class JoinFormFault(StrEnum):
    """A fault of one field."""

    MISSING = "missing"
    NOT_ACCEPTED = "not-accepted"
    NO_SUCH_ROLE = "no-such-role"
    TOO_LONG = "too-long"
    ALL_TOO_LONG = "all-too-long"
    UNREADABLE = "unreadable"


JoinFormFaults = dict[str, JoinFormFault]
"""The fault of each faulty field, by the field's name."""


@dataclass(frozen=True, slots=True)
class JoinForm:
    """The content of a form: answers by question key, roles in order, and the accepted version of the guidelines."""

    answers: Mapping[str, str] = field(default_factory=dict)
    roles: tuple[str, ...] = ()
    message: str = ""
    guidelines: int | None = None


def roles_to_choose(room: Room, membership: Membership | None) -> int:
    """Return how many roles a person may choose: 0 if there is no choice or their invitation names a role."""
    meant = membership is not None and membership.role is not None
    return 0 if meant or len(room.roles) < 2 else min(len(room.roles), MOST_ROLES)


def needs_form(room: Room, membership: Membership | None) -> bool:
    """Return whether joining requires an answer, an acceptance or a choice."""
    return bool(room.access.questions or room.guidelines or roles_to_choose(room, membership))


def read_join_form(fields: Mapping[str, str], room: Room) -> JoinForm:
    """Read the fields for ``room`` as it is now; a role that is chosen twice keeps its first position."""
    answers = {each.key: tidy(fields.get(f"answer.{each.key}", "")) for each in room.access.questions}
    roles = (tidy(fields.get(f"role.{number}", "")) for number in range(1, MOST_ROLES + 1))
    return JoinForm(
        answers=answers,
        roles=tuple(dict.fromkeys(role for role in roles if role)),
        message=tidy(fields.get("message", "")),
        guidelines=_version(fields.get("guidelines", "")),
    )


def _version(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def command_from(kind: type[JoinCommand], form: JoinForm, room: Room, person_id: UUID) -> JoinCommand | JoinFormFaults:
    """Return the command of a form, or its faults."""
    if faults := _input_faults(form, room):
        return faults
    fields = {
        "room_id": room.room_id,
        "person_id": person_id,
        "roles": list(form.roles) or None,
        "answers": {key: answer for key, answer in form.answers.items() if answer} or None,
        "message": form.message or None,
        "accepted_guidelines": form.guidelines if room.guidelines else None,
    }
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        return {_field(each["loc"]): _fault(each) for each in error.errors()}


def _input_faults(form: JoinForm, room: Room) -> JoinFormFaults:
    asked = room.access.questions
    faults = {
        f"answer.{each.key}": JoinFormFault.MISSING for each in asked if each.required and not form.answers[each.key]
    }
    if set(form.roles) - {role.name for role in room.roles}:
        faults["roles"] = JoinFormFault.NO_SUCH_ROLE
    if room.guidelines and form.guidelines != room.guidelines.version:
        faults["guidelines"] = JoinFormFault.NOT_ACCEPTED
    return faults


def _field(place: tuple[int | str, ...]) -> str:
    match place:
        case ("answers", key, *_):
            return f"answer.{key}"
        case _:
            return str(place[0])


def _fault(error: ErrorDetails) -> JoinFormFault:
    if error["loc"] == ("answers",):
        return JoinFormFault.ALL_TOO_LONG
    return JoinFormFault.TOO_LONG if error["type"] in ("too_long", "string_too_long") else JoinFormFault.UNREADABLE


def faults_of(refusal: Refusal) -> JoinFormFaults:
    """Return the faults of single fields that a refusal names."""
    match refusal.code:
        case RefusalCode.ANSWERS_MISSING:
            return {each.field.replace("answers.", "answer.", 1): JoinFormFault.MISSING for each in refusal.errors}
        case RefusalCode.GUIDELINES_NOT_ACCEPTED:
            return {"guidelines": JoinFormFault.NOT_ACCEPTED}
        case RefusalCode.ROLE_UNKNOWN:
            return {"roles": JoinFormFault.NO_SUCH_ROLE}
    return {}
