"""The sort key of a room's next session: the sooner it is, the greater the number."""

from datetime import UTC, datetime, timedelta

NEVER = -(2**63)
"""The key of a room without a session, which sorts last: the least ``bigint``."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def session_sort_key(next_session_at: datetime | None) -> int:
    """Return minus the microseconds from 1970 to the next session."""
    if next_session_at is None:
        return NEVER
    return (_EPOCH - next_session_at) // timedelta(microseconds=1)
