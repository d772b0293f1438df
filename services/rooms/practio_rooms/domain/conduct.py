"""Reports of how somebody behaves: who may report, who reads and settles them (README, Safety). Pure."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from practio_contracts.answers import FieldError, NextStep, Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.rooms import Outcome, Reader, RefusalCode, ReportConduct, Room, SettleConduct
from practio_rooms.domain.room import Actor, not_allowed

MOST, WITHIN = 100, timedelta(days=7)
"""How many reports a person may make in a room in which time: a bound against abuse alone."""

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


def too_many(recent: Sequence[datetime]) -> Refusal | None:
    """Return the refusal of a further report; ``recent`` are the person's own of the last seven days, in any order."""
    if len(recent) < MOST:
        return None
    return Refusal(
        code=RefusalCode.TOO_MANY,
        detail=f"a person can make {MOST} reports in {WITHIN.days} days in a room: try again later",
        next_step=NextStep.RETRY_AFTER,
        retry_after=sorted(recent)[-MOST] + WITHIN,
    )


def fingerprint(command: ReportConduct, by: Actor) -> str:
    """Return the fingerprint of a command and its actor, without nulls."""
    return sha256(f"{by} {command.model_dump_json(exclude_none=True)}".encode()).hexdigest()


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
