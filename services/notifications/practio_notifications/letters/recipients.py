"""The recipients of a letter: pure, from an event and the people in the room."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from practio_contracts.membership import MembershipEvent
from practio_contracts.rooms import HandOverProposed, HostChanged, OfficeChanged, Room, RoomEvent
from practio_notifications.letters.links import LinkRequest

Cause = MembershipEvent | RoomEvent | LinkRequest
"""The causes of letters."""


@dataclass(frozen=True, slots=True)
class Audience:
    """A room by its newest snapshot, and the people who have a seat in it, or had one until it ended."""

    room: Room
    seated: frozenset[UUID] = frozenset()


Recipients = Callable[[Audience, Cause], list[UUID]]


def offices(room: Room) -> list[UUID]:
    """Return host, facilitators and stewards, each once: the people who decide on a room's requests."""
    return list(dict.fromkeys([room.host_id, *room.facilitator_ids, *room.steward_ids]))


def person(_circle: Audience, event: Cause) -> list[UUID]:
    """Return the person of the membership."""
    assert isinstance(event, MembershipEvent)
    return [event.membership.person_id]


def asker(_circle: Audience, event: Cause) -> list[UUID]:
    """Return the person by whose address a link was requested."""
    assert isinstance(event, LinkRequest)
    return [event.person_id]


def concerned(_circle: Audience, event: Cause) -> list[UUID]:
    """Return the person to whom an office is given, from whom it is taken, or to whom it is proposed."""
    assert isinstance(event, OfficeChanged | HandOverProposed | HostChanged)
    return [event.person_id]


def host(circle: Audience, _event: Cause) -> list[UUID]:
    """Return the host."""
    return [circle.room.host_id]


def deciders(circle: Audience, _event: Cause) -> list[UUID]:
    """Return the people who decide on requests."""
    return offices(circle.room)


def offices_under_the_host(circle: Audience, _event: Cause) -> list[UUID]:
    """Return facilitators and stewards."""
    return [person_id for person_id in offices(circle.room) if person_id != circle.room.host_id]


def people_in_the_room(circle: Audience, _event: Cause | None = None) -> list[UUID]:
    """Return host, offices and the people who have a seat."""
    return list(dict.fromkeys([*offices(circle.room), *sorted(circle.seated)]))
