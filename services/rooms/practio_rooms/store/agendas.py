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
    ArchiveRoom,
    CancelRoom,
    CancelSession,
    DiscardDraft,
    PassSession,
    PublishRoom,
    RescheduleSession,
    ReviseSession,
    ScheduleSession,
    Session,
    SessionStatus,
    TopUpSeries,
)
from practio_rooms.domain.agenda import Agenda, AgendaChanges, PlannedSession, Series
from practio_rooms.domain.recurrence import Rule
from practio_rooms.tables import SeriesRow, SessionRow

R = TypeVar("R", SessionRow, SeriesRow)

_OF_SESSIONS = (ScheduleSession, RescheduleSession, ReviseSession, CancelSession)
_OF_AGENDAS = (*_OF_SESSIONS, TopUpSeries, PassSession, PublishRoom, CancelRoom, ArchiveRoom, DiscardDraft)
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
    _agendas: dict[UUID, Agenda] = field(default_factory=dict)

    def of(self, room_id: UUID) -> Agenda:
        """Return a room's current agenda."""
        if room_id not in self._agendas:
            self._agendas[room_id] = Agenda(
                sessions={identity: _planned(row) for identity, row in self.sessions[room_id].items()},
                series={identity: _series(row) for identity, row in self.series[room_id].items()},
                elsewhere=frozenset(identity for identity, rooms in self.named.items() if rooms - {room_id}),
            )
        return self._agendas[room_id]

    def apply(self, room_id: UUID, changes: AgendaChanges) -> Agenda:
        """Save changes; return the agenda after them."""
        after = self._agendas[room_id] = self.of(room_id).apply(changes)
        for change in changes.sessions:
            row = self._row(self.sessions[room_id], SessionRow, change.after.session.session_id)
            _write(row, _session_columns(change.after))
        for series in changes.series:
            _write(self._row(self.series[room_id], SeriesRow, series.series_id), _series_columns(series))
        return after

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


async def load_agendas(
    session: AsyncSession, messages: Sequence[Message], now: datetime, *, besides: Set[UUID]
) -> LoadedAgendas:
    """Load what commands need, with one query each: upcoming sessions, named sessions, series that go on.

    ``besides`` are rooms whose agenda is needed for another reason.
    """
    room_ids = besides | {message.room_id for message in messages if isinstance(message, _OF_AGENDAS)}
    agendas = LoadedAgendas(session)
    if not room_ids:
        return agendas
    for series in await _going_on(session, room_ids):
        agendas.series[series.room_id][series.series_id] = series
    named = await _named(session, {each.session_id for each in messages if isinstance(each, _OF_SESSIONS)})
    topped_up = {(each.room_id, each.series_id) for each in messages if isinstance(each, TopUpSeries)}
    for row in (*await _upcoming(session, room_ids, now), *await _planned_already(session, topped_up), *named):
        agendas.sessions[row.room_id][row.session_id] = row
    for row in named:
        agendas.named[row.session_id].add(row.room_id)
    return agendas


async def _going_on(session: AsyncSession, room_ids: Collection[UUID]) -> Sequence[SeriesRow]:
    query = select(SeriesRow).where(one_of(SeriesRow.room_id, room_ids), SeriesRow.has_ended.is_(False))
    return (await session.scalars(query)).all()


async def _upcoming(session: AsyncSession, room_ids: Collection[UUID], now: datetime) -> Sequence[SessionRow]:
    is_to_come = (SessionRow.starts_at > now, SessionRow.status == SessionStatus.SCHEDULED)
    query = select(SessionRow).where(one_of(SessionRow.room_id, room_ids), *is_to_come)
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
