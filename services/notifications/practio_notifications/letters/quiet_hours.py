"""Quiet hours: when a letter that can wait may leave, on its reader's wall clock."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from practio_contracts.notifications import QuietHours


def leaves_at(instant: datetime, quiet: QuietHours | None, zone: ZoneInfo) -> datetime:
    """Return the first time from ``instant`` on that is not quiet, in UTC.

    Hours that begin as they end are never quiet.

    If clocks are put forward over the end of the quiet hours, these end up to an hour later; if they are put back over
    it, quiet begins again with the hour that comes twice.
    """
    if quiet is None:
        return instant
    start, end = time.fromisoformat(quiet.start), time.fromisoformat(quiet.end)
    local = instant.astimezone(zone)
    if not _is_quiet(local.time(), start, end):
        return instant
    day = local.date() if local.time() < end else local.date() + timedelta(days=1)
    return next(at for fold in (0, 1) if (at := at_wall_clock(datetime.combine(day, end), zone, fold=fold)) > instant)


def at_wall_clock(local: datetime, zone: ZoneInfo, *, fold: int = 0) -> datetime:
    """Return when a wall clock in ``zone`` shows ``local``, in UTC; ``fold`` 1: the second time, if it does twice."""
    return local.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def _is_quiet(now: time, start: time, end: time) -> bool:
    if start <= end:
        return start <= now < end
    return now >= start or now < end
