"""How long an offer stands."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

EVENING = time(21)
MORNING = time(8)
NEXT_START = time(9)
CLOSE_TO_SESSION = timedelta(minutes=90)
BEFORE_SESSION = timedelta(hours=1)
SHORTEST = timedelta(minutes=30)


def offer_expiry(
    now: datetime, *, window_hours: int, time_zone: str | None, next_session_at: datetime | None
) -> datetime:
    """Return the instant (UTC) at which an offer made ``now`` expires, by the four rules in their order.

    ``time_zone`` is the room's IANA zone, UTC if it states none.
    """
    end = _out_of_the_night(now + timedelta(hours=window_hours), ZoneInfo(time_zone or "UTC"))
    if next_session_at is not None and now + CLOSE_TO_SESSION < next_session_at < end:
        end = next_session_at - BEFORE_SESSION
    return max(end, now + SHORTEST).astimezone(UTC)


def _out_of_the_night(instant: datetime, zone: ZoneInfo) -> datetime:
    local = instant.astimezone(zone)
    if MORNING <= local.time() < EVENING:
        return instant
    day = local.date() + timedelta(days=1 if local.time() >= EVENING else 0)
    return datetime.combine(day, NEXT_START, zone).astimezone(UTC)
