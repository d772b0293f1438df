"""What rooms answers: one room, its notes, or a page of those that a search finds; what came of a room, in numbers."""

from practio_rooms.queries.feedback import get_feedback
from practio_rooms.queries.notes import list_notes
from practio_rooms.queries.report import get_report
from practio_rooms.queries.room import get_room
from practio_rooms.queries.search import search_rooms

__all__ = ["get_feedback", "get_report", "get_room", "list_notes", "search_rooms"]
