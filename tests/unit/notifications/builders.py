"""People, rooms, memberships and what is said of them, as the letters meet them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from practio_contracts.membership import (
    Declined,
    Joined,
    Membership,
    MembershipFact,
    OccupancyChanged,
    Requested,
    SeatOffered,
    Status,
    Waitlisted,
    Withdrawn,
)
from practio_contracts.rooms import Room
from practio_notifications.letters.truth import Contact, Situation, Standing

NOW = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
HOST, FACILITATOR, STEWARD, MEMBER = (UUID(int=number) for number in range(1, 5))

_MORE: dict[type[MembershipFact], dict[str, Any]] = {
    Waitlisted: {"ahead": 2},
    Joined: {"how": "approved"},
    Withdrawn: {"from_status": "joined"},
}
_STATUS = {
    Requested: Status.REQUESTED,
    Joined: Status.JOINED,
    Waitlisted: Status.WAITLISTED,
    SeatOffered: Status.OFFERED,
    Declined: Status.DECLINED,
    Withdrawn: Status.WITHDRAWN,
}


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


def a_fact(kind: type[MembershipFact], membership: Membership | None = None, **fields: Any) -> MembershipFact:
    """Give a fact of this kind, about a membership that stands where the fact puts it."""
    return kind.model_validate(
        {"membership": membership or a_membership(_STATUS[kind])} | _MORE.get(kind, {}) | fields,
    )


def a_contact(name: str = "Ada Moretti", **fields: Any) -> Contact:
    """Give somebody in Rome who reads English."""
    whole = {"display_name": name, "email": "ada@example.org", "locale": "en-GB", "time_zone": "Europe/Rome"}
    return Contact(**(whole | fields))


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
        "standing": Standing(told.status, told.offer_expires_at),
        "occupancy": None,
    }
    return Situation(**(whole | fields))
