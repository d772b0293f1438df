"""The form of what one date is to be: who brings a case, who has which role, which guests come. Pure.

A list that the reader left as the page showed it is not sent, and the fingerprint of the plan that the page showed says
whether somebody has changed it meanwhile.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from pydantic import ValidationError

from practio_contracts.fields import tidy
from practio_contracts.rooms import PlannedRole, PlanSession, Room, SessionResult

CASE, ROLE = "case-", "role-"
"""The starts of the fields of a person: whether they bring a case, and their role."""

GUESTS, SEEN = "guests", "plan"
"""The fields of the guests, one a line, and of the fingerprint of the plan that the page showed."""


class GuestsFault(StrEnum):
    """A fault of the guests."""

    TOO_MANY = "too-many"
    TOO_LONG = "too-long"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class PlanForm:
    """The content of the form: people by id."""

    case_by: Sequence[UUID]
    roles: Mapping[UUID, str]
    guests: str

    @property
    def guest_lines(self) -> list[str]:
        """Return the guests."""
        return [line for each in self.guests.splitlines() if (line := each.strip())]


def people_of(result: SessionResult, *, most: int | None = None) -> list[UUID]:
    """Return the people who can be planned.

    These are people who answered or are in the room, ``most`` of them, and all who are in the plan or proposed for it.
    """
    people = [each.person_id for each in (result.people or ())[:most]]
    planned = [*result.case_by, *(each.person_id for each in (*result.roles, *(result.proposed_roles or ())))]
    return list(dict.fromkeys((*people, *planned)))


def roles_in(room: Room, result: SessionResult) -> list[str]:
    """Return the names of the roles that can be given on this date: those of the room, then others of the plan."""
    planned = (each.name for each in (*result.roles, *(result.proposed_roles or ())))
    return list(dict.fromkeys((*(each.name for each in room.roles), *planned)))


def form_of(result: SessionResult) -> PlanForm:
    """Return the content of the form for a session as it is planned, with the roles that are proposed."""
    roles = {each.person_id: each.name for each in reversed((*result.roles, *(result.proposed_roles or ())))}
    return PlanForm(result.case_by, roles, "\n".join(result.guests))


def content_of(fields: Mapping[str, str]) -> PlanForm:
    """Return the content of a form that was sent; fields that name nobody are left out."""
    case_by = [person for name in fields if (person := _person(name, CASE)) is not None]
    chosen = ((_person(name, ROLE), tidy(text)) for name, text in fields.items())
    return PlanForm(case_by, {person: role for person, role in chosen if person and role}, tidy(fields.get(GUESTS, "")))


def fingerprint_of(result: SessionResult) -> str:
    """Return a text that is equal for equal plans."""
    roles = ",".join(f"{each.person_id}={each.name}" for each in result.roles)
    plan = "|".join((",".join(map(str, result.case_by)), roles, *result.guests))
    return sha256(plan.encode()).hexdigest()[:32]


def plan_of(form: PlanForm, result: SessionResult, *, room_id: UUID, session_id: UUID) -> PlanSession | GuestsFault:
    """Return the command that a form stands for, with the lists that differ from the plan, or the fault of the guests.

    A person who has several roles on this date keeps them as long as the first one stays.
    """
    known = set(people_of(result))
    fields: dict[str, object] = {"room_id": room_id, "session_id": session_id}
    case_by = [each for each in form.case_by if each in known]
    if set(case_by) != set(result.case_by):
        fields["case_by"] = case_by
    roles = _roles(form, result, known)
    if roles != list(result.roles):
        fields["roles"] = [each.model_dump() for each in roles]
    if form.guest_lines != list(result.guests):
        fields["guests"] = form.guest_lines
    try:
        return PlanSession.model_validate(fields)
    except ValidationError as error:
        return _fault(str(error.errors()[0]["type"]), len(error.errors()[0]["loc"]))


def changes(command: PlanSession) -> bool:
    """Return whether a command changes anything."""
    return any(each is not None for each in (command.case_by, command.roles, command.guests))


def _roles(form: PlanForm, result: SessionResult, known: set[UUID]) -> list[PlannedRole]:
    """Return the roles in the order of the plan, then those that are new."""
    first: dict[UUID, str] = {}
    for each in result.roles:
        first.setdefault(each.person_id, each.name)
    kept = [each for each in result.roles if form.roles.get(each.person_id) == first[each.person_id]]
    chosen = {person: name for person, name in form.roles.items() if person in known and name != first.get(person)}
    return [*kept, *(PlannedRole(name=name, person_id=person) for person, name in chosen.items())]


def _fault(kind: str, depth: int) -> GuestsFault:
    if kind == "too_long" and depth == 1:
        return GuestsFault.TOO_MANY
    return GuestsFault.TOO_LONG if kind in ("too_long", "string_too_long") else GuestsFault.UNREADABLE


def _person(name: str, start: str) -> UUID | None:
    try:
        return UUID(name.removeprefix(start)) if name.startswith(start) else None
    except ValueError:
        return None
