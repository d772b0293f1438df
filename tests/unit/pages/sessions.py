"""A session that a person looks at: when it is, what is planned, and who answered."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.unit.pages.builders import ADA, ROOM, a_membership_result, a_note, a_room_shown, a_session
from tests.unit.pages.hosts import BEN, CLEO, NO_OFFICE, named
from tests.unit.pages.sites import Seen, Visit, a_visit, accepted

from practio_contracts.links import Link, Purpose
from practio_contracts.membership import GetMembership, Status
from practio_contracts.notifications import NamePeople
from practio_contracts.rooms import (
    AnswerSession,
    CheckIn,
    GetRoom,
    GetSession,
    ListNotes,
    NotesFound,
    PlanSession,
    RecordAttendance,
    Session,
    SessionResult,
)

SESSION = UUID(int=7)
SEATED: dict[str, Any] = {"host_id": CLEO}
HOSTED: dict[str, Any] = {"host_id": ADA}
ANSWER_BUTTONS = ["I am coming", "Maybe", "Not this time"]


def in_days(days: float = 3, minutes: int = 90, **fields: Any) -> Session:
    """Return a session that begins in so many days; negative for one that has begun."""
    starts_at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)
    ends_at = starts_at + timedelta(minutes=minutes)
    return a_session(session_id=SESSION, starts_at=starts_at, ends_at=ends_at, **fields)


def running(**fields: Any) -> Session:
    """Return a session that began five minutes ago."""
    return in_days(-5 / 1440, **fields)


def a_result(session: Session, **fields: Any) -> SessionResult:
    """Return a session with the answers of two people; ADA gave none."""
    people = [(BEN, "yes", "I bring cake."), (CLEO, "no", None), (ADA, None, None)]
    content = {
        "session": session,
        "coming": {"yes": 1, "no": 1, "unanswered": 1},
        "people": [{"person_id": person, "coming": coming, "note": note} for person, coming, note in people],
        **fields,
    }
    return SessionResult.model_validate(content)


def a_visit_to(result: SessionResult, *, seat: bool = True, **room: Any) -> Visit:
    """Return a visit of ADA to a session; ``seat``: she is in the room. CLEO hosts it, unless ``room`` says other."""
    visit = a_visit()
    roles = [{"name": "coach"}, {"name": "coachee"}, {"name": "observer"}]
    visit.gateway.answers |= {
        GetRoom: a_room_shown(**{"roles": roles} | SEATED | room),
        GetSession: result,
        GetMembership: a_membership_result(Status.JOINED) if seat else NO_OFFICE,
        ListNotes: NotesFound(notes=[a_note(session_id=SESSION, title="How we began"), a_note()], after=None),
        NamePeople: named,
    }
    commands = (AnswerSession, CheckIn, PlanSession, RecordAttendance)
    visit.gateway.outcomes |= {each: accepted(each) for each in commands}
    return visit


def a_link(**fields: Any) -> Link:
    content: dict[str, Any] = {"locale": "en", "time_zone": "Europe/Rome", "session_id": SESSION, **fields}
    return Link(Purpose.SESSION, ADA, ROOM, **content)


async def opened(visit: Visit, path: str = "", **fields: Any) -> Seen:
    return await visit.get(visit.path(a_link(**fields)) + path)


def sent(visit: Visit) -> list[object]:
    return [each.command for each in visit.gateway.sent]
