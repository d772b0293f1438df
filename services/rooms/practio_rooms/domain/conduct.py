"""Reports of how somebody behaves: who may report, who reads and settles them (README, Safety). Pure."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from practio_contracts.answers import FieldError, Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.rooms import Outcome, Reader, RefusalCode, Room, SettleConduct
from practio_rooms.domain.frequency import Frequency
from practio_rooms.domain.room import Actor, not_allowed

OF_A_PERSON = Frequency(100, timedelta(days=7), "a person can make 100 reports in 7 days in a room: try again later")
"""How many reports a person may make in a room: a bound against abuse alone."""

ID_TAKEN = Refusal(
    code=RefusalCode.ID_TAKEN, detail="a report with this id already exists with other content: use a new id"
)
REPORT_UNKNOWN = Refusal(
    code=RefusalCode.REPORT_UNKNOWN, detail="there is no report with this id that you can settle: check the id"
)
FOR_STEWARDS = not_allowed("only the room's stewards can read and settle reports")

_NOT_IN_IT = not_allowed("only people in the room, on its waitlist and in its offices can report something here")
_IS_SETTLED = Refusal(
    code=RefusalCode.NOT_IN_THIS_STATE, detail="the report was settled before, otherwise: read it again"
)


def not_allowed_to_report(room: Room, by: Actor, *, is_around: bool) -> Refusal | None:
    """Return why an actor may not report anything in a room, or None; ``is_around``: in it, or on its waitlist."""
    return None if isinstance(by, UUID) and (is_around or by in room.office_ids) else _NOT_IN_IT


def unknown_person(person_id: UUID) -> Refusal:
    """Return the refusal of a report about somebody who never was in the room."""
    errors = (FieldError(field="person_id", message=f"{person_id} is not in the room"),)
    detail = "nobody with this id is or was in the room: leave it out, and describe the person"
    return Refusal(code=RefusalCode.PERSON_UNKNOWN, detail=detail, errors=errors)


def readers(room: Room, about: Collection[UUID], reporter_id: UUID | None) -> list[UUID]:
    """Return the stewards who are written to: all but those whom a report is about, and the one who made it."""
    return [each for each in room.steward_ids if each not in about and each != reporter_id]


def read_by(room: Room, about: Collection[UUID], reporter_id: UUID | None) -> Reader:
    """Return who reads a report: the system, if no steward is left."""
    return Reader.STEWARDS if readers(room, about, reporter_id) else Reader.SYSTEM


def may_settle(room: Room, by: Actor) -> bool:
    """Return whether an actor reads and settles reports that are not about them: stewards, never the host alone."""
    return by == SYSTEM or by in room.steward_ids


def settled_before(command: SettleConduct, outcome: str | None, words: str | None) -> bool | Refusal:
    """Return whether the same command has settled a report before; the refusal if another one has."""
    if outcome is None:
        return False
    return True if (Outcome(outcome), words) == (command.outcome, command.words or None) else _IS_SETTLED
