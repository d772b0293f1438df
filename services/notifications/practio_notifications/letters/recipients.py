"""The recipients of a letter: pure, from an event and the people in the room."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from practio_contracts.membership import BuddyAssigned, MembershipEvent
from practio_contracts.rooms import (
    Addressees,
    Announced,
    ConductReported,
    ConductSettled,
    HandOverProposed,
    HostChanged,
    OfficeChanged,
    PersonThanked,
    Room,
    RoomEvent,
    RoomQuiet,
    SessionAtRisk,
    SessionOver,
    Sign,
    SponsorReported,
)
from practio_notifications.letters.links import LinkCause

BareEvent = (
    SessionOver
    | SessionAtRisk
    | Announced
    | RoomQuiet
    | BuddyAssigned
    | PersonThanked
    | ConductReported
    | ConductSettled
)
"""The events about a room that name it by its id alone."""

Cause = MembershipEvent | RoomEvent | BareEvent | SponsorReported | LinkCause
"""The causes of letters."""


def room_of(event: MembershipEvent | RoomEvent | BareEvent) -> UUID:
    """Return the id of the room that an event is about."""
    if isinstance(event, MembershipEvent):
        return event.membership.room_id
    return event.room.room_id if isinstance(event, RoomEvent) else event.room_id


def author_of(event: Cause) -> UUID | None:
    """Return the person whose words a letter passes on; None if it has nobody's, or the system's."""
    if isinstance(event, PersonThanked):
        return event.by
    if not isinstance(event, Announced):
        return None
    try:
        return UUID(event.by)
    except ValueError:
        return None


def member_of(event: Cause, reader_id: UUID) -> UUID:
    """Return the person whom a letter to the reader is about, or whose words it passes on; otherwise the reader."""
    if isinstance(event, MembershipEvent):
        return event.membership.person_id
    if isinstance(event, BuddyAssigned) and event.buddy_id:
        return event.person_id if reader_id == event.buddy_id else event.buddy_id
    return author_of(event) or reader_id


@dataclass(frozen=True, slots=True)
class Audience:
    """A room by its newest snapshot, and the people who have a seat in it, or had one until it ended.

    ``waiting`` have an offer, or are on the waitlist.
    """

    room: Room
    seated: frozenset[UUID] = frozenset()
    waiting: frozenset[UUID] = frozenset()


Recipients = Callable[[Audience, Cause], list[UUID]]


def person(_audience: Audience, event: Cause) -> list[UUID]:
    """Return the person of the membership."""
    assert isinstance(event, MembershipEvent)
    return [event.membership.person_id]


def asker(_audience: Audience, event: Cause) -> list[UUID]:
    """Return the person by whose address a link was requested."""
    assert isinstance(event, LinkCause)
    return [event.person_id]


def delegates(_audience: Audience, _event: Cause) -> list[UUID]:
    """Return nobody: a sponsor's delegates are in no room."""
    return []


def concerned(_audience: Audience, event: Cause) -> list[UUID]:
    """Return the person to whom an office is given, from whom it is taken, or to whom it is proposed."""
    assert isinstance(event, OfficeChanged | HandOverProposed | HostChanged)
    return [event.person_id]


def former_host(_audience: Audience, event: Cause) -> list[UUID]:
    """Return the person who was the host until another one accepted to be it."""
    assert isinstance(event, HostChanged)
    return [event.former_host_id]


def host(audience: Audience, _event: Cause) -> list[UUID]:
    """Return the host."""
    return [audience.room.host_id]


def deciders(audience: Audience, _event: Cause) -> list[UUID]:
    """Return the people who decide on requests."""
    return audience.room.office_ids


def offices_under_the_host(audience: Audience, _event: Cause) -> list[UUID]:
    """Return facilitators and stewards."""
    return [person_id for person_id in audience.room.office_ids if person_id != audience.room.host_id]


def stewards(audience: Audience, _event: Cause) -> list[UUID]:
    """Return the stewards."""
    return list(audience.room.steward_ids)


def who_wakes_it(audience: Audience, event: Cause) -> list[UUID]:
    """Return who can make a quiet room meet again: the host, or the other offices if it has none."""
    assert isinstance(event, RoomQuiet)
    return offices_under_the_host(audience, event) if Sign.NO_HOST in event.signs else host(audience, event)


def people_in_the_room(audience: Audience, _event: Cause | None = None) -> list[UUID]:
    """Return host, offices and the people who have a seat."""
    return list(dict.fromkeys([*audience.room.office_ids, *sorted(audience.seated)]))


def people_with_seats(audience: Audience, _event: Cause | None = None) -> list[UUID]:
    """Return the people who have a seat, but not the host, who has a letter of their own."""
    return sorted(audience.seated - {audience.room.host_id})


def addressees(audience: Audience, event: Cause) -> list[UUID]:
    """Return the people to whom an announcement is addressed: in the room, or also those who wait for a seat."""
    assert isinstance(event, Announced)
    waiting = audience.waiting if event.to is Addressees.EVERYBODY else frozenset()
    return list(dict.fromkeys([*people_in_the_room(audience), *sorted(waiting)]))


def buddies(_audience: Audience, event: Cause) -> list[UUID]:
    """Return a person and their new buddy."""
    assert isinstance(event, BuddyAssigned)
    return [event.person_id, event.buddy_id] if event.buddy_id else []


def thanked(_audience: Audience, event: Cause) -> list[UUID]:
    """Return the person who is thanked."""
    assert isinstance(event, PersonThanked)
    return [event.person_id]


def unconcerned_stewards(audience: Audience, event: Cause) -> list[UUID]:
    """Return the stewards of the room who may read a report of conduct."""
    assert isinstance(event, ConductReported)
    return [each for each in audience.room.steward_ids if each in event.steward_ids]


def reporter(_audience: Audience, event: Cause) -> list[UUID]:
    """Return the person who made a report of conduct; nobody if they were erased."""
    assert isinstance(event, ConductSettled)
    return [event.reporter_id] if event.reporter_id else []


TO_MANY = (people_in_the_room, people_with_seats, addressees)
"""The recipients for whom everybody in a room has to be known."""
