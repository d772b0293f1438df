"""What a report counts of a room's memberships, in one statement: no row of theirs is sent."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from practio_rooms.domain.report import Period, Places, TimelineFigures, hours

_INSTANT = DateTime(timezone=True)
_FIGURES = text("""
WITH answered AS MATERIALIZED (
    SELECT person_id, requested_at, waitlisted_at, joined_at, left_at,
           least(offered_at, joined_at) AS seated_at,
           least(waitlisted_at, offered_at, joined_at, declined_at) AS decided_at
    FROM passage
    WHERE room_id = :room AND coalesce(waitlisted_at, offered_at, joined_at, declined_at) IS NOT NULL
), decided AS (
    SELECT count(DISTINCT person_id) AS people,
           percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (
               ORDER BY greatest(0, extract(epoch FROM decided_at - requested_at))::float8 / 3600
           ) AS hours
    FROM answered WHERE requested_at IS NOT NULL AND decided_at >= :since AND decided_at < :until
), seated AS (
    SELECT count(DISTINCT person_id) AS people,
           percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (
               ORDER BY greatest(0, extract(epoch FROM seated_at - waitlisted_at))::float8 / 3600
           ) AS hours
    FROM answered WHERE waitlisted_at IS NOT NULL AND seated_at >= :since AND seated_at < :until
), came AS (
    SELECT width_bucket(joined_at, :months) AS place, count(*) AS people
    FROM answered WHERE joined_at >= :since AND joined_at < :until GROUP BY 1
), gone AS (
    SELECT width_bucket(left_at, :months) AS place, count(*) AS people
    FROM answered WHERE joined_at IS NOT NULL AND left_at >= :since AND left_at < :until GROUP BY 1
), joins AS (
    SELECT width_bucket(joined_at - interval '1 microsecond', :sessions) AS place, count(*) AS people
    FROM answered WHERE joined_at IS NOT NULL AND cardinality(:sessions) > 0 GROUP BY 1
), leaves AS (
    SELECT width_bucket(left_at - interval '1 microsecond', :sessions) AS place, count(*) AS people
    FROM answered WHERE joined_at IS NOT NULL AND left_at IS NOT NULL AND cardinality(:sessions) > 0 GROUP BY 1
)
SELECT
    (SELECT count(DISTINCT person_id) FROM answered
     WHERE joined_at < :until AND (left_at IS NULL OR left_at > :since)) AS served,
    decided.people AS decided, decided.hours AS until_decided, seated.people AS seated, seated.hours AS until_seated,
    (SELECT jsonb_object_agg(place, people) FROM came) AS came,
    (SELECT jsonb_object_agg(place, people) FROM gone) AS gone,
    (SELECT jsonb_object_agg(place, people) FROM joins) AS joins,
    (SELECT jsonb_object_agg(place, people) FROM leaves) AS leaves
FROM decided, seated
""").bindparams(
    bindparam("room", type_=Uuid),
    bindparam("since", type_=_INSTANT),
    bindparam("until", type_=_INSTANT),
    bindparam("months", type_=ARRAY(_INSTANT)),
    bindparam("sessions", type_=ARRAY(_INSTANT)),
)
"""A request counts once it was answered: with a seat, an offer, a place on the waitlist or a decline.

The first answer is its decision, and the first seat offered or given ends the waiting. ``least`` leaves out what is
null. ``width_bucket`` tells how many of some instants are not after another: of months those that had begun, and of
sessions, a microsecond earlier, those that began before.
"""


async def timeline_figures(
    session: AsyncSession, room_id: UUID, period: Period, *, months: Sequence[datetime], sessions: Sequence[datetime]
) -> TimelineFigures:
    """Return the figures of a period; ``months`` and ``sessions`` are the instants by which they are counted."""
    asked = {"room": room_id, "since": period.since, "until": period.until}
    found = (await session.execute(_FIGURES, asked | {"months": list(months), "sessions": list(sessions)})).one()
    return TimelineFigures(
        people_served=found.served,
        decisions=hours(found.decided, *(found.until_decided or (None, None))),
        waiting=hours(found.seated, *(found.until_seated or (None, None))),
        came=_places(found.came),
        left=_places(found.gone),
        joins=_places(found.joins),
        leaves=_places(found.leaves),
    )


def _places(found: dict[str, int] | None) -> Places:
    return {int(place): people for place, people in (found or {}).items()}
