"""When people do what with a session: the times of rooms' rules, by which pages offer it. Pure; rooms decides."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from practio_contracts.links import AFTER_A_SESSION
from practio_contracts.rooms import Session, SessionStatus

CHECK_IN_BEFORE = timedelta(minutes=30)
"""How long before its start people check in to a session."""


@dataclass(frozen=True, slots=True)
class SessionPhase:
    """What the time of a session lets people do ``now``."""

    session: Session
    now: datetime

    @property
    def is_cancelled(self) -> bool:
        """Return whether the session was called off."""
        return self.session.status is SessionStatus.CANCELLED

    @property
    def has_begun(self) -> bool:
        """Return whether the session has begun."""
        return self.session.starts_at <= self.now

    @property
    def is_over(self) -> bool:
        """Return whether the session has ended."""
        return self.session.ends_at <= self.now

    @property
    def is_long_over(self) -> bool:
        """Return whether the session ended so long ago that its page is closed."""
        return self.session.ends_at + AFTER_A_SESSION < self.now

    @property
    def takes_answers(self) -> bool:
        """Return whether people still say if they come."""
        return not (self.is_cancelled or self.has_begun)

    @property
    def check_in_opens_at(self) -> datetime:
        """Return from when on people check in."""
        return self.session.starts_at - CHECK_IN_BEFORE

    @property
    def takes_check_ins(self) -> bool:
        """Return whether people check in now."""
        return not self.is_cancelled and self.check_in_opens_at <= self.now < self.session.ends_at

    @property
    def takes_plans(self) -> bool:
        """Return whether the session is still planned."""
        return not (self.is_cancelled or self.is_over)

    @property
    def takes_attendance(self) -> bool:
        """Return whether it is recorded who came."""
        return self.has_begun and not (self.is_cancelled or self.is_long_over)
