"""What is planned for one date of a room: who brings the case, who has which role, which guests come."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PlanOfDate:
    """The plan of one date, as its reminder has it.

    ``names`` are those of the people in it that may be shown; others are somebody.
    """

    case_by: Sequence[UUID] = ()
    roles: Sequence[tuple[str, UUID]] = ()
    guests: Sequence[str] = ()
    names: tuple[tuple[UUID, str], ...] = ()

    def name_of(self, person_id: UUID) -> str | None:
        """Return a person's name; None if it is not known, or nobody's to show."""
        return dict(self.names).get(person_id)


def people_in(plan: PlanOfDate) -> list[UUID]:
    """Return the people who have a part in a plan."""
    return [*plan.case_by, *(person_id for _, person_id in plan.roles)]
