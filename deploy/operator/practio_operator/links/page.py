"""The pages that an operator may make a link to, and what each needs."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from practio_contracts.links import AFTER_A_SESSION, Purpose
from practio_contracts.membership import Membership, Status
from practio_contracts.notifications import PreferencesFound
from practio_contracts.rooms import Room, RoomStatus, Session, SessionResult, SessionStatus
from practio_operator.console.errors import UsageError


class LinkedPage(StrEnum):
    """A page that a person opens by a link."""

    ROOMS = "rooms"
    CARE = "care"
    WAY = "way"
    DESK = "desk"
    QUEUE = "queue"
    START = "start"
    PREFERENCES = "preferences"
    MEMORY = "memory"
    SESSION = "session"
    FEEDBACK = "feedback"
    ME = "me"
    CALENDAR = "calendar"
    SPONSOR = "sponsor"
    CERTIFICATE = "certificate"
    INTRODUCE = "introduce"

    @property
    def purpose(self) -> Purpose:
        """Return the purpose of a link to it."""
        return Purpose(self.value)

    @property
    def ending(self) -> str:
        """Return what follows the token in the address of the page."""
        return {LinkedPage.ME: "/data", LinkedPage.CALENDAR: ".ics"}.get(self, "")


_ABOUT_A_SESSION = (LinkedPage.SESSION, LinkedPage.FEEDBACK)
_ABOUT_A_ROOM = (
    LinkedPage.WAY,
    LinkedPage.DESK,
    LinkedPage.QUEUE,
    LinkedPage.MEMORY,
    LinkedPage.CERTIFICATE,
    *_ABOUT_A_SESSION,
)
_ABOUT_NO_ROOM = (
    LinkedPage.ROOMS,
    LinkedPage.CARE,
    LinkedPage.PREFERENCES,
    LinkedPage.ME,
    LinkedPage.CALENDAR,
    LinkedPage.SPONSOR,
    LinkedPage.INTRODUCE,
)
_OF_OFFICES = (LinkedPage.DESK, LinkedPage.QUEUE)


def check_words(page: LinkedPage, room: UUID | None, session: UUID | None, sponsor: UUID | None = None) -> None:
    """Raise UsageError if a page needs a room, session or sponsor and none is given, or is about none and one is."""
    if room is None and page in _ABOUT_A_ROOM:
        raise UsageError(f"The page {page} is about one room: name it with --room.")
    if room is not None and page in _ABOUT_NO_ROOM:
        raise UsageError(f"The page {page} is about no room: leave out --room.")
    if session is None and page in _ABOUT_A_SESSION:
        raise UsageError(f"The page {page} is about one session: name it with --session.")
    if session is not None and page not in _ABOUT_A_SESSION:
        raise UsageError(f"The page {page} is about no session: leave out --session.")
    if sponsor is None and page is LinkedPage.SPONSOR:
        raise UsageError(f"The page {page} is about one sponsor: name it with --sponsor.")
    if sponsor is not None and page is not LinkedPage.SPONSOR:
        raise UsageError(f"The page {page} is about no sponsor: leave out --sponsor.")


def why_closed(page: LinkedPage, room: Room, person: UUID) -> str | None:
    """Return why the page of a room would be closed to a person; None if it opens.

    ``memory``, ``session``, ``feedback`` and ``certificate`` are not judged here.
    """
    offices = room.office_ids
    if page in _OF_OFFICES and person not in offices:
        return "holds no office in it"
    if page is LinkedPage.START and person != room.host_id:
        return "is not its host"
    if page is LinkedPage.START and room.status is not RoomStatus.DRAFT:
        return "has published it, so that it is no draft any more: use --page desk"
    return None


def why_no_feedback(session: Session | None, membership: Membership | None, now: datetime) -> str | None:
    """Return why a person cannot give feedback on a session ``now`` (rooms, README: Feedback); None if they can."""
    if membership is None or membership.status is not Status.JOINED:
        return "is not in it"
    if session is None:
        return "sees no session with this id in it"
    if session.status is SessionStatus.CANCELLED:
        return "cannot give feedback on a session that was called off"
    if now < session.starts_at:
        return "can give feedback once the session has begun"
    return "joined after the session" if session.ends_at <= membership.since else None


def why_no_session(session: SessionResult | None, now: datetime) -> str | None:
    """Return why the page of a session would be closed to a person ``now``; None if it opens."""
    if session is None:
        return "sees no session with this id in it"
    if session.people is None:
        return "is not in it"
    return "can open it until 30 days after the session" if now > session.session.ends_at + AFTER_A_SESSION else None


def why_no_introduction(known: PreferencesFound) -> str | None:
    """Return why a person cannot say who they are; None if they can."""
    if known.introduction is None:
        return "is registered already, or nobody may introduce themselves here (PRACTIO_SELF_INTRODUCTION)"
    return None if known.introduction.email else "has an address that somebody else has, too"
