"""The disposition of a letter that can wait, by its reader's preferences: leave, wait, join a digest, or be skipped."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from practio_contracts.notifications import Activity, Preferences, RequestsDigest
from practio_notifications.letters.kinds import Category
from practio_notifications.letters.quiet_hours import at_wall_clock, leaves_at

_DIGESTS = UUID("3d7c3a52-5f0e-5a4e-8a43-8f0c6b1d9e24")
_HOUR_OF_DAY = time(8)
_MONDAY = 0

Period = RequestsDigest | Activity


class Unwanted(StrEnum):
    """Why a reader does not want a letter."""

    CATEGORY_OFF = "not-wanted"
    ROOM_MUTED = "room-muted"


@dataclass(frozen=True, slots=True)
class Wait:
    """To leave at this instant."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Gather:
    """The letter joins the digest that leaves at this instant."""

    at: datetime


Disposition = Unwanted | Wait | Gather | None
"""None: the letter leaves now."""


def disposition(
    category: Category,
    room_id: UUID | None,
    preferences: Preferences,
    zone: ZoneInfo,
    now: datetime,
    *,
    weekly: bool = False,
) -> Disposition:
    """Return what a reader's preferences mean for a letter of this category about this room.

    ``weekly``: it is wanted or not as its category is, and part of the digest of the week.
    """
    if category is Category.TRANSACTIONAL:
        return None
    if room_id in preferences.muted_room_ids:
        return Unwanted.ROOM_MUTED
    period = period_of(category, preferences)
    match period:
        case RequestsDigest.OFF | Activity.OFF:
            return Unwanted.CATEGORY_OFF
        case _ if weekly:
            return Gather(digest_at(now, RequestsDigest.WEEKLY, preferences, zone))
        case RequestsDigest.AT_ONCE | Activity.AT_ONCE:
            at = leaves_at(now, preferences.quiet_hours, zone)
            return Wait(at) if at > now else None
        case _:
            return Gather(digest_at(now, period, preferences, zone))


def period_of(category: Category, preferences: Preferences) -> Period:
    """Return how often a reader wants letters of a category that can wait."""
    match category:
        case Category.DIGEST:
            return preferences.requests_digest
        case Category.ACTIVITY:
            return preferences.activity
        case _:
            return RequestsDigest.AT_ONCE if preferences.reminders else RequestsDigest.OFF


def digest_at(now: datetime, period: Period, preferences: Preferences, zone: ZoneInfo) -> datetime:
    """Return when the next digest after ``now`` leaves, in UTC.

    Each full hour, each day at 8 on the reader's wall clock, or each Monday at 8; later if these are quiet hours.
    """
    if period is RequestsDigest.HOURLY:
        at = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    else:
        today = now.astimezone(zone).date()
        days = (today + timedelta(days=ahead) for ahead in range(9))
        at = next(
            at
            for day in days
            if (at := at_wall_clock(datetime.combine(day, _HOUR_OF_DAY), zone)) > now
            and (period is not RequestsDigest.WEEKLY or day.weekday() == _MONDAY)
        )
    return leaves_at(at, preferences.quiet_hours, zone)


def digest_id(person_id: UUID, category: Category, at: datetime) -> UUID:
    """Return the id of a reader's digest of this category at this instant."""
    return uuid5(_DIGESTS, f"{person_id}/{category}/{at.astimezone(UTC).isoformat()}")
