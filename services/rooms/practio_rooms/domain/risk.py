"""Whether the people who have not declined a session can run it (services/rooms/README.md, Sessions that live)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from practio_contracts.rooms import Coming, ComingCounts, Format, PlannedRole, Room, Session, SessionAtRisk
from practio_rooms.domain.rotation import Date, rotating_roles, rotation

CHECKED_BEFORE = timedelta(hours=48)
"""How long before its start it is seen whether a session can run."""

_FEWEST = {
    Format.INTERVISION: 4,
    Format.PEER_COACHING: 3,
    Format.PEER_SUPERVISION: 4,
    Format.METHOD_PRACTICE: 6,
}
"""How many people a format needs; a room with fewer seats needs as many as it has."""


def is_due(starts_at: datetime, now: datetime) -> bool:
    """Return whether it is time to see whether a session can run."""
    return starts_at - CHECKED_BEFORE <= now


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known about a date: the people in the room, those in its offices, their answers, and the plan."""

    people: Collection[UUID]
    offices: Collection[UUID] = ()
    answers: Mapping[UUID, Coming] = field(default_factory=dict)
    case_by: Sequence[UUID] = ()
    roles: Sequence[PlannedRole] = ()

    @property
    def declined(self) -> set[UUID]:
        """Return who said no."""
        return {person for person, coming in self.answers.items() if coming is Coming.NO}

    @property
    def counts(self) -> ComingCounts:
        """Return how many said what; people in the room who said nothing have not answered."""
        answers = list(self.answers.values())
        return ComingCounts(
            yes=answers.count(Coming.YES),
            no=answers.count(Coming.NO),
            maybe=answers.count(Coming.MAYBE),
            unanswered=len([each for each in self.people if each not in self.answers]),
        )

    def is_here(self, person_id: UUID) -> bool:
        """Return whether a person is in the room or its offices."""
        return person_id in self.people or person_id in self.offices


def fewest(room: Room) -> int:
    """Return how many people a room needs to meet."""
    if room.format is None:
        return 1
    return min(_FEWEST[room.format], room.capacity or _FEWEST[room.format])


def at_risk(room: Room, session: Session, expected: Expected) -> SessionAtRisk | None:
    """Return the event that a session cannot run, or None if it can."""
    declined = expected.declined
    coming = [each for each in expected.people if each not in declined]
    roles = rotating_roles(room)
    kept = [each for each in expected.roles if expected.is_here(each.person_id) and each.person_id not in declined]
    filled = [*kept, *rotation(roles, Date(coming, planned=kept), [])]
    taken = {each.name.casefold() for each in filled}
    missing = [name for name in roles if name.casefold() not in taken]
    needed = max(0, fewest(room) - len(coming))
    bring_one = [each for each in expected.case_by if expected.is_here(each) and each not in declined]
    without_case = room.format is Format.INTERVISION and not bring_one
    if not (missing or needed or without_case):
        return None
    return SessionAtRisk(
        room_id=session.room_id,
        session_id=session.session_id,
        starts_at=session.starts_at,
        coming=expected.counts,
        missing_roles=missing,
        people_needed=needed,
        case_missing=without_case,
    )
