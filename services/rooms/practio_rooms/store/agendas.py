"""The agendas of rooms: the sessions and series that a batch needs, and its changes to them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.sql import one_of, one_of_rows
from practio_contracts.message import Message
from practio_contracts.rooms import (
    Announce,
    AnswerSession,
    ArchiveRoom,
    CancelRoom,
    CancelSession,
    CheckIn,
    DiscardDraft,
    PassSession,
    PlanSession,
    PublishRoom,
    RecordAttendance,
    RescheduleSession,
    ReviseSession,
    Room,
    ScheduleSession,
    Session,
    SessionStatus,
    TopUpSeries,
    WatchSessions,
)
from practio_rooms.domain.agenda import AgendaChanges, PlannedSession, RoomAgenda, Series
from practio_rooms.domain.recurrence import Rule
from practio_rooms.domain.risk import CHECKED_BEFORE, is_due
from practio_rooms.tables import IS_TO_COME, SeriesRow, SessionRow

R = TypeVar("R", SessionRow, SeriesRow)

_OF_SESSIONS = (
    ScheduleSession,
    RescheduleSession,
    ReviseSession,
    CancelSession,
    AnswerSession,
    PlanSession,
    RecordAttendance,
    CheckIn,
    Announce,
)
_OF_ROOMS = (TopUpSeries, PassSession, WatchSessions, PublishRoom, CancelRoom, ArchiveRoom, DiscardDraft)
_OF_AGENDAS = (*_OF_SESSIONS, *_OF_ROOMS)
"""The commands that need the agenda of their room."""

Rows = dict[UUID, dict[UUID, R]]
"""Rows by room and by their own id."""


@dataclass(slots=True)
class LoadedAgendas:
    """The agendas that a batch has loaded; empty for rooms whose agenda no command needs.

    ``named`` maps the session ids in commands to the rooms that have a session with that id.
    """

    session: AsyncSession
    sessions: Rows[SessionRow] = field(default_factory=lambda: defaultdict(dict))
    series: Rows[SeriesRow] = field(default_factory=lambda: defaultdict(dict))
    named: dict[UUID, set[UUID]] = field(default_factory=lambda: defaultdict(set))
    _agendas: dict[UUID, RoomAgenda] = field(default_factory=dict)

    def of(self, room_id: UUID) -> RoomAgenda:
        """Return a room's current agenda."""
        if room_id not in self._agendas:
            self._agendas[room_id] = RoomAgenda(
                sessions={identity: _planned(row) for identity, row in self.sessions[room_id].items()},
                series={identity: _series(row) for identity, row in self.series[room_id].items()},
                elsewhere=frozenset(identity for identity, rooms in self.named.items() if rooms - {room_id}),
            )
        return self._agendas[room_id]

    def apply(self, room_id: UUID, changes: AgendaChanges) -> RoomAgenda:
        """Save changes; return the agenda after them."""
        after = self._agendas[room_id] = self.of(room_id).apply(changes)
        for change in changes.sessions:
            row = self._row(self.sessions[room_id], SessionRow, change.after.session.session_id)
            _write(row, _session_columns(change.after))
        for series in changes.series:
            _write(self._row(self.series[room_id], SeriesRow, series.series_id), _series_columns(series))
        return after

    def next_number(self, about: Session) -> int:
        """Count one more event whose subject is a session; return its number."""
        row = self.sessions[about.room_id][about.session_id]
        row.event_number = (row.event_number or 0) + 1
        return row.event_number

    def note_times(self, room_id: UUID, changes: AgendaChanges, now: datetime) -> None:
        """Note which of the changed sessions were planned or moved too late to see whether they can run."""
        for change in changes.sessions:
            after, before = change.after.session, change.before
            if (before is None or before.session.starts_at != after.starts_at) and is_due(after.starts_at, now):
                self.sessions[room_id][after.session_id].risk_checked_for = after.starts_at

    def next_watch(self, room: Room, now: datetime) -> datetime | None:
        """Return when the next session of a room is over, or is to be checked, whichever is first."""
        due: list[datetime] = []
        for row in self.sessions[room.room_id].values():
            is_public = room.published_at is not None and row.starts_at >= room.published_at
            if row.status == SessionStatus.SCHEDULED and not row.over_published and is_public:
                due.append(row.ends_at)
                if row.starts_at > now and row.risk_checked_for != row.starts_at:
                    due.append(row.starts_at - CHECKED_BEFORE)
        return min(due, default=None)

    def discard(self, room_id: UUID) -> None:
        """Drop a room's agenda, whose rows are deleted with the room's."""
        self._agendas.pop(room_id, None)
        for row in (*self.sessions.pop(room_id, {}).values(), *self.series.pop(room_id, {}).values()):
            if row in self.session.new:
                self.session.expunge(row)

    def _row(self, rows: dict[UUID, R], kind: type[R], identity: UUID) -> R:
        if identity not in rows:
            rows[identity] = kind()
            self.session.add(rows[identity])
        return rows[identity]


def _write(row: SessionRow | SeriesRow, columns: Mapping[str, Any]) -> None:
    for name, value in columns.items():
        setattr(row, name, value)


async def load_agendas(session: AsyncSession, messages: Sequence[Message], *, besides: Set[UUID]) -> LoadedAgendas:
    """Load what commands need, with one query each: sessions to come, named sessions, series that go on.

    ``besides`` are rooms whose agenda is needed for another reason.
    """
    room_ids = besides | {message.room_id for message in messages if isinstance(message, _OF_AGENDAS)}
    agendas = LoadedAgendas(session)
    if not room_ids:
        return agendas
    for series in await _going_on(session, room_ids):
        agendas.series[series.room_id][series.series_id] = series
    named = await _named(
        session, {each.session_id for each in messages if isinstance(each, _OF_SESSIONS) and each.session_id}
    )
    topped_up = {(each.room_id, each.series_id) for each in messages if isinstance(each, TopUpSeries)}
    for row in (*await _to_come(session, room_ids), *await _planned_already(session, topped_up), *named):
        agendas.sessions[row.room_id][row.session_id] = row
    for row in named:
        agendas.named[row.session_id].add(row.room_id)
    return agendas


async def _going_on(session: AsyncSession, room_ids: Collection[UUID]) -> Sequence[SeriesRow]:
    query = select(SeriesRow).where(one_of(SeriesRow.room_id, room_ids), SeriesRow.has_ended.is_(False))
    return (await session.scalars(query)).all()


async def _to_come(session: AsyncSession, room_ids: Collection[UUID]) -> Sequence[SessionRow]:
    """Load the sessions that take place and of which no event states yet that they are over."""
    query = select(SessionRow).where(one_of(SessionRow.room_id, room_ids), IS_TO_COME)
    return (await session.scalars(query)).all()


async def _named(session: AsyncSession, session_ids: Collection[UUID]) -> Sequence[SessionRow]:
    """Load sessions by their ids, in any room: an id that another room's session has is taken."""
    if not session_ids:
        return []
    return (await session.scalars(select(SessionRow).where(one_of(SessionRow.session_id, session_ids)))).all()


async def _planned_already(session: AsyncSession, series: Collection[tuple[UUID, UUID]]) -> Sequence[SessionRow]:
    """Load the dates of series that are sessions already although they lie after ``planned_until``."""
    if not series:
        return []
    is_of_series = (SessionRow.room_id == SeriesRow.room_id, SessionRow.series_id == SeriesRow.series_id)
    wanted = one_of_rows((SeriesRow.room_id, SeriesRow.series_id), series)
    query = select(SessionRow).join(SeriesRow, is_of_series[0] & is_of_series[1])
    return (await session.scalars(query.where(wanted, SessionRow.ruled_at > SeriesRow.planned_until))).all()


def _planned(row: SessionRow) -> PlannedSession:
    planned = Session.model_validate(row, from_attributes=True)
    return PlannedSession(planned, row.asked, row.ruled_at, row.has_own_time)


def _session_columns(planned: PlannedSession) -> dict[str, Any]:
    columns = dict(planned.session)
    more = {"asked": planned.fingerprint, "ruled_at": planned.ruled_at, "has_own_time": planned.has_own_time}
    return columns | more


def _series(row: SeriesRow) -> Series:
    return Series(
        series_id=row.series_id,
        room_id=row.room_id,
        rule=Rule(row.rrule, row.starts_at, frozenset(row.except_dates)),
        time_zone=row.time_zone,
        duration=row.duration,
        planned_until=row.planned_until,
        topic=row.topic,
        place=row.place,
        meeting_url=row.meeting_url,
        shift=row.shift,
        has_ended=row.has_ended,
    )


def _series_columns(series: Series) -> dict[str, Any]:
    rule = series.rule
    return {
        "room_id": series.room_id,
        "series_id": series.series_id,
        "rrule": rule.text,
        "starts_at": rule.starts_at,
        "except_dates": sorted(rule.except_dates),
        "time_zone": series.time_zone,
        "duration": series.duration,
        "planned_until": series.planned_until,
        "topic": series.topic,
        "place": series.place,
        "meeting_url": series.meeting_url,
        "shift": series.shift,
        "has_ended": series.has_ended,
    }
