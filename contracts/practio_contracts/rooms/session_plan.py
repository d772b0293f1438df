"""What one date of a room is to be: cases, roles, guests."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from practio_contracts.fields import PRIVATE, Id, ShortText, Text
from practio_contracts.message import Command, CommandPart, Event, Part

MOST_CASES, MOST_ROLES, MOST_GUESTS = 50, 100, 10


class PlannedRole(Part):
    """A role that a person has on one date."""

    name: str
    person_id: Id


class PlannedRoleInput(CommandPart):
    """A role that a person is to have on one date."""

    name: ShortText
    person_id: Id


def _each_once(ids: list[Id]) -> list[Id]:
    return list(dict.fromkeys(ids))


def _assigned_once(roles: list[PlannedRoleInput]) -> list[PlannedRoleInput]:
    if len({(role.name.casefold(), role.person_id) for role in roles}) != len(roles):
        raise ValueError("each person is named once for a role")
    return roles


Guest = Annotated[Text, StringConstraints(min_length=1, max_length=120)]


class PlanSession(Command, key="rooms.plan-session.v1"):
    """Plan who brings the case, who has which role this time, and which guests come.

    Each given list replaces the former one; an empty one clears it, and one that is left out or null stays.
    """

    room_id: Id
    session_id: Id
    case_by: Annotated[list[Id], Field(max_length=MOST_CASES), AfterValidator(_each_once)] | None = None
    roles: Annotated[list[PlannedRoleInput], Field(max_length=MOST_ROLES), AfterValidator(_assigned_once)] | None = None
    guests: Annotated[list[Guest], Field(max_length=MOST_GUESTS)] | None = None


class SessionPlan(Part):
    """The plan of a session as a whole."""

    room_id: Id
    session_id: Id
    case_by: list[Id] = []
    roles: list[PlannedRole] = []
    guests: list[str] = []


class SessionPlanned(Event, key="rooms.session-planned.v1"):
    """The plan of a session, or whose turn it is, changed; the event has both as a whole.

    ``proposed_roles`` are the roles of a triad that the plan leaves open, from 48 hours before the session on.
    """

    room_id: Id
    session_id: Id
    case_by: list[Id]
    roles: list[PlannedRole]
    guests: Annotated[list[str], PRIVATE] = []
    proposed_roles: list[PlannedRole] = []
