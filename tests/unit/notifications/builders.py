"""People, rooms, memberships and their events, for tests of letters."""

from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from pydantic import BaseModel

from practio_contracts.links import Link
from practio_contracts.membership import (
    BuddyAssigned,
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
    Announced,
    ConductReported,
    ConductSettled,
    HandOverProposed,
    HostChanged,
    OfficeChanged,
    PersonThanked,
    Room,
    RoomArchived,
    RoomCancelled,
    RoomDrafted,
    RoomQuiet,
    RoomRevised,
    Session,
    SessionAtRisk,
    SessionCancelled,
    SessionEvent,
    SessionOver,
    SessionRescheduled,
    SessionRevised,
    SessionScheduled,
    Sign,
    SponsorReported,
)
from practio_notifications.letters.dates import AnnouncedSession
from practio_notifications.letters.kinds import LetterKind
from practio_notifications.letters.links import LinkCause
from practio_notifications.letters.quiet_rooms import Quiet
from practio_notifications.letters.recipients import BareEvent, Cause, former_host
from practio_notifications.letters.relevance import Contact, Erased, NewestMembership, Situation
from practio_notifications.letters.sponsors import KnownSponsor
from practio_notifications.rendering.links import PageLinks

NOW = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
HOST, FACILITATOR, STEWARD, MEMBER, GUEST = (UUID(int=number) for number in range(1, 6))
COMMAND_ID = UUID(int=9)
PAGES = "https://rooms.example.org"

M = TypeVar("M", bound=BaseModel)

_MORE: dict[type[BaseModel], dict[str, Any]] = {
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
    SessionRevised: {"changed_fields": ["topic"]},
    SessionCancelled: {"reason": "Snow"},
    RoomRevised: {"changed_fields": ["place", "meeting_url"]},
    SessionAtRisk: {
        "session_id": UUID(int=8),
        "starts_at": NOW + timedelta(days=2),
        "coming": {"yes": 1, "no": 3, "maybe": 1, "unanswered": 2},
        "missing_roles": ["observer"],
        "people_needed": 2,
        "case_missing": True,
    },
    SessionOver: {"session_id": UUID(int=8), "ended_at": NOW - timedelta(minutes=1)},
    RoomQuiet: {"signs": list(Sign), "since": NOW - timedelta(days=20)},
    BuddyAssigned: {"person_id": MEMBER, "buddy_id": GUEST},
    PersonThanked: {
        "thanks_id": UUID(int=6),
        "person_id": MEMBER,
        "by": str(HOST),
        "seen_by": "room",
        "for": "the minutes",
        "words": "They saved me twice.",
    },
    ConductReported: {"report_id": UUID(int=5), "steward_ids": [STEWARD]},
    ConductSettled: {"report_id": UUID(int=5), "reporter_id": MEMBER, "outcome": "talked-to"},
    Announced: {"announcement_id": UUID(int=7), "to": "joined", "by": str(HOST), "text": "Bring a chair cushion."},
}
_BY_KIND: dict[str, dict[str, Any]] = {
    "member-joined": {"how": "open"},
    "request-long-unanswered": {"days": 7},
    "handed-over": {"reason": None},
    "office-taken": {"person_id": GUEST, "appointed": False},
    "room-renamed": {"changed_fields": ["title"]},
}
_STATUS: dict[type[BaseModel], Status] = {
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
_BY: dict[type[BaseModel], UUID] = {Waitlisted: HOST}
"""Who caused the event, if it is not the person themselves."""

_ROOM_STATUS: dict[type[BaseModel], str] = {RoomDrafted: "draft", RoomCancelled: "cancelled", RoomArchived: "archived"}


def a_room(**fields: Any) -> Room:
    """Return a published room with a person in each office."""
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
    """Return a membership of ``MEMBER``; an offer stands for a day, an invitation for a week."""
    whole = {
        "membership_id": uuid4(),
        "room_id": uuid4(),
        "person_id": MEMBER,
        "status": status,
        "since": NOW,
        "requested_at": None if status is Status.INVITED else NOW,
        "offer_expires_at": NOW + timedelta(days=1) if status is Status.OFFERED else None,
        "invitation_expires_at": NOW + timedelta(days=7) if status is Status.INVITED else None,
        "by": str(MEMBER),
        "version": 1,
    }
    return Membership.model_validate(whole | fields)


def an_event(kind: type[M], membership: Membership | None = None, **fields: Any) -> M:
    """Return an event of this kind, about a membership with the status that follows from it."""
    return kind.model_validate(
        {"membership": membership or a_membership(_STATUS[kind], by=str(_BY.get(kind, MEMBER)))}
        | _MORE.get(kind, {})
        | fields,
    )


def a_session(**fields: Any) -> Session:
    """Return a session a week from now, in Rome."""
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
    """Return an event of this kind about a room with the status that follows from it."""
    room = room or a_room(status=_ROOM_STATUS.get(kind, "published"))
    whole = {"room": room} | _MORE.get(kind, {}) | fields
    if issubclass(kind, SessionEvent):
        changed = {} if kind is SessionScheduled else {"revision": 1}
        status = "cancelled" if kind is SessionCancelled else "scheduled"
        whole.setdefault("session", a_session(room_id=room.room_id, status=status, **changed))
    return kind.model_validate(whole)


def an_event_for(kind: LetterKind, **fields: Any) -> Cause:
    """Return an event that asks for a letter of this kind."""
    if issubclass(kind.event, LinkCause):
        return LinkCause(person_id=MEMBER)
    return an_event_of(kind.event, **_BY_KIND.get(kind.name, {}) | fields)


def a_sponsor_report(**numbers: Any) -> SponsorReported:
    """Return the event that a month of a sponsor is fixed."""
    stated = {"rooms": 12, "sessions_held": 17, "people": 84, "attended": 196, "notes": 23, "feedback": {}, **numbers}
    return SponsorReported.model_validate({"sponsor_id": UUID(int=97), "month": "2026-03", "numbers": stated})


def an_event_of(kind: type[Cause], **fields: Any) -> Cause:
    """Return an event of this kind, about a membership or a room."""
    if issubclass(kind, MembershipEvent):
        return an_event(kind, **fields)
    if issubclass(kind, SponsorReported):
        return a_sponsor_report(**fields)
    if issubclass(kind, BareEvent):
        return kind.model_validate({"room_id": uuid4()} | _MORE[kind] | fields)
    return a_room_event(kind, **fields)


def a_reader_of(kind: LetterKind, event: Cause) -> UUID:
    """Return a person who gets a letter of this kind about ``event``."""
    if kind.recipients is former_host and isinstance(event, HostChanged):
        return event.former_host_id
    if isinstance(event, OfficeChanged | HandOverProposed | HostChanged):
        return event.person_id
    readers = {
        "host": HOST,
        "deciders": HOST,
        "offices_under_the_host": STEWARD,
        "stewards": STEWARD,
        "who_wakes_it": STEWARD,
        "unconcerned_stewards": STEWARD,
    }
    return readers.get(kind.recipients.__name__, MEMBER)


def a_true_situation(event: Cause, **fields: Any) -> Situation:
    """Return a situation in which ``event`` is still true and its reader has a seat."""
    if isinstance(event, MembershipEvent):
        return a_situation(event.membership, **fields)
    if isinstance(event, LinkCause):
        return a_situation(**({"room": None, "member_state": None} | fields))
    if isinstance(event, SponsorReported):
        return a_situation(**({"room": None, "member_state": None} | fields))
    if isinstance(event, BareEvent):
        return _as_lived(event, **fields)
    room = event.room
    if isinstance(event, HostChanged):
        room = room.model_copy(update={"host_id": event.person_id})
    session = event.session if isinstance(event, SessionEvent) else a_session(room_id=room.room_id)
    announces = isinstance(event, SessionEvent | RoomRevised)
    sessions = (AnnouncedSession(session, COMMAND_ID),) if announces else ()
    proposed = event.person_id if isinstance(event, HandOverProposed) else None
    known = {"room": room, "sessions": sessions, "proposed_host_id": proposed, "seated": True, "member_state": None}
    return a_situation(**(known | fields))


def _as_lived(event: BareEvent, **fields: Any) -> Situation:
    at = {"session_id": event.session_id, "starts_at": event.starts_at} if isinstance(event, SessionAtRisk) else {}
    session = a_session(**{"room_id": event.room_id} | at)
    sessions = (AnnouncedSession(session, COMMAND_ID),)
    known: dict[str, Any] = {"sessions": sessions, "seated": True, "member_state": None}
    if isinstance(event, RoomQuiet):
        known |= {"sessions": (), **quiet_by(event)}
    return a_situation(**({"room": a_room(room_id=event.room_id)} | known | fields))


def quiet_by(event: Cause) -> dict[str, Any]:
    """Return how quiet a room is by an event, as a field of its situation; the host is erased if it has none."""
    if not isinstance(event, RoomQuiet):
        return {}
    host = {"host": Erased()} if Sign.NO_HOST in event.signs else {}
    return {"quiet": Quiet(tuple(event.signs), event.since), **host}


def a_contact(name: str = "Ada Moretti", **fields: Any) -> Contact:
    """Return a person in Rome who reads English."""
    whole = {"display_name": name, "email": "ada@example.org", "locale": "en-GB", "time_zone": "Europe/Rome"}
    return Contact(**(whole | fields))


def some_pages(person_id: UUID = MEMBER, **reader: Any) -> PageLinks:
    """Return a reader's pages, with readable addresses instead of tokens."""
    return PageLinks(person_id, a_contact(**reader), _readable_address, PAGES)


def _readable_address(link: Link) -> str:
    about = link.category or ("the-room" if link.room_id else "the-reader")
    return f"{PAGES}/{link.purpose}/{about}"


def an_occupancy(*, taken: int, capacity: int = 3, held: int = 0) -> OccupancyChanged:
    """Return an occupancy event."""
    return OccupancyChanged(
        room_id=uuid4(), capacity=capacity, seats_taken=taken, seats_held=held, waiting=0, pending=1, by_role={}
    )


def a_situation(membership: Membership | None = None, **fields: Any) -> Situation:
    """Return a situation in which the membership still has this status."""
    known = membership or a_membership()
    whole: dict[str, Any] = {
        "reader": a_contact(),
        "member": a_contact("Bruno Riva"),
        "host": a_contact("Hanna Vogel"),
        "room": fields["room"] if "room" in fields else a_room(),
        "member_state": NewestMembership(known.status, known.offer_expires_at, known.role),
        "occupancy": None,
        "sponsor": KnownSponsor("Schools of Lucca", (MEMBER,)),
    }
    return Situation(**(whole | fields))
