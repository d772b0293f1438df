"""How soon a room meets, as a number that is greater the sooner it is (rooms.md, Search)."""

from datetime import UTC, datetime, timedelta

NEVER = -(2**63)
"""No session is planned: later than all others. The least number of a ``bigint``."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def soonness_of(next_session_at: datetime | None) -> int:
    """Give minus the microseconds from 1970 to the next session."""
    if next_session_at is None:
        return NEVER
    return (_EPOCH - next_session_at) // timedelta(microseconds=1)
