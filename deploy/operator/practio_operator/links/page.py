"""The pages that an operator may make a link to, and what each needs."""

from enum import StrEnum
from uuid import UUID

from practio_contracts.links import Purpose
from practio_contracts.rooms import Room, RoomStatus
from practio_operator.console.errors import UsageError


class Page(StrEnum):
    """A page that a person opens by a link."""

    ROOMS = "rooms"
    WAY = "way"
    DESK = "desk"
    QUEUE = "queue"
    START = "start"
    PREFERENCES = "preferences"
    MEMORY = "memory"

    @property
    def purpose(self) -> Purpose:
        """Return the purpose of a link to it."""
        return Purpose(self.value)


_ABOUT_A_ROOM = (Page.WAY, Page.DESK, Page.QUEUE, Page.MEMORY)
_ABOUT_NO_ROOM = (Page.ROOMS, Page.PREFERENCES)
_OF_OFFICES = (Page.DESK, Page.QUEUE)


def check_words(page: Page, room: UUID | None) -> None:
    """Raise UsageError if a page needs a room and none is given, or is about none and one is."""
    if room is None and page in _ABOUT_A_ROOM:
        raise UsageError(f"The page {page} is about one room: name it with --room.")
    if room is not None and page in _ABOUT_NO_ROOM:
        raise UsageError(f"The page {page} is about no room: leave out --room.")


def why_closed(page: Page, room: Room, person: UUID) -> str | None:
    """Return why the page of a room would be closed to a person; None if it opens. ``memory`` is not judged here."""
    offices = (room.host_id, *room.facilitator_ids, *room.steward_ids)
    if page in _OF_OFFICES and person not in offices:
        return "holds no office in it"
    if page is Page.START and person != room.host_id:
        return "is not its host"
    if page is Page.START and room.status is not RoomStatus.DRAFT:
        return "has published it, so that it is no draft any more: use --page desk"
    return None
