"""What an office does about one person of a room: offers, roles, invitations, removal. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from practio_contracts.answers import Refusal
from practio_contracts.fields import tidy
from practio_contracts.membership import (
    AssignBuddy,
    ChangeRole,
    LiftBar,
    OfferSeat,
    Prioritise,
    Remove,
    RevokeInvitation,
    RevokeOffer,
    Status,
)
from practio_contracts.rooms import Room
from practio_pages.pages.own_rooms import LIVE

PersonCommand = AssignBuddy | ChangeRole | LiftBar | OfferSeat | Prioritise | Remove | RevokeInvitation | RevokeOffer

_HOST = frozenset({"host"})
_LEADING = frozenset({"host", "facilitator"})
_OFFICES = frozenset({"host", "facilitator", "steward"})

BEHIND = Refusal(code="version-conflict", detail="somebody else has changed this in the meantime")
"""The refusal of a form that is behind what somebody else has chosen; no service answered it."""


class PersonStepFault(StrEnum):
    """A fault of one field."""

    MISSING = "missing"
    NUMBER = "number"
    CHOOSE = "choose"
    TOO_LONG = "too-long"
    UNREADABLE = "unreadable"


PersonStepFaults = dict[str, PersonStepFault]
"""The fault of each faulty field, by the field's name."""


@dataclass(frozen=True, slots=True)
class PersonStep:
    """A step about a person: its command, which offices take it, for whom it is taken, and the fields of its form."""

    name: str
    command: type[PersonCommand]
    offices: frozenset[str]
    out_of: frozenset[Status]
    fields: tuple[str, ...] = ()

    @property
    def replaces(self) -> str | None:
        """Return the field whose former value a step replaces, if it replaces one."""
        return next((name for name in self.fields if name in ("priority", "role", "buddy_id")), None)


STEPS: Mapping[str, PersonStep] = {
    step.name: step
    for step in (
        PersonStep("offer", OfferSeat, _HOST, frozenset({Status.WAITLISTED}), ("over_capacity",)),
        PersonStep("revoke-offer", RevokeOffer, _HOST, frozenset({Status.OFFERED})),
        PersonStep(
            "priority",
            Prioritise,
            _HOST,
            frozenset({Status.WAITLISTED, Status.REQUESTED, Status.INVITED, Status.OFFERED}),
            ("priority",),
        ),
        PersonStep("revoke-invitation", RevokeInvitation, _OFFICES, frozenset({Status.INVITED})),
        PersonStep("role", ChangeRole, _LEADING, frozenset({Status.JOINED}), ("role",)),
        PersonStep("buddy", AssignBuddy, _OFFICES, frozenset({Status.JOINED}), ("buddy_id",)),
        PersonStep("remove", Remove, _HOST, frozenset({Status.JOINED}), ("reason", "bar")),
        PersonStep("lift-bar", LiftBar, _HOST, frozenset({Status.REMOVED})),
    )
}
"""The steps by name, in the order in which a page offers them."""


def is_possible(step: PersonStep, status: Status | None, *, office: str, room: Room) -> bool:
    """Return whether a holder of ``office`` can take a step about a person with this status."""
    has_choice = step.command is not ChangeRole or len(room.roles) > 1
    return room.status in LIVE and office in step.offices and status in step.out_of and has_choice


def steps_for(status: Status | None, *, office: str, room: Room) -> list[PersonStep]:
    """Return the steps that a holder of ``office`` can take about a person with this status."""
    return [step for step in STEPS.values() if is_possible(step, status, office=office, room=room)]


def command_of(
    step: PersonStep, form: Mapping[str, str], *, room: Room, person_id: UUID
) -> PersonCommand | PersonStepFaults:
    """Return the command of a step with what was typed, or the faults of its fields."""
    faults: PersonStepFaults = {}
    stated = {name: _value(name, tidy(form.get(name, "")), room, faults) for name in step.fields}
    if faults:
        return faults
    try:
        return step.command.model_validate({"room_id": room.room_id, "person_id": person_id, **stated})
    except ValidationError as error:
        return {str(each["loc"][0]): _fault(each["type"]) for each in error.errors()}


def _value(name: str, text: str, room: Room, faults: PersonStepFaults) -> Any:
    match name:
        case "bar" | "over_capacity":
            return bool(text)
        case "buddy_id":
            return text or None
        case "priority":
            number = _number(text)
            if number is None:
                faults[name] = PersonStepFault.NUMBER
            return number
        case "role" if text not in {role.name for role in room.roles}:
            faults[name] = PersonStepFault.CHOOSE
        case "reason" if not text:
            faults[name] = PersonStepFault.MISSING
    return text


def _number(text: str) -> int | None:
    digits = text.replace("−", "-").removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 3 and int(digits) <= 100):
        return None
    return int(digits) if digits == text else -int(digits)


def _fault(kind: str) -> PersonStepFault:
    return PersonStepFault.TOO_LONG if kind in ("too_long", "string_too_long") else PersonStepFault.UNREADABLE
