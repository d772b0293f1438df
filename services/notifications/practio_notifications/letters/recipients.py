"""Who a letter is for: pure, of what an event tells and who is in the room."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from practio_contracts.membership import MembershipEvent
from practio_contracts.rooms import HandOverProposed, HostChanged, OfficeChanged, Room, RoomEvent
from practio_notifications.letters.links import LinkRequest

Cause = MembershipEvent | RoomEvent | LinkRequest
"""What letters are written of."""


@dataclass(frozen=True, slots=True)
class Audience:
    """A room by its newest snapshot, and the people who have a seat in it, or had until it ended."""

    room: Room
    seated: frozenset[UUID] = frozenset()


Recipients = Callable[[Audience, Cause], list[UUID]]


def offices(room: Room) -> list[UUID]:
    """Give host, facilitators and stewards, each once: who decides on a room's requests."""
    return list(dict.fromkeys([room.host_id, *room.facilitator_ids, *room.steward_ids]))


def person(_circle: Audience, event: Cause) -> list[UUID]:
    """Give whose membership it is."""
    assert isinstance(event, MembershipEvent)
    return [event.membership.person_id]


def asker(_circle: Audience, event: Cause) -> list[UUID]:
    """Give whose address a link was asked for by."""
    assert isinstance(event, LinkRequest)
    return [event.person_id]


def concerned(_circle: Audience, event: Cause) -> list[UUID]:
    """Give whom an office is given to, taken from or proposed to."""
    assert isinstance(event, OfficeChanged | HandOverProposed | HostChanged)
    return [event.person_id]


def host(circle: Audience, _event: Cause) -> list[UUID]:
    """Give the host."""
    return [circle.room.host_id]


def deciders(circle: Audience, _event: Cause) -> list[UUID]:
    """Give who decides on requests."""
    return offices(circle.room)


def offices_under_the_host(circle: Audience, _event: Cause) -> list[UUID]:
    """Give facilitators and stewards."""
    return [person_id for person_id in offices(circle.room) if person_id != circle.room.host_id]


def people_in_the_room(circle: Audience, _event: Cause) -> list[UUID]:
    """Give host, offices and who has a seat."""
    return list(dict.fromkeys([*offices(circle.room), *sorted(circle.seated)]))
