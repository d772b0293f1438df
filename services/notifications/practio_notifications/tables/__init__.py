"""The tables of notifications: contacts, projections of rooms and memberships, and letters."""

from practio_notifications.tables.base import CHASSIS_TABLES, Json, Row, metadata
from practio_notifications.tables.letters import CAUSE_DATA, EVENT_ID, LETTER, BounceRow, LetterRow, SuppressionRow
from practio_notifications.tables.people import ContactRow, FormerAddressRow, IntroductionRow, PreferenceRow
from practio_notifications.tables.rooms import EVENT_DATA, CareRow, MembershipRow, OccupancyRow, RoomRow, SponsorRow
from practio_notifications.tables.sessions import AnswerRow, CalendarEntryRow, PartRow, PlanRow, SessionRow

__all__ = [
    "CAUSE_DATA",
    "CHASSIS_TABLES",
    "EVENT_DATA",
    "EVENT_ID",
    "LETTER",
    "AnswerRow",
    "BounceRow",
    "CalendarEntryRow",
    "CareRow",
    "ContactRow",
    "FormerAddressRow",
    "IntroductionRow",
    "Json",
    "LetterRow",
    "MembershipRow",
    "OccupancyRow",
    "PartRow",
    "PlanRow",
    "PreferenceRow",
    "RoomRow",
    "Row",
    "SessionRow",
    "SponsorRow",
    "SuppressionRow",
    "metadata",
]
