"""What rooms forgets in time: past sessions, timelines of ended memberships (deploy/README.md, What is kept)."""

from collections.abc import Sequence

from practio_chassis.handling.retention import Retention, retention
from practio_rooms.domain.attending import RECORDED_UNTIL
from practio_rooms.settings import Settings
from practio_rooms.tables import (
    HAS_LEFT,
    LEFT_AT,
    LOT_END,
    LOT_IS_OVER,
    REPORT_IS_OPEN,
    AnnouncementRow,
    AttendanceRow,
    ConductReportRow,
    LotWaitingRow,
    RoomMonthRow,
    SessionAnswerRow,
    SessionPartRow,
    SessionRow,
    ThanksRow,
    metadata,
)

_TABLES = metadata.tables

ANNOUNCEMENTS_KEPT_DAYS = 90
"""How long the id of an announcement is known, so that the same one is not made twice."""

MONTHS_KEPT_DAYS = 1_827
"""How long the fixed months of rooms are kept, and lots of people who have all left: five years."""
THANKS_KEPT_DAYS = 365
"""How long a word of thanks is kept."""

SETTLED_REPORTS_KEPT_DAYS = 365
"""How long a report of conduct is kept once it is settled."""

OPEN_REPORTS_KEPT_DAYS = 1_095
"""How long a report of conduct is kept that nobody settles."""


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
        Retention(table=_TABLES["room_month"], since=RoomMonthRow.month.expression, days=MONTHS_KEPT_DAYS),
        Retention(table=_TABLES["lot"], since=LOT_END, days=MONTHS_KEPT_DAYS, only=(LOT_IS_OVER,)),
        Retention(
            table=_TABLES["lot_waiting"], since=LotWaitingRow.since.expression, days=settings.timelines_kept_days
        ),
        Retention(table=_TABLES["thanks"], since=ThanksRow.thanked_at.expression, days=THANKS_KEPT_DAYS),
        Retention(
            table=_TABLES["conduct_report"],
            since=ConductReportRow.settled_at.expression,
            days=SETTLED_REPORTS_KEPT_DAYS,
            only=(ConductReportRow.settled_at.is_not(None),),
        ),
        Retention(
            table=_TABLES["conduct_report"],
            since=ConductReportRow.reported_at.expression,
            days=OPEN_REPORTS_KEPT_DAYS,
            only=(REPORT_IS_OPEN,),
        ),
        Retention(table=_TABLES["passage"], since=LEFT_AT, days=settings.timelines_kept_days, only=(HAS_LEFT,)),
    )


RETENTION = retention("rooms", retentions)
