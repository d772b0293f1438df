"""How often something may be done: at most a number of times within a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from practio_contracts.answers import NextStep, Refusal
from practio_contracts.rooms import RefusalCode


@dataclass(frozen=True, slots=True)
class Frequency:
    """At most ``most`` times ``within`` a time; ``detail`` says so to those who are refused."""

    most: int
    within: timedelta
    detail: str

    def refusal(self, recent: Sequence[datetime]) -> Refusal | None:
        """Return the refusal of one more, or None; ``recent`` are the times of those ``within``, in any order."""
        if len(recent) < self.most:
            return None
        return Refusal(
            code=RefusalCode.TOO_MANY,
            detail=self.detail,
            next_step=NextStep.RETRY_AFTER,
            retry_after=sorted(recent)[-self.most] + self.within,
        )
