"""Series: the dates that a rule gives become sessions of their own, 12 weeks at a time (rooms.md, Sessions)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from practio_contracts.rooms import Room, Session
from practio_rooms.domain.agenda import Agenda, Planned, Series, Told, Turn
from practio_rooms.domain.recurrence import instant, wall_clock
from practio_rooms.domain.room import FINAL

HORIZON = timedelta(weeks=12)
"""How far ahead the dates of a series are sessions."""

MOST_TO_COME = 200
"""How many sessions of a room may be still to come."""

EVERY = timedelta(days=1)
"""How often a series is topped up, where it has a date to give."""


def horizon_of(series: Series, *, now: datetime) -> datetime:
    """Give up to which wall-clock time of its rule a series is to be planned by now."""
    return wall_clock(now + HORIZON, series.time_zone) - series.shift


def date_of(series: Series, ruled_at: datetime, *, session_id: UUID | None = None) -> Planned:
    """Give the session of a date; its id follows from series and day, so that no date is made twice."""
    starts_at = instant(ruled_at + series.shift, series.time_zone)
    shown = Session(
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
    return Planned(shown, ruled_at=ruled_at)


def top_up(room: Room, agenda: Agenda, series_id: UUID, *, now: datetime) -> Turn:
    """Plan the dates that have come within the horizon, as many as the room may have; what is past is passed over."""
    series = agenda.series.get(series_id)
    if series is None or series.has_ended or room.status in FINAL:
        return Turn()
    upto = max(horizon_of(series, now=now), series.planned_until)
    dates = [date_of(series, each) for each in series.rule.dates(after=series.planned_until, upto=upto)]
    fresh = [each for each in dates if each.shown.session_id not in agenda.sessions and each.shown.starts_at > now]
    free = max(0, MOST_TO_COME - len(agenda.coming(now)))
    return Turn(
        tuple(Told(None, each) for each in fresh[:free]),
        (replace(series, planned_until=_planned_until(fresh, free, series, upto)),),
    )


def _planned_until(fresh: Sequence[Planned], free: int, series: Series, upto: datetime) -> datetime:
    """Give how far a series is planned where only ``free`` of the dates have a place."""
    if len(fresh) <= free:
        return upto
    last = fresh[free - 1].ruled_at if free else None
    return last or series.planned_until


def next_top_up(series: Series, *, now: datetime) -> datetime | None:
    """Give when the next date of a series comes within the horizon, tomorrow at the earliest; None: it has none."""
    if series.has_ended:
        return None
    ruled_at = next(series.rule.dates(after=series.planned_until), None)
    if ruled_at is None:
        return None
    return max(now + EVERY, instant(ruled_at + series.shift, series.time_zone) - HORIZON)
