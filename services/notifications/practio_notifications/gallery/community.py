"""The sample community of the gallery's letters: its people, its rooms, and their state."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from practio_contracts.links import Link
from practio_contracts.membership import Membership, OccupancyChanged, Status
from practio_contracts.rooms import Room, Session, SessionStatus
from practio_notifications.letters.relevance import Contact, Situation

NOW = datetime(2026, 3, 2, 17, 30, tzinfo=UTC)
HOST, FACILITATOR, STEWARD, MEMBER = (UUID(int=number) for number in range(1, 5))
PAGES = "https://rooms.example.org"
OTHER_ROOM = UUID(int=20)
_ROOM, _MEMBERSHIP, _SESSIONS = UUID(int=10), UUID(int=11), 100


def a_person(name: str) -> Contact:
    """Return a person in Rome."""
    return Contact(name, "somebody@example.org", "en", "Europe/Rome")


READER, HOST_PERSON = a_person("Ada Moretti"), a_person("Hanna Vogel")
BRUNO, MARYAM, ZOE = a_person("Bruno Riva"), a_person("مريم العلي"), a_person("Zoë Lindqvist 👩‍🏫")


def a_room(**fields: Any) -> Room:
    """Return the room of the letters, a published one with people in each office."""
    whole = {
        "room_id": _ROOM,
        "version": 3,
        "status": "published",
        "title": "Intervision for new school heads",
        "purpose": "One case a month, looked at together: we listen, ask, and leave the answer to who brought it.\n\n"
        "For people in their first three years as head of a school.",
        "mode": "hybrid",
        "capacity": 8,
        "language": "en",
        "time_zone": "Europe/Rome",
        "meeting_url": "https://meet.example.org/intervision-school-heads",
        "place": "Biblioteca Salaborsa, Bologna, second floor",
        "host_id": HOST,
        "facilitator_ids": [FACILITATOR],
        "steward_ids": [STEWARD],
        "guidelines": {"version": 1, "text": "What is said here stays here.\nWe begin and end on time."},
        "access": {
            "request_expires_after_days": 30,
            "questions": [
                {"key": "why", "text": "What brings you to this room?"},
                {"key": "case", "text": "Is there a case that you would bring?"},
            ],
        },
    }
    return Room.model_validate(whole | fields)


def a_membership(status: Status, **fields: Any) -> Membership:
    """Return a membership; an offer and an invitation stand for some days."""
    whole = {
        "membership_id": _MEMBERSHIP,
        "room_id": _ROOM,
        "person_id": MEMBER,
        "status": status,
        "since": NOW,
        "requested_at": NOW,
        "offer_expires_at": NOW + timedelta(days=2) if status is Status.OFFERED else None,
        "invitation_expires_at": NOW + timedelta(days=7) if status is Status.INVITED else None,
        "by": str(MEMBER),
        "version": 1,
    }
    return Membership.model_validate(whole | fields)


def sessions(count: int, status: SessionStatus = SessionStatus.SCHEDULED) -> tuple[Session, ...]:
    """Return sessions on Mondays, across the change to summer time; only the first has a topic."""
    starts = (NOW + timedelta(weeks=week) for week in range(1, count + 1))
    return tuple(
        Session.model_validate(
            {
                "session_id": UUID(int=_SESSIONS + number),
                "room_id": _ROOM,
                "starts_at": starts_at,
                "ends_at": starts_at + timedelta(minutes=90),
                "time_zone": "Europe/Rome",
                "topic": "A teacher who does not want to change" if number == 0 else None,
                "status": status,
            }
        )
        for number, starts_at in enumerate(starts)
    )


def an_occupancy(taken: int) -> OccupancyChanged:
    """Return an occupancy with this many of eight seats taken."""
    return OccupancyChanged(
        room_id=_ROOM, capacity=8, seats_taken=taken, seats_held=0, waiting=0, pending=1, by_role={}
    )


def an_address(link: Link) -> str:
    """Return an unsigned address of pages that leads nowhere."""
    return f"{PAGES}/{link.purpose}/{'made-up' * 6}"


def a_situation(room: Room | None = None, **fields: Any) -> Situation:
    """Return a situation as it is when a letter leaves."""
    known: dict[str, Any] = {"reader": READER, "member": BRUNO, "host": HOST_PERSON, "member_state": None}
    return Situation(room=room or a_room(), **(known | {"occupancy": an_occupancy(6)} | fields))
