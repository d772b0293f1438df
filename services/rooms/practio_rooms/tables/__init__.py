"""The tables of the catalogue and of the chassis."""

from practio_chassis.database.tables import chassis_tables
from practio_rooms.tables.attending import AnnouncementRow, AttendanceRow, SessionAnswerRow, SessionPartRow
from practio_rooms.tables.base import Tables
from practio_rooms.tables.care import CareRow
from practio_rooms.tables.certificate import CertificateRow
from practio_rooms.tables.conduct import REPORT_IS_OPEN, ConductReportRow
from practio_rooms.tables.discarded import DiscardedDraftRow
from practio_rooms.tables.feedback import FeedbackCommentRow, FeedbackGivenRow, FeedbackNumberRow, FeedbackWaitingRow
from practio_rooms.tables.lots import (
    IS_OPEN,
    LOT_END,
    LOT_IS_OVER,
    LotPersonRow,
    LotRow,
    LotWaitingRow,
    MonthFixedRow,
    RoomMonthRow,
)
from practio_rooms.tables.membership_timeline import HAS_LEFT, LEFT_AT, TimelineRow
from practio_rooms.tables.note import IS_KEPT, IS_PUBLIC, NoteRow
from practio_rooms.tables.presence import EndingRow, PresenceRow
from practio_rooms.tables.room import IS_PUBLISHED, RoomRow, room_of
from practio_rooms.tables.session import IS_TO_COME, SeriesRow, SessionRow
from practio_rooms.tables.sponsor import SponsorDelegateRow, SponsorRow
from practio_rooms.tables.thanks import ThanksRow

__all__ = [
    "HAS_LEFT",
    "IS_KEPT",
    "IS_OPEN",
    "IS_PUBLIC",
    "IS_PUBLISHED",
    "IS_TO_COME",
    "LEFT_AT",
    "LOT_END",
    "LOT_IS_OVER",
    "REPORT_IS_OPEN",
    "AnnouncementRow",
    "AttendanceRow",
    "CareRow",
    "CertificateRow",
    "ConductReportRow",
    "DiscardedDraftRow",
    "EndingRow",
    "FeedbackCommentRow",
    "FeedbackGivenRow",
    "FeedbackNumberRow",
    "FeedbackWaitingRow",
    "LotPersonRow",
    "LotRow",
    "LotWaitingRow",
    "MonthFixedRow",
    "NoteRow",
    "PresenceRow",
    "RoomMonthRow",
    "RoomRow",
    "SeriesRow",
    "SessionAnswerRow",
    "SessionPartRow",
    "SessionRow",
    "SponsorDelegateRow",
    "SponsorRow",
    "ThanksRow",
    "TimelineRow",
    "metadata",
    "room_of",
]

metadata = Tables.metadata
chassis_tables(metadata)
