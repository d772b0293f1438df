"""One session, and who comes; whole for the people in the room and its offices, attendance for the offices.

Who was in a room when it ended sees it without place and link.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.paging import PAGE_BYTES, fitting
from practio_chassis.received import ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.rooms import (
    Coming,
    GetSession,
    PersonComing,
    PublicSession,
    Room,
    RoomStatus,
    Session,
    SessionResult,
    SessionStatus,
)
from practio_rooms.domain.risk import Expected
from practio_rooms.domain.room import ROOM_UNKNOWN, holds_office, not_allowed
from practio_rooms.domain.sessions import SESSION_UNKNOWN
from practio_rooms.queries.visible_room import visible_room
from practio_rooms.store.attending import Plan, counted_answers, memberships_of, plan_of, seated_at
from practio_rooms.store.turns import proposed_roles
from practio_rooms.tables import AttendanceRow, SessionRow

MOST_RECORDED = 2_000
"""The most ids of people who were present, and of those who were absent, in an answer."""

_FOR_THE_ROOM = not_allowed(
    "only the people in the room and its offices can see this: others see the coming sessions of a published room"
)


async def get_session(
    query: ReceivedMessage[GetSession], session: AsyncSession, now: datetime
) -> SessionResult | Refusal:
    """Return a session with who comes and what is planned, as far as the actor may know it.

    Its people are those in the room; once it has begun, those who were there at some time of it.
    """
    found = await visible_room(session, query.message.room_id, query.actor)
    if found is None:
        return ROOM_UNKNOWN
    room = found.room
    row = await session.get(SessionRow, (room.room_id, query.message.session_id))
    is_coming = row is not None and row.ends_at > now and row.status == SessionStatus.SCHEDULED
    has_people = found.is_whole or found.was_in_it
    if not has_people and not (is_coming and room.status is RoomStatus.PUBLISHED):
        return _FOR_THE_ROOM
    if row is None:
        return SESSION_UNKNOWN
    about = Session.model_validate(row, from_attributes=True)
    has_begun = about.starts_at <= now
    people = await (seated_at(session, about) if has_begun else memberships_of(session, room.room_id))
    answers = await counted_answers(session, room, about, people)
    plan = _shown_plan(await plan_of(session, room.room_id, about.session_id), room, people, is_past=has_begun)
    expected = Expected(
        people=sorted(people),
        offices=room.office_ids,
        answers={person: coming for person, (coming, _) in answers.items()},
        roles=plan.roles,
    )
    result = SessionResult(
        session=about if found.is_whole else PublicSession.model_validate(row, from_attributes=True),
        coming=expected.counts,
        case_by=list(plan.case_by),
        roles=list(plan.roles),
    )
    if not has_people:
        return result
    proposed = [] if about.ends_at <= now else await proposed_roles(session, room, about, expected, now)
    more: dict[str, object] = {"guests": row.guests, "proposed_roles": proposed}
    omitted: set[UUID] = set()
    if holds_office(room, query.actor):
        attendance, omitted = await _attendance(session, about)
        more |= attendance | await _following(session, row, now)
    return _with_people(result.model_copy(update=more), room, list(people), answers, omitted)


def _shown_plan(plan: Plan, room: Room, people: dict[UUID, UUID], *, is_past: bool) -> Plan:
    """Return the plan without people who left before the session began."""
    here = {*room.office_ids, *people}
    if is_past:
        return plan
    return Plan(
        tuple(each for each in plan.case_by if each in here),
        tuple(each for each in plan.roles if each.person_id in here),
    )


async def _attendance(session: AsyncSession, about: Session) -> tuple[dict[str, list[UUID]], set[UUID]]:
    """Return who was present and who was absent, as many as an answer has, and the others who are recorded."""
    of_session = (AttendanceRow.room_id == about.room_id, AttendanceRow.session_id == about.session_id)
    columns = (AttendanceRow.person_id, AttendanceRow.was_present)
    found = await session.execute(select(*columns).where(*of_session).order_by(AttendanceRow.person_id))
    rows = [(row[0], row[1]) for row in found]
    present = [person for person, was_present in rows if was_present]
    absent = [person for person, was_present in rows if not was_present]
    omitted = {*present[MOST_RECORDED:], *absent[MOST_RECORDED:]}
    return {"present": present[:MOST_RECORDED], "absent": absent[:MOST_RECORDED]}, omitted


async def _following(session: AsyncSession, row: SessionRow, now: datetime) -> dict[str, list[UUID]]:
    """Return the dates that follow in the series by its rule, and those of them and this one moved on their own."""
    own = [row.session_id] if row.has_own_time else []
    if row.series_id is None or row.ruled_at is None:
        return {"following": [], "moved_alone": []}
    of_series = (SessionRow.room_id == row.room_id, SessionRow.series_id == row.series_id)
    to_come = (SessionRow.status == SessionStatus.SCHEDULED, SessionRow.starts_at > now)
    columns = (SessionRow.session_id, SessionRow.has_own_time)
    later = select(*columns).where(*of_series, *to_come, SessionRow.ruled_at > row.ruled_at)
    found = [(each[0], each[1]) for each in await session.execute(later.order_by(SessionRow.ruled_at))]
    alone = [session_id for session_id, has_own_time in found if has_own_time]
    return {"following": [session_id for session_id, _ in found], "moved_alone": own + alone}


def _with_people(
    result: SessionResult,
    room: Room,
    people: list[UUID],
    answers: dict[UUID, tuple[Coming, str | None]],
    omitted: Collection[UUID],
) -> SessionResult:
    """Return the result with the people, those who answered first, as many as fit.

    Without those who are ``omitted`` from attendance: the form of an office would show them as not recorded yet.
    """
    silent = [each for each in dict.fromkeys([*room.office_ids, *people]) if each not in answers]
    left = PAGE_BYTES - len(result.model_dump_json().encode())
    listed = (each for each in _listed(answers, silent) if each.person_id not in omitted)
    shown = list(fitting(listed, most=left, least=0))
    return result.model_copy(update={"people": shown, "people_left_out": len(answers) + len(silent) - len(shown)})


def _listed(answers: dict[UUID, tuple[Coming, str | None]], silent: list[UUID]) -> Iterator[PersonComing]:
    for person, (coming, note) in answers.items():
        yield PersonComing(person_id=person, coming=coming, note=note)
    yield from (PersonComing(person_id=each) for each in sorted(silent))
