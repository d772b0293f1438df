"""One session, and who comes; whole for the people in the room and its offices, attendance for the offices.

People who were in the room when it ended see it without place and link.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import ReceivedMessage
from practio_chassis.handling.paging import PAGE_BYTES, fitting
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
from practio_rooms.store.attending import StoredPlan, answers_for, counted, plan_of
from practio_rooms.store.rotation import proposed_roles
from practio_rooms.store.session_people import people_of, seats_of
from practio_rooms.tables import AttendanceRow, SessionAnswerRow, SessionRow

MOST_RECORDED = 2_000
"""The most ids of people who were present, and of those who were absent, in an answer."""

_SILENT_BYTES = len(to_json(PersonComing(person_id=UUID(int=0)))) + 1
"""The size in an answer of a person who has not answered: there may be thousands, so they are not written to see it."""

_MOST_SILENT = PAGE_BYTES // _SILENT_BYTES
"""The most of them that fit into an answer."""

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
    runs = holds_office(room, query.actor)
    attendance, omitted = await _attendance(session, about) if runs else ({}, set())
    given, stated = await answers_for(session, about), await plan_of(session, room.room_id, about.session_id)
    seats = await seats_of(session, about, _named(given, stated) | {*room.office_ids}, has_begun=has_begun)
    answers = counted(given, room, seats)
    plan = _shown_plan(stated, room, seats, is_past=has_begun)
    most = _MOST_SILENT + len(answers) + len(omitted) if has_people else 0
    people = await people_of(session, about, has_begun=has_begun, most=most)
    expected = Expected(
        people=people.first,
        offices=room.office_ids,
        answers={person: coming for person, (coming, _) in answers.items()},
        roles=plan.roles,
    )
    unanswered = people.count - len(seats.keys() & answers.keys())
    result = SessionResult(
        session=about if found.is_whole else PublicSession.model_validate(row, from_attributes=True),
        coming=expected.counts.model_copy(update={"unanswered": unanswered}),
        case_by=list(plan.case_by),
        roles=list(plan.roles),
    )
    if not has_people:
        return result
    proposed = [] if about.ends_at <= now else await proposed_roles(session, room, about, expected, now)
    more: dict[str, object] = {"guests": row.guests, "proposed_roles": proposed, **attendance}
    if runs:
        more |= await _following(session, row, now)
    everybody = people.count + len({*room.office_ids} - seats.keys())
    silent = sorted({*people.first, *room.office_ids} - answers.keys() - omitted)
    return _with_people(result.model_copy(update=more), everybody, answers, silent, omitted)


def _named(given: Iterable[SessionAnswerRow], plan: StoredPlan) -> set[UUID]:
    """Return the people who gave answers or are in the plan."""
    return {*(each.person_id for each in given), *plan.case_by, *(each.person_id for each in plan.roles)}


def _shown_plan(plan: StoredPlan, room: Room, people: Collection[UUID], *, is_past: bool) -> StoredPlan:
    """Return the plan without people who left before the session began."""
    here = {*room.office_ids, *people}
    if is_past:
        return plan
    return StoredPlan(
        tuple(each for each in plan.case_by if each in here),
        tuple(each for each in plan.roles if each.person_id in here),
    )


async def _attendance(session: AsyncSession, about: Session) -> tuple[dict[str, list[UUID]], set[UUID]]:
    """Return who was present and who was absent, as many as an answer has, and the others who are recorded."""
    of_session = (AttendanceRow.room_id == about.room_id, AttendanceRow.session_id == about.session_id)
    people = func.array_agg(aggregate_order_by(AttendanceRow.person_id, AttendanceRow.person_id))
    found = await session.execute(
        select(AttendanceRow.was_present, people).where(*of_session).group_by(AttendanceRow.was_present)
    )
    recorded = {row[0]: list(row[1]) for row in found}
    present, absent = recorded.get(True, []), recorded.get(False, [])
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
    everybody: int,
    answers: Mapping[UUID, tuple[Coming, str | None]],
    silent: Sequence[UUID],
    omitted: Collection[UUID],
) -> SessionResult:
    """Return the result with the people, those who answered first, then the ``silent`` ones, as many as fit.

    They are ``everybody`` in all. Without those who are ``omitted`` from attendance: the form of an office would show
    them as not recorded yet.
    """
    left = PAGE_BYTES - len(result.model_dump_json().encode())
    answered = [
        PersonComing(person_id=person, coming=coming, note=note)
        for person, (coming, note) in answers.items()
        if person not in omitted
    ]
    shown = list(fitting(answered, most=left, least=0))
    if len(shown) == len(answered):
        most = (left - len(to_json(shown))) // _SILENT_BYTES
        shown += [PersonComing(person_id=each) for each in silent[: max(0, most)]]
    return result.model_copy(update={"people": shown, "people_left_out": everybody - len(shown)})
