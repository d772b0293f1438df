"""What rooms forgets in time: past sessions, timelines of ended memberships (deploy/README.md, What is kept)."""

from collections.abc import Sequence

from practio_chassis.handling.retention import Retention, retention
from practio_rooms.domain.attending import RECORDED_UNTIL
from practio_rooms.settings import Settings
from practio_rooms.tables import (
    HAS_LEFT,
    LEFT_AT,
    AnnouncementRow,
    AttendanceRow,
    SessionAnswerRow,
    SessionPartRow,
    SessionRow,
    metadata,
)

_TABLES = metadata.tables

ANNOUNCEMENTS_KEPT_DAYS = 90
"""How long the id of an announcement is known, so that the same one is not made twice."""


def retentions(settings: Settings) -> Sequence[Retention]:
    """Return how long the rows of each table are kept after the session, or the membership, was over."""
    return (
        Retention(table=_TABLES["session"], since=SessionRow.ends_at.expression, days=settings.sessions_kept_days),
        Retention(
            table=_TABLES["attendance"], since=AttendanceRow.recorded_at.expression, days=settings.sessions_kept_days
        ),
        Retention(
            table=_TABLES["session_part"], since=SessionPartRow.planned_at.expression, days=settings.sessions_kept_days
        ),
        Retention(
            table=_TABLES["session_answer"], since=SessionAnswerRow.starts_at.expression, days=RECORDED_UNTIL.days
        ),
        Retention(
            table=_TABLES["announcement"], since=AnnouncementRow.announced_at.expression, days=ANNOUNCEMENTS_KEPT_DAYS
        ),
        Retention(table=_TABLES["passage"], since=LEFT_AT, days=settings.timelines_kept_days, only=(HAS_LEFT,)),
    )


RETENTION = retention("rooms", retentions)
