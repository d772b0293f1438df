"""Certificates: their codes, and what they certify (README, Certificates). Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from practio_contracts.answers import Refusal
from practio_contracts.rooms import RefusalCode, Room

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""The characters of codes: none that is read as another one (0 and O, 1 and I)."""

LENGTH = 20
"""Characters of a code: 100 random bits, which nobody guesses."""

CERTIFICATE_UNKNOWN = Refusal(
    code=RefusalCode.CERTIFICATE_UNKNOWN,
    detail="no attendance of this person was recorded in the room: ask the host to record who came",
)


@dataclass(frozen=True, slots=True)
class Attended:
    """The sessions that somebody attended: how many, their minutes, the first start, and the start of the last."""

    sessions: int = 0
    minutes: int = 0
    first: datetime | None = None
    last: datetime | None = None

    def with_more(self, other: "Attended") -> "Attended":
        """Return the sum."""
        starts = [each for each in (self.first, self.last, other.first, other.last) if each]
        return Attended(
            self.sessions + other.sessions,
            self.minutes + other.minutes,
            min(starts, default=None),
            max(starts, default=None),
        )

    def days_in(self, room: Room) -> tuple[date, date] | None:
        """Return the days of the first and the last session, in the room's zone; None if there was no session."""
        if not self.sessions or self.first is None or self.last is None:
            return None
        zone = ZoneInfo(room.time_zone or "UTC")
        return self.first.astimezone(zone).date(), self.last.astimezone(zone).date()


def written_code(code: str) -> str:
    """Return a code as people read it: in groups of five."""
    return "-".join(code[start : start + 5] for start in range(0, LENGTH, 5))


def read_code(written: str) -> str | None:
    """Return the code that somebody typed; None if it cannot be one."""
    code = "".join(each for each in written.upper() if not each.isspace() and each not in "-–—‐‑")
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None


def counted_after(sessions_kept_days: int, *, recorded_until: timedelta) -> timedelta:
    """Return how long after its end a session is counted for good: nobody records any more, and it is still kept."""
    return min(recorded_until + timedelta(days=1), timedelta(days=sessions_kept_days) - timedelta(hours=12))
