"""What is planned for one date of a room: who brings the case, who has which role, which guests come."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PlanOfDate:
    """The plan of one date, as its reminder has it; ``proposed`` are roles that nobody planned, by turns.

    ``names`` are those of the people in it that may be shown; others are somebody.
    """

    case_by: Sequence[UUID] = ()
    roles: Sequence[tuple[str, UUID]] = ()
    guests: Sequence[str] = ()
    proposed: Sequence[tuple[str, UUID]] = ()
    names: tuple[tuple[UUID, str], ...] = ()

    def name_of(self, person_id: UUID) -> str | None:
        """Return a person's name; None if it is not known, or nobody's to show."""
        return dict(self.names).get(person_id)


def people_in(plan: PlanOfDate) -> list[UUID]:
    """Return the people who have a part in a plan, or are to have one."""
    return [*plan.case_by, *(person_id for _, person_id in (*plan.roles, *plan.proposed))]


def of_people(plan: PlanOfDate, present: Collection[UUID]) -> PlanOfDate:
    """Return what is left of a plan without the parts of people who are not ``present``."""
    case_by = [person_id for person_id in plan.case_by if person_id in present]
    roles = [(role, person_id) for role, person_id in plan.roles if person_id in present]
    proposed = [(role, person_id) for role, person_id in plan.proposed if person_id in present]
    return replace(plan, case_by=case_by, roles=roles, proposed=proposed)
