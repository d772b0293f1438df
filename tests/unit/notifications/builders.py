"""People, rooms, memberships and what is said of them, as the letters meet them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from practio_contracts.links import Link
from practio_contracts.membership import (
    Declined,
    Ended,
    InvitationDeclined,
    InvitationLapsed,
    Invited,
    Joined,
    Membership,
    MembershipEvent,
    OccupancyChanged,
    OfferDeclined,
    OfferLapsed,
    OfferRevoked,
    Removed,
    Requested,
    RequestLapsed,
    RequestUnanswered,
    RoleChanged,
    SeatOffered,
    Status,
    Waitlisted,
    Withdrawn,
)
from practio_contracts.rooms import (
    HandOverProposed,
    HostChanged,
    OfficeChanged,
    Room,
    RoomArchived,
    RoomCancelled,
    Session,
    SessionCancelled,
    SessionEvent,
    SessionRescheduled,
    SessionScheduled,
)
from practio_notifications.letters.dates import AnnouncedSession
from practio_notifications.letters.kinds import Kind
from practio_notifications.letters.links import LinkRequest
from practio_notifications.letters.recipients import Cause
from practio_notifications.letters.relevance import Contact, MembershipState, Situation
from practio_notifications.rendering.links import PageLinks

NOW = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
HOST, FACILITATOR, STEWARD, MEMBER, GUEST = (UUID(int=number) for number in range(1, 6))
TOLD_IN = UUID(int=9)

_MORE: dict[type[Cause], dict[str, Any]] = {
    Waitlisted: {"ahead": 2},
    Joined: {"how": "approved"},
    Withdrawn: {"from_status": "joined"},
    Removed: {"barred": False},
    RequestUnanswered: {"days": 3},
    RoomCancelled: {"reason": "Too few people"},
    HandOverProposed: {"person_id": FACILITATOR},
    HostChanged: {"person_id": FACILITATOR, "former_host_id": HOST, "reason": "The host is no longer here."},
    OfficeChanged: {"person_id": STEWARD, "office": "steward", "appointed": True},
    SessionRescheduled: {"former_starts_at": NOW + timedelta(days=6)},
    SessionCancelled: {"reason": "Snow"},
}
_BY_KIND: dict[str, dict[str, Any]] = {
    "member-joined": {"how": "open"},
    "request-long-unanswered": {"days": 7},
    "office-taken": {"person_id": GUEST, "appointed": False},
}
_STATUS = {
    Requested: Status.REQUESTED,
    Joined: Status.JOINED,
    Waitlisted: Status.WAITLISTED,
    SeatOffered: Status.OFFERED,
    Declined: Status.DECLINED,
    Withdrawn: Status.WITHDRAWN,
    Removed: Status.REMOVED,
    Ended: Status.ENDED,
    OfferLapsed: Status.LAPSED,
    OfferRevoked: Status.WAITLISTED,
    OfferDeclined: Status.WITHDRAWN,
    RequestUnanswered: Status.REQUESTED,
    RequestLapsed: Status.LAPSED,
    Invited: Status.INVITED,
    InvitationDeclined: Status.WITHDRAWN,
    InvitationLapsed: Status.LAPSED,
    RoleChanged: Status.JOINED,
}
_ROOM_STATUS = {RoomCancelled: "cancelled", RoomArchived: "archived"}


def a_room(**fields: Any) -> Room:
    """Give a published room with a person in each office."""
    whole = {
        "room_id": uuid4(),
        "version": 3,
        "status": "published",
        "title": "Intervision for school heads",
        "purpose": "One case a month, looked at together.",
        "mode": "online",
        "capacity": 3,
        "language": "en",
        "time_zone": "Europe/Rome",
        "meeting_url": "https://meet.example.org/heads",
        "place": "Via Roma 1",
        "host_id": HOST,
        "facilitator_ids": [FACILITATOR],
        "steward_ids": [STEWARD],
        "access": {"questions": [{"key": "why", "text": "Why this room?"}]},
    }
    return Room.model_validate(whole | fields)


def a_membership(status: Status = Status.REQUESTED, **fields: Any) -> Membership:
    """Give a membership of ``MEMBER``; an offer stands for a day."""
    whole = {
        "membership_id": uuid4(),
        "room_id": uuid4(),
        "person_id": MEMBER,
        "status": status,
        "since": NOW,
        "requested_at": NOW,
        "offer_expires_at": NOW + timedelta(days=1) if status is Status.OFFERED else None,
        "by": str(MEMBER),
        "version": 1,
    }
    return Membership.model_validate(whole | fields)


def an_event(kind: type[MembershipEvent], membership: Membership | None = None, **fields: Any) -> MembershipEvent:
    """Give an event of this kind, about a membership that stands where the event puts it."""
    return kind.model_validate(
        {"membership": membership or a_membership(_STATUS[kind])} | _MORE.get(kind, {}) | fields,
    )


def a_session(**fields: Any) -> Session:
    """Give a session a week from now, in Rome."""
    starts_at = fields.pop("starts_at", NOW + timedelta(days=7))
    whole = {
        "session_id": uuid4(),
        "room_id": uuid4(),
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=90),
        "time_zone": "Europe/Rome",
        "topic": "The first case",
    }
    return Session.model_validate(whole | fields)


def a_room_event(kind: type[Cause], room: Room | None = None, **fields: Any) -> Cause:
    """Give an event of this kind about a room, which stands where the event puts it."""
    room = room or a_room(status=_ROOM_STATUS.get(kind, "published"))
    whole = {"room": room} | _MORE.get(kind, {}) | fields
    if issubclass(kind, SessionEvent):
        changed = {} if kind is SessionScheduled else {"revision": 1}
        status = "cancelled" if kind is SessionCancelled else "scheduled"
        whole.setdefault("session", a_session(room_id=room.room_id, status=status, **changed))
    return kind.model_validate(whole)


def an_event_for(kind: Kind, **fields: Any) -> Cause:
    """Give an event that asks for a letter of this kind."""
    if issubclass(kind.event, LinkRequest):
        return LinkRequest(person_id=MEMBER)
    about_person = issubclass(kind.event, MembershipEvent)
    fields = _BY_KIND.get(kind.name, {}) | fields
    return an_event(kind.event, **fields) if about_person else a_room_event(kind.event, **fields)


def a_reader_of(kind: Kind, event: Cause) -> UUID:
    """Give somebody whom a letter of this kind about ``event`` is for."""
    if isinstance(event, OfficeChanged | HandOverProposed | HostChanged):
        return event.person_id
    readers = {"host": HOST, "deciders": HOST, "offices_under_the_host": STEWARD}
    return readers.get(kind.recipients.__name__, MEMBER)


def a_true_situation(event: Cause, **fields: Any) -> Situation:
    """Give all that is known where what ``event`` told is still so, and its reader has a seat."""
    if isinstance(event, MembershipEvent):
        return a_situation(event.membership, **fields)
    if isinstance(event, LinkRequest):
        return a_situation(**({"room": None, "member_state": None} | fields))
    room = event.room
    if isinstance(event, HostChanged):
        room = room.model_copy(update={"host_id": event.person_id})
    sessions = (AnnouncedSession(event.session, TOLD_IN),) if isinstance(event, SessionEvent) else ()
    proposed = event.person_id if isinstance(event, HandOverProposed) else None
    known = {"room": room, "sessions": sessions, "proposed_host_id": proposed, "seated": True, "member_state": None}
    return a_situation(**(known | fields))


def a_contact(name: str = "Ada Moretti", **fields: Any) -> Contact:
    """Give somebody in Rome who reads English."""
    whole = {"display_name": name, "email": "ada@example.org", "locale": "en-GB", "time_zone": "Europe/Rome"}
    return Contact(**(whole | fields))


def some_pages(person_id: UUID = MEMBER, **reader: Any) -> PageLinks:
    """Give a reader's pages, at addresses that tell what they are for instead of a token."""
    return PageLinks(person_id, a_contact(**reader), _telling)


def _telling(link: Link) -> str:
    about = link.category or ("the-room" if link.room_id else "the-reader")
    return f"https://rooms.example.org/{link.purpose}/{about}"


def an_occupancy(*, taken: int, capacity: int = 3, held: int = 0) -> OccupancyChanged:
    """Tell how full a room is."""
    return OccupancyChanged(
        room_id=uuid4(), capacity=capacity, seats_taken=taken, seats_held=held, waiting=0, pending=1, by_role={}
    )


def a_situation(membership: Membership | None = None, **fields: Any) -> Situation:
    """Give all that is known where the membership still stands where it stood."""
    told = membership or a_membership()
    whole: dict[str, Any] = {
        "reader": a_contact(),
        "member": a_contact("Bruno Riva"),
        "host": a_contact("Hanna Vogel"),
        "room": a_room(),
        "member_state": MembershipState(told.status, told.offer_expires_at, told.role),
        "occupancy": None,
    }
    return Situation(**(whole | fields))
