"""Whose turn it is on a date of a triad: read from the dates before it, for queries and for what is published."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.sql import one_of
from practio_contracts.rooms import Coming, PlannedRole, Room, Session, SessionStatus
from practio_rooms.domain.risk import Expected
from practio_rooms.domain.rotation import Date, rotating_roles, rotation, still_open
from practio_rooms.store.attending import plans_of
from practio_rooms.tables import AttendanceRow, SessionAnswerRow, SessionPartRow, SessionRow, TimelineRow

MOST_EARLIER = 60
"""How many dates before are looked at to see whose turn it is."""

MOST_PEOPLE = 500
"""The most people of a room in which it is seen whose turn it is."""

_Times = tuple[UUID, datetime, datetime]
_By = dict[UUID, set[UUID]]


async def proposed_roles(
    session: AsyncSession, room: Room, about: Session, expected: Expected, now: datetime
) -> list[PlannedRole]:
    """Return whose turn it is for the roles that the plan of a date leaves open; none but in triads.

    Once it has begun, those that were proposed then and are open still; of one that was called off, none.
    """
    roles = rotating_roles(room)
    if not roles or about.status is SessionStatus.CANCELLED or len(expected.people) > MOST_PEOPLE:
        return []
    planned = [each for each in expected.roles if expected.is_here(each.person_id)]
    if about.starts_at <= now:
        proposed = await proposals_of(session, room.room_id, [about.session_id])
        return still_open(proposed[about.session_id], planned)
    date = Date(expected.people, expected.declined, planned)
    return rotation(roles, date, await _dates_before(session, room, about, now))


async def proposals_of(
    session: AsyncSession, room_id: UUID, session_ids: Collection[UUID]
) -> dict[UUID, list[PlannedRole]]:
    """Return the roles that were last published as proposed, by session."""
    wanted = (SessionPartRow.room_id == room_id, one_of(SessionPartRow.session_id, session_ids))
    columns = (SessionPartRow.session_id, SessionPartRow.role, SessionPartRow.person_id)
    query = select(*columns).where(*wanted, SessionPartRow.is_proposed).order_by(SessionPartRow.number)
    found: dict[UUID, list[PlannedRole]] = {each: [] for each in session_ids}
    for session_id, role, person_id in await session.execute(query):
        found[session_id].append(PlannedRole(name=role, person_id=person_id))
    return found


async def _dates_before(session: AsyncSession, room: Room, about: Session, now: datetime) -> list[Date]:
    """Return the latest dates before one, oldest first; what was proposed for those that have begun stands."""
    before = (SessionRow.room_id == room.room_id, SessionRow.starts_at < about.starts_at)
    columns = (SessionRow.session_id, SessionRow.starts_at, SessionRow.ends_at)
    latest = select(*columns).where(*before, SessionRow.status == SessionStatus.SCHEDULED)
    found = await session.execute(latest.order_by(SessionRow.starts_at.desc()).limit(MOST_EARLIER))
    times: list[_Times] = [(row[0], row[1], row[2]) for row in reversed(found.all())]
    begun = [session_id for session_id, starts_at, _ in times if starts_at <= now]
    plans = await plans_of(session, room.room_id, [session_id for session_id, _, _ in times])
    proposed = await proposals_of(session, room.room_id, begun)
    people = await _people_at(session, room.room_id, times)
    away = await _away_from(session, room.room_id, times)
    offices = {*room.office_ids}
    dates = []
    for session_id, _, _ in times:
        here = people[session_id] | offices
        planned = [*plans[session_id].roles, *still_open(proposed.get(session_id, ()), plans[session_id].roles)]
        kept = [each for each in planned if each.person_id in here]
        dates.append(Date(sorted(people[session_id]), away[session_id], kept))
    return dates


async def _people_at(session: AsyncSession, room_id: UUID, times: Sequence[_Times]) -> _By:
    """Return who was in the room when each session began, or will be as it is now."""
    columns = (TimelineRow.person_id, TimelineRow.joined_at, TimelineRow.left_at)
    stays = select(*columns).where(TimelineRow.room_id == room_id, TimelineRow.joined_at.is_not(None))
    people: _By = {session_id: set() for session_id, _, _ in times}
    for person_id, joined_at, left_at in await session.execute(stays):
        for session_id, starts_at, _ in times:
            if joined_at and joined_at <= starts_at and (left_at is None or left_at > starts_at):
                people[session_id].add(person_id)
    return people


async def _away_from(session: AsyncSession, room_id: UUID, times: Sequence[_Times]) -> _By:
    """Return who is recorded as absent from each session, or declined it and is not recorded as present."""
    away: _By = defaultdict(set)
    ids = [session_id for session_id, _, _ in times]
    columns = (SessionAnswerRow.session_id, SessionAnswerRow.person_id)
    same = (SessionAnswerRow.room_id == SessionRow.room_id) & (SessionAnswerRow.session_id == SessionRow.session_id)
    is_for_it = (SessionAnswerRow.starts_at == SessionRow.starts_at, SessionAnswerRow.ends_at == SessionRow.ends_at)
    of_room = (SessionAnswerRow.room_id == room_id, one_of(SessionAnswerRow.session_id, ids))
    declined = select(*columns).join(SessionRow, same).where(*of_room, *is_for_it)
    for session_id, person_id in await session.execute(declined.where(SessionAnswerRow.coming == Coming.NO)):
        away[session_id].add(person_id)
    states = (AttendanceRow.session_id, AttendanceRow.person_id, AttendanceRow.was_present)
    recorded = select(*states).where(AttendanceRow.room_id == room_id, one_of(AttendanceRow.session_id, ids))
    for session_id, person_id, was_present in await session.execute(recorded):
        (away[session_id].discard if was_present else away[session_id].add)(person_id)
    return away
