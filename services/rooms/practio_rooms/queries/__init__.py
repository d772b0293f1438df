"""The query handlers of rooms: rooms, sessions, notes, a page of search results, feedback and the report."""

from practio_rooms.queries.agenda import list_agenda
from practio_rooms.queries.certificates import get_certificate, verify_certificate
from practio_rooms.queries.conduct import list_conduct_reports
from practio_rooms.queries.feedback import get_feedback
from practio_rooms.queries.notes import list_notes
from practio_rooms.queries.own_rooms import list_own_rooms
from practio_rooms.queries.report import get_report
from practio_rooms.queries.room import get_room
from practio_rooms.queries.rooms_report import report_rooms
from practio_rooms.queries.search import search_rooms
from practio_rooms.queries.session import get_session
from practio_rooms.queries.sessions import list_sessions
from practio_rooms.queries.sponsors import list_sponsors
from practio_rooms.queries.thanks import list_thanks

__all__ = [
    "get_certificate",
    "get_feedback",
    "get_report",
    "get_room",
    "get_session",
    "list_agenda",
    "list_conduct_reports",
    "list_notes",
    "list_own_rooms",
    "list_sessions",
    "list_sponsors",
    "list_thanks",
    "report_rooms",
    "search_rooms",
    "verify_certificate",
]
