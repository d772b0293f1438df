"""What a person writes who asks to join, or accepts an invitation: read from a form's fields, made into the command."""

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

Asked = RequestToJoin | AcceptInvitation
WISHES: dict[str, type[Asked]] = {command.routing_key: command for command in (RequestToJoin, AcceptInvitation)}
MOST_ROLES = 5
"""How many roles a form lets people wish, in order."""


class Fault(StrEnum):
    """What is wrong with a field."""

    MISSING = "missing"
    NOT_ACCEPTED = "not-accepted"
    NO_SUCH_ROLE = "no-such-role"
    TOO_LONG = "too-long"
    ALL_TOO_LONG = "all-too-long"
    UNREADABLE = "unreadable"


Faults = dict[str, Fault]
"""What is wrong, by the form's field."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed: answers by the question's key, roles in order, the version of the guidelines that was ticked."""

    answers: Mapping[str, str] = field(default_factory=dict)
    roles: tuple[str, ...] = ()
    message: str = ""
    guidelines: int | None = None


def roles_to_wish(room: Room, membership: Membership | None) -> int:
    """Give how many roles may be wished, in order: none where there is no choice, or an invitation is for a role."""
    meant = membership is not None and membership.role is not None
    return 0 if meant or len(room.roles) < 2 else min(len(room.roles), MOST_ROLES)


def asks_something(room: Room, membership: Membership | None) -> bool:
    """Say whether who comes in has something to answer, to accept or to choose."""
    return bool(room.access.questions or room.guidelines or roles_to_wish(room, membership))


def typed_in(fields: Mapping[str, str], room: Room) -> Typed:
    """Read what was typed for ``room`` as it is now; a role that is wished twice counts where it came first."""
    answers = {each.key: tidy(fields.get(f"answer.{each.key}", "")) for each in room.access.questions}
    roles = (tidy(fields.get(f"role.{number}", "")) for number in range(1, MOST_ROLES + 1))
    return Typed(
        answers=answers,
        roles=tuple(dict.fromkeys(role for role in roles if role)),
        message=tidy(fields.get("message", "")),
        guidelines=_version(fields.get("guidelines", "")),
    )


def _version(written: str) -> int | None:
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else None


def wished(kind: type[Asked], typed: Typed, room: Room, person_id: UUID) -> Asked | Faults:
    """Make the command of what was typed, or say what is wrong with it."""
    if faults := _open_points(typed, room):
        return faults
    told = {
        "room_id": room.room_id,
        "person_id": person_id,
        "roles": list(typed.roles) or None,
        "answers": {key: answer for key, answer in typed.answers.items() if answer} or None,
        "message": typed.message or None,
        "accepted_guidelines": typed.guidelines if room.guidelines else None,
    }
    try:
        return kind.model_validate(told)
    except ValidationError as error:
        return {_field(each["loc"]): _fault(each) for each in error.errors()}


def _open_points(typed: Typed, room: Room) -> Faults:
    asked = room.access.questions
    faults = {f"answer.{each.key}": Fault.MISSING for each in asked if each.required and not typed.answers[each.key]}
    if set(typed.roles) - {role.name for role in room.roles}:
        faults["roles"] = Fault.NO_SUCH_ROLE
    if room.guidelines and typed.guidelines != room.guidelines.version:
        faults["guidelines"] = Fault.NOT_ACCEPTED
    return faults


def _field(place: tuple[int | str, ...]) -> str:
    match place:
        case ("answers", key, *_):
            return f"answer.{key}"
        case _:
            return str(place[0])


def _fault(error: ErrorDetails) -> Fault:
    if error["loc"] == ("answers",):
        return Fault.ALL_TOO_LONG
    return Fault.TOO_LONG if error["type"] in ("too_long", "string_too_long") else Fault.UNREADABLE


def faults_of(refusal: Refusal) -> Faults:
    """Give what a refusal says of single fields."""
    match refusal.code:
        case RefusalCode.ANSWERS_MISSING:
            return {each.field.replace("answers.", "answer.", 1): Fault.MISSING for each in refusal.errors}
        case RefusalCode.GUIDELINES_NOT_ACCEPTED:
            return {"guidelines": Fault.NOT_ACCEPTED}
        case RefusalCode.ROLE_UNKNOWN:
            return {"roles": Fault.NO_SUCH_ROLE}
    return {}
