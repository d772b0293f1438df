"""How a room's life goes on: closed, reopened, cancelled, archived, or discarded while it is a draft. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from pydantic import ValidationError

from practio_contracts.fields import tidy
from practio_contracts.rooms import LIVE_ROOM, ArchiveRoom, CancelRoom, CloseRoom, DiscardDraft, ReopenRoom, RoomStatus
from practio_pages.pages.field_faults import FieldFault

LifeCommand = CloseRoom | ReopenRoom | CancelRoom | ArchiveRoom | DiscardDraft


@dataclass(frozen=True, slots=True)
class RoomLifeStep:
    """A step in a room's life: its command, from which statuses it is taken, and whether it needs a reason.

    Commands that may state one without need do not: no letter and no page would bring it to anybody.
    """

    name: str
    command: type[LifeCommand]
    out_of: frozenset[RoomStatus]
    needs_reason: bool = False


STEPS: Mapping[str, RoomLifeStep] = {
    step.name: step
    for step in (
        RoomLifeStep("close", CloseRoom, frozenset({RoomStatus.PUBLISHED})),
        RoomLifeStep("reopen", ReopenRoom, frozenset({RoomStatus.CLOSED})),
        RoomLifeStep("archive", ArchiveRoom, LIVE_ROOM),
        RoomLifeStep("cancel", CancelRoom, LIVE_ROOM, needs_reason=True),
        RoomLifeStep("discard", DiscardDraft, frozenset({RoomStatus.DRAFT})),
    )
}
"""The steps by name, in the order in which a page offers them."""


def steps_from(status: RoomStatus) -> list[RoomLifeStep]:
    """Return the steps that a room with this status can take."""
    return [step for step in STEPS.values() if status in step.out_of]


def command_of(step: RoomLifeStep, room_id: UUID, reason: str) -> LifeCommand | FieldFault:
    """Return the command of a step with the reason that was typed, or the fault of the reason."""
    reason = tidy(reason)
    if step.needs_reason and not reason:
        return FieldFault.MISSING
    fields = {"room_id": room_id} | ({"reason": reason} if step.needs_reason else {})
    try:
        return step.command.model_validate(fields)
    except ValidationError as error:
        return FieldFault.of_text(error.errors()[0]["type"])
