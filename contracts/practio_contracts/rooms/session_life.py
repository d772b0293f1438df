"""A session as people live it: whether it can run, that it is over, and all that is known of it."""

from practio_contracts.fields import Id, Instant
from practio_contracts.message import Event, InternalCommand, Part, Query
from practio_contracts.rooms.attendance import Coming
from practio_contracts.rooms.session_plan import PlannedRole
from practio_contracts.rooms.sessions import PublicSession, Session


class ComingCounts(Part):
    """How many people come; ``unanswered`` are people in the room."""

    yes: int = 0
    no: int = 0
    maybe: int = 0
    unanswered: int = 0


class SessionOver(Event, key="rooms.session-over.v1"):
    """A session is over; published once, never for one that was called off."""

    room_id: Id
    session_id: Id
    ended_at: Instant


class SessionAtRisk(Event, key="rooms.session-at-risk.v1"):
    """The people who have not declined a session cannot run it; published once, 48 hours before it begins.

    What is missing: ``missing_roles`` that nobody of them can take, ``people_needed``: how many more people,
    ``case_missing``: that nobody of them brings a case.
    """

    room_id: Id
    session_id: Id
    starts_at: Instant
    coming: ComingCounts
    missing_roles: list[str] = []
    people_needed: int = 0
    case_missing: bool = False


class NextSession(Part):
    """The next session of a room that has not begun: who comes, and what is missing for it to run, if anything."""

    session_id: Id
    starts_at: Instant
    coming: ComingCounts
    missing_roles: list[str] = []
    people_needed: int = 0
    case_missing: bool = False


class WatchSessions(InternalCommand, key="rooms.watch-sessions.v1"):
    """A session of a room is over, or it is time to see whether the next one can run; an internal command."""

    room_id: Id


class GetSession(Query, key="rooms.get-session.v1"):
    """Show one session, and who comes; result: ``SessionResult``."""

    room_id: Id
    session_id: Id


class PersonComing(Part):
    """A person and their answer; ``coming`` null: none."""

    person_id: Id
    coming: Coming | None = None
    note: str | None = None


class SessionResult(Part):
    """A session, who comes, and what is planned.

    ``guests``, ``people`` (those who answered first; then as many as fit, ``people_left_out`` are the others) and
    ``proposed_roles`` are for the people in the room and its offices. ``proposed_roles`` are the roles of a triad that
    the plan leaves open, with the people whose turn it is. ``present``, ``absent``, ``following`` and ``moved_alone``
    are for the offices, null for others; people who are recorded and do not fit there are not among ``people`` either.
    ``following`` are the dates to come that commands with the scope ``following`` concern besides this one; of these
    and this one, ``moved_alone`` were moved on their own: those that follow stay where they are when the others are
    moved.
    """

    session: PublicSession | Session
    coming: ComingCounts
    case_by: list[Id] = []
    roles: list[PlannedRole] = []
    guests: list[str] = []
    people: list[PersonComing] | None = None
    people_left_out: int = 0
    present: list[Id] | None = None
    absent: list[Id] | None = None
    proposed_roles: list[PlannedRole] | None = None
    following: list[Id] | None = None
    moved_alone: list[Id] | None = None
