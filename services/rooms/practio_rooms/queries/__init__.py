"""The query handlers of rooms: one room, its notes, a page of search results, feedback and the report."""

from practio_rooms.queries.feedback import get_feedback
from practio_rooms.queries.notes import list_notes
from practio_rooms.queries.report import get_report
from practio_rooms.queries.room import get_room
from practio_rooms.queries.search import search_rooms

__all__ = ["get_feedback", "get_report", "get_room", "list_notes", "search_rooms"]
