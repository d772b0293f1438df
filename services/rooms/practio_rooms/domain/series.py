"""Series: the dates that a rule gives become sessions, 12 weeks ahead (services/rooms/README.md, Sessions)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from practio_contracts.rooms import ENDED_ROOM, Room, Session
from practio_rooms.domain.agenda import AgendaChanges, PlannedSession, RoomAgenda, Series, SessionChange
from practio_rooms.domain.recurrence import instant, wall_clock

HORIZON = timedelta(weeks=12)
"""How far ahead the dates of a series are planned as sessions."""

MOST_UPCOMING = 200
"""The most upcoming sessions of a room."""

TOP_UP_INTERVAL = timedelta(days=1)
"""How often a series is topped up while it has a date to give."""


def horizon_of(series: Series, *, now: datetime) -> datetime:
    """Return the wall-clock time of its rule up to which a series is to be planned by now."""
    return wall_clock(now + HORIZON, series.time_zone) - series.shift


def date_of(series: Series, ruled_at: datetime, *, session_id: UUID | None = None) -> PlannedSession:
    """Return the session of a date; its id follows from series and day, so that no date is planned twice."""
    starts_at = instant(ruled_at + series.shift, series.time_zone)
    session = Session(
        session_id=session_id or uuid5(series.series_id, ruled_at.date().isoformat()),
        room_id=series.room_id,
        series_id=series.series_id,
        starts_at=starts_at,
        ends_at=starts_at + series.duration,
        time_zone=series.time_zone,
        topic=series.topic,
        place=series.place,
        meeting_url=series.meeting_url,
    )
    return PlannedSession(session, ruled_at=ruled_at)


def top_up(room: Room, agenda: RoomAgenda, series_id: UUID, *, now: datetime) -> AgendaChanges:
    """Plan the dates that have come within the horizon, as many as the room may have; past dates are skipped."""
    series = agenda.series.get(series_id)
    if series is None or series.has_ended or room.status in ENDED_ROOM:
        return AgendaChanges()
    upto = max(horizon_of(series, now=now), series.planned_until)
    dates = [date_of(series, each) for each in series.rule.dates(after=series.planned_until, upto=upto)]
    fresh = [each for each in dates if each.session.session_id not in agenda.sessions and each.session.starts_at > now]
    free = max(0, MOST_UPCOMING - len(agenda.upcoming(now)))
    return AgendaChanges(
        tuple(SessionChange(None, each) for each in fresh[:free]),
        (replace(series, planned_until=_planned_until(fresh, free, series, upto)),),
    )


def _planned_until(fresh: Sequence[PlannedSession], free: int, series: Series, upto: datetime) -> datetime:
    """Return how far a series is planned if only ``free`` of the dates fit."""
    if len(fresh) <= free:
        return upto
    last = fresh[free - 1].ruled_at if free else None
    return last or series.planned_until


def next_top_up(series: Series, *, now: datetime) -> datetime | None:
    """Return when the next date comes within the horizon, tomorrow at the earliest; None: no further date."""
    if series.has_ended:
        return None
    ruled_at = next(series.rule.dates(after=series.planned_until), None)
    if ruled_at is None:
        return None
    return max(now + TOP_UP_INTERVAL, instant(ruled_at + series.shift, series.time_zone) - HORIZON)
