"""How the offices of a room change: appointed, dismissed, handed over, and the hand-over taken back. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from pydantic import ValidationError

from practio_contracts.rooms import (
    ENDED_ROOM,
    LIVE_ROOM,
    Appoint,
    DeclineHandOver,
    Dismiss,
    HandOver,
    RoomResult,
)
from practio_pages.pages.own_rooms import LIVE
from practio_pages.pages.sidebar import office_of

OfficeCommand = Appoint | Dismiss | HandOver | DeclineHandOver
FIELDS = ("person", "office")


class OfficeFormFault(StrEnum):
    """A fault of one field."""

    PERSON = "person"
    OFFICE = "office"


OfficeFormFaults = dict[str, OfficeFormFault]
"""The faults by the name of the field."""


@dataclass(frozen=True, slots=True)
class OfficeStep:
    """A change of an office: its name in the address and its command."""

    name: str
    command: type[OfficeCommand]


APPOINT, DISMISS, HAND_OVER, TAKE_BACK = (
    OfficeStep("appoint", Appoint),
    OfficeStep("dismiss", Dismiss),
    OfficeStep("hand-over", HandOver),
    OfficeStep("take-back", DeclineHandOver),
)


def command_of(step: OfficeStep, form: Mapping[str, str], room_id: UUID) -> OfficeCommand | OfficeFormFaults:
    """Return the command that a form stands for, or the faults of its fields."""
    fields = {"room_id": room_id, "person_id": form["person"]}
    if step in (APPOINT, DISMISS):
        fields["office"] = form["office"]
    try:
        return step.command.model_validate(fields)
    except ValidationError as error:
        faulty = {str(each["loc"][0]) for each in error.errors()}
        return {
            **({"person": OfficeFormFault.PERSON} if "person_id" in faulty else {}),
            **({"office": OfficeFormFault.OFFICE} if "office" in faulty else {}),
        }


def is_possible(step: OfficeStep, room_result: RoomResult, *, by: UUID, person_id: UUID | None) -> bool:
    """Return whether a person can take a step now; ``person_id`` is whom it dismisses."""
    room = room_result.room
    if step is DISMISS:
        is_held = person_id is not None and office_of(room, person_id) in ("facilitator", "steward")
        return is_held and room.status not in ENDED_ROOM and by in (room.host_id, person_id)
    if by != room.host_id:
        return False
    if step is TAKE_BACK:
        return room_result.proposed_host_id is not None and room.status in LIVE
    return room.status not in ENDED_ROOM if step is APPOINT else room.status in LIVE_ROOM
