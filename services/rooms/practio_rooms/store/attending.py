"""Answers, plans, attendance and announcements: read when a command needs them, and written at once.

The room of each command is locked, so that nobody else writes them meanwhile.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.sql import one_of, one_of_rows
from practio_contracts.rooms import (
    MOST_CASES,
    MOST_ROLES,
    AnswerGiven,
    Coming,
    PlannedRole,
    Room,
    Session,
    SessionStatus,
)
from practio_rooms.domain.risk import Expected
from practio_rooms.store.certificates import issue_codes
from practio_rooms.tables import (
    AnnouncementRow,
    AttendanceRow,
    PresenceRow,
    SessionAnswerRow,
    SessionPartRow,
    SessionRow,
    TimelineRow,
)

InRoom = tuple[UUID, UUID]
"""A room, and a session in it."""

_FIRST_PROPOSED = MOST_CASES + MOST_ROLES
"""The number of the first role that is proposed: those of a plan are lower."""


@dataclass(slots=True)
class EndedAnswers:
    """Answers that end in a batch: those to sessions that were moved or called off, and those of people who left."""

    sessions: set[InRoom] = field(default_factory=set)
    memberships: set[UUID] = field(default_factory=set)

    async def write(self, session: AsyncSession) -> None:
        """Delete them; answers that the batch accepts afterwards stay."""
        key = (SessionAnswerRow.room_id, SessionAnswerRow.session_id)
        if self.sessions:
            await session.execute(delete(SessionAnswerRow).where(one_of_rows(key, self.sessions)))
        if self.memberships:
            of_them = one_of(SessionAnswerRow.membership_id, self.memberships)
            await session.execute(delete(SessionAnswerRow).where(of_them, SessionAnswerRow.starts_at > func.now()))
        self.sessions.clear()
        self.memberships.clear()


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """What is planned for a date; guests are in the session's row."""

    case_by: tuple[UUID, ...] = ()
    roles: tuple[PlannedRole, ...] = ()


async def memberships_of(
    session: AsyncSession, room_id: UUID, people: Collection[UUID] | None = None
) -> dict[UUID, UUID]:
    """Return the memberships of those of ``people``, or of all, who are in a room, by person."""
    query = select(PresenceRow.person_id, PresenceRow.membership_id).where(PresenceRow.room_id == room_id)
    if people is not None:
        query = query.where(one_of(PresenceRow.person_id, people))
    return {row[0]: row[1] for row in await session.execute(query)}


async def answers_of(session: AsyncSession, person_id: UUID, about: Sequence[Session]) -> dict[UUID, SessionAnswerRow]:
    """Return a person's stored answers to sessions of one room, by session."""
    key = (SessionAnswerRow.room_id, SessionAnswerRow.session_id)
    wanted = one_of_rows(key, [(each.room_id, each.session_id) for each in about])
    query = select(SessionAnswerRow).where(wanted, SessionAnswerRow.person_id == person_id)
    rows = await session.scalars(query.execution_options(populate_existing=True))
    return {row.session_id: row for row in rows}


async def save_answers(
    session: AsyncSession,
    given: Iterable[tuple[AnswerGiven, Session]],
    membership_id: UUID | None,
    *,
    follows: bool,
) -> None:
    """Write a person's answers, each for the present time of its session."""
    more = {"membership_id": membership_id, "follows": follows}
    rows = [answer.model_dump() | {"ends_at": about.ends_at, **more} for answer, about in given]
    if rows:
        upsert = insert(SessionAnswerRow)
        columns = ("membership_id", "coming", "note", "starts_at", "ends_at", "follows")
        new = {name: upsert.excluded[name] for name in columns}
        key = ["room_id", "session_id", "person_id"]
        await session.execute(upsert.on_conflict_do_update(index_elements=key, set_=new), rows)


async def standing_answers(session: AsyncSession, room: Room, series_id: UUID, now: datetime) -> list[SessionAnswerRow]:
    """Return the last answer for all dates to follow of each person who is still there.

    It is among those to the dates to come: they end if a series moves, and earlier ones say nothing of the new time.
    """
    of_series = (SessionRow.room_id == room.room_id, SessionRow.series_id == series_id)
    same = (SessionAnswerRow.room_id == SessionRow.room_id) & (SessionAnswerRow.session_id == SessionRow.session_id)
    is_for_it = (SessionAnswerRow.starts_at == SessionRow.starts_at, SessionAnswerRow.ends_at == SessionRow.ends_at)
    given = select(SessionAnswerRow).join(SessionRow, same).where(*of_series, *is_for_it, SessionRow.starts_at > now)
    query = (
        given.where(SessionAnswerRow.follows)
        .ext(distinct_on(SessionAnswerRow.person_id))
        .order_by(SessionAnswerRow.person_id, SessionAnswerRow.starts_at.desc())
    )
    rows = await session.scalars(query.execution_options(populate_existing=True))
    last = {row.person_id: row for row in rows}
    people = await memberships_of(session, room.room_id, last)
    return [row for row in last.values() if _is_of_somebody_here(row, room, people)]


def _is_of_somebody_here(row: SessionAnswerRow, room: Room, people: Mapping[UUID, UUID]) -> bool:
    """Return whether an answer is of a person in the offices, or of one in the room by the same membership."""
    if row.membership_id is None:
        return row.person_id in room.office_ids
    return people.get(row.person_id) == row.membership_id


async def answers_for(session: AsyncSession, about: Session) -> Sequence[SessionAnswerRow]:
    """Return the answers that were given for the present time of a session; of one that was called off, none."""
    query = select(SessionAnswerRow).where(
        SessionAnswerRow.room_id == about.room_id,
        SessionAnswerRow.session_id == about.session_id,
        SessionAnswerRow.starts_at == about.starts_at,
        SessionAnswerRow.ends_at == about.ends_at,
    )
    if about.status is SessionStatus.CANCELLED:
        return []
    return (await session.scalars(query.execution_options(populate_existing=True))).all()


def counted(
    rows: Iterable[SessionAnswerRow], room: Room, people: Mapping[UUID, UUID]
) -> dict[UUID, tuple[Coming, str | None]]:
    """Return the answers that count: by people who are in the room or its offices.

    ``people`` are those in the room, with their memberships: an answer ends with the membership that it was given in.
    """
    return {row.person_id: (Coming(row.coming), row.note) for row in rows if _is_of_somebody_here(row, room, people)}


async def plan_of(session: AsyncSession, room_id: UUID, session_id: UUID) -> StoredPlan:
    """Return the plan of a session as it was stated."""
    return (await plans_of(session, room_id, [session_id]))[session_id]


async def plans_of(session: AsyncSession, room_id: UUID, session_ids: Collection[UUID]) -> dict[UUID, StoredPlan]:
    """Return the plans of sessions of a room."""
    of_room = (SessionPartRow.room_id == room_id, one_of(SessionPartRow.session_id, session_ids))
    is_planned = SessionPartRow.is_proposed.is_(False)
    columns = (SessionPartRow.session_id, SessionPartRow.role, SessionPartRow.person_id)
    cases: dict[UUID, list[UUID]] = defaultdict(list)
    roles: dict[UUID, list[PlannedRole]] = defaultdict(list)
    for session_id, role, person_id in await session.execute(
        select(*columns).where(*of_room, is_planned).order_by(SessionPartRow.session_id, SessionPartRow.number)
    ):
        if role is None:
            cases[session_id].append(person_id)
        else:
            roles[session_id].append(PlannedRole(name=role, person_id=person_id))
    return {each: StoredPlan(tuple(cases[each]), tuple(roles[each])) for each in session_ids}


async def save_plan(session: AsyncSession, about: Session, plan: StoredPlan, now: datetime) -> None:
    """Write the plan of a session as a whole."""
    parts: list[tuple[str | None, UUID]] = [(None, each) for each in plan.case_by]
    parts += [(each.name, each.person_id) for each in plan.roles]
    await _save_parts(session, about, parts, now, is_proposed=False)


async def save_proposed(session: AsyncSession, about: Session, roles: Sequence[PlannedRole], now: datetime) -> None:
    """Write the roles that are proposed for a session as a whole."""
    parts = [(each.name, each.person_id) for each in roles]
    await _save_parts(session, about, parts, now, is_proposed=True)


async def _save_parts(
    session: AsyncSession,
    about: Session,
    parts: Sequence[tuple[str | None, UUID]],
    now: datetime,
    *,
    is_proposed: bool,
) -> None:
    same = (SessionPartRow.room_id == about.room_id, SessionPartRow.session_id == about.session_id)
    await session.execute(delete(SessionPartRow).where(*same, SessionPartRow.is_proposed.is_(is_proposed)))
    key = {"room_id": about.room_id, "session_id": about.session_id, "planned_at": now, "is_proposed": is_proposed}
    first = _FIRST_PROPOSED if is_proposed else 0
    rows: list[dict[str, Any]] = [
        {**key, "number": number, "role": role, "person_id": person_id}
        for number, (role, person_id) in enumerate(parts, first)
    ]
    if rows:
        await session.execute(insert(SessionPartRow), rows)


async def expected(session: AsyncSession, room: Room, about: Session) -> Expected:
    """Return what is known about a date: people, answers that count, and the plan."""
    people = await memberships_of(session, room.room_id)
    answers = counted(await answers_for(session, about), room, people)
    plan = await plan_of(session, room.room_id, about.session_id)
    return Expected(
        people=sorted(people),
        offices=room.office_ids,
        answers={person: coming for person, (coming, _) in answers.items()},
        case_by=plan.case_by,
        roles=plan.roles,
    )


async def seated_at(session: AsyncSession, about: Session, people: Collection[UUID] | None = None) -> dict[UUID, UUID]:
    """Return the memberships of those of ``people``, or of all, who were in the room at some time of a session."""
    stayed = or_(TimelineRow.left_at.is_(None), TimelineRow.left_at > about.starts_at)
    was_there = (
        TimelineRow.room_id == about.room_id,
        TimelineRow.joined_at < about.ends_at,
        stayed,
    )
    query = select(TimelineRow.person_id, TimelineRow.membership_id).where(*was_there)
    if people is not None:
        query = query.where(one_of(TimelineRow.person_id, people))
    return {row[0]: row[1] for row in await session.execute(query.order_by(TimelineRow.joined_at))}


async def attendance_of(session: AsyncSession, about: Session, people: Collection[UUID]) -> dict[UUID, bool]:
    """Return who of ``people`` is recorded, and whether they were present."""
    columns = (AttendanceRow.person_id, AttendanceRow.was_present)
    found = await session.execute(select(*columns).where(*_recorded_at(about), one_of(AttendanceRow.person_id, people)))
    return {row[0]: row[1] for row in found}


async def save_attendance(
    session: AsyncSession, about: Session, changed: Mapping[UUID, bool], *, seated: Collection[UUID], now: datetime
) -> tuple[int, int]:
    """Write who was present; return how many people are recorded as present and as absent."""
    key = {"room_id": about.room_id, "session_id": about.session_id, "recorded_at": now}
    rows = [
        {**key, "person_id": person, "was_present": was_present, "has_seat": person in seated}
        for person, was_present in changed.items()
    ]
    if rows:
        upsert = insert(AttendanceRow)
        new = {name: upsert.excluded[name] for name in ("was_present", "has_seat", "recorded_at")}
        by = ["room_id", "session_id", "person_id"]
        await session.execute(upsert.on_conflict_do_update(index_elements=by, set_=new), rows)
        await issue_codes(session, {(about.room_id, person) for person, was_present in changed.items() if was_present})
    counts = select(AttendanceRow.was_present, func.count()).where(*_recorded_at(about))
    found = {row[0]: row[1] for row in await session.execute(counts.group_by(AttendanceRow.was_present))}
    return found.get(True, 0), found.get(False, 0)


def _recorded_at(about: Session) -> tuple[Any, Any]:
    return AttendanceRow.room_id == about.room_id, AttendanceRow.session_id == about.session_id


async def announcement(session: AsyncSession, announcement_id: UUID) -> tuple[UUID, str] | None:
    """Return the room and the fingerprint of an announcement, or None."""
    columns = (AnnouncementRow.room_id, AnnouncementRow.asked)
    found = (await session.execute(select(*columns).where(AnnouncementRow.announcement_id == announcement_id))).first()
    return (found[0], found[1]) if found else None


async def announced_since(session: AsyncSession, room_id: UUID, since: datetime) -> Sequence[datetime]:
    """Return when a room had announcements after an instant."""
    recent = (AnnouncementRow.room_id == room_id, AnnouncementRow.announced_at > since)
    return (await session.scalars(select(AnnouncementRow.announced_at).where(*recent))).all()


async def save_announcement(session: AsyncSession, **columns: Any) -> None:
    """Write that an announcement was made."""
    await session.execute(insert(AnnouncementRow), [columns])
