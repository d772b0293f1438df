"""Which services receive which events."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache

from practio_contracts.answers import CommandRefused
from practio_contracts.catalogue import CATALOGUE, SERVICES, exchange_of
from practio_contracts.message import Event

_ROOMS_THEMSELVES = (
    "rooms.room-drafted.*",
    "rooms.room-revised.*",
    "rooms.room-published.*",
    "rooms.room-closed.*",
    "rooms.room-reopened.*",
    "rooms.room-cancelled.*",
    "rooms.room-archived.*",
    "rooms.room-said-again.*",
    "rooms.draft-discarded.*",
    "rooms.office-changed.*",
    "rooms.hand-over-*",
    "rooms.host-changed.*",
    "rooms.session-scheduled.*",
    "rooms.session-rescheduled.*",
    "rooms.session-revised.*",
    "rooms.session-cancelled.*",
    "rooms.session-said-again.*",
)
_SESSIONS_AS_PEOPLE_LIVE_THEM = (
    "rooms.session-answered.*",
    "rooms.session-planned.*",
    "rooms.session-over.*",
    "rooms.session-at-risk.*",
    "rooms.announced.*",
)
_CARE_FOR_ROOMS = ("rooms.room-quiet.*", "rooms.room-awake.*")
_SPONSORS = ("rooms.sponsor-registered.*", "rooms.sponsor-reported.*")

_ERASURES = ("people.person-erased.*", "people.person-restored.*")
"""Only notifications receives names and addresses."""

_PEOPLE_TO_ONE_ANOTHER = ("rooms.person-thanked.*", "rooms.conduct-reported.*", "rooms.conduct-settled.*")

SUBSCRIPTIONS: Mapping[str, Sequence[str]] = {
    "rooms": (
        "membership.occupancy-changed.*",
        "membership.requested.*",
        "membership.waitlisted.*",
        "membership.seat-offered.*",
        "membership.joined.*",
        "membership.offer-lapsed.*",
        "membership.offer-declined.*",
        "membership.request-lapsed.*",
        "membership.declined.*",
        "membership.withdrawn.*",
        "membership.removed.*",
        "membership.ended.*",
        "membership.said-again.*",
        *_ERASURES,
    ),
    "membership": (*_ROOMS_THEMSELVES, *_ERASURES),
    "notifications": (
        *_ROOMS_THEMSELVES,
        *_SESSIONS_AS_PEOPLE_LIVE_THEM,
        *_CARE_FOR_ROOMS,
        *_SPONSORS,
        *_PEOPLE_TO_ONE_ANOTHER,
        "membership.*",
        "people.*",
    ),
}
"""The services whose events each service receives, as patterns of routing keys."""


@cache
def subscribed_events(service: str) -> Sequence[type[Event]]:
    """Return the events that a service receives, in the catalogue's order; no service receives refusals."""
    return tuple(
        message
        for key, message in CATALOGUE.items()
        if issubclass(message, Event)
        and not issubclass(message, CommandRefused)
        and exchange_of(message)
        and any(fnmatchcase(key, pattern) for pattern in SUBSCRIPTIONS[service])
    )


def readers_of(owner: str) -> Mapping[str, Sequence[str]]:
    """Return the services that receive each event of ``owner``, by routing key; an event without any is absent."""
    pairs = [(event.routing_key, service) for service in SERVICES for event in subscribed_events(service)]
    mine = [(key, service) for key, service in pairs if CATALOGUE[key].owner() == owner]
    return {key: [service for each, service in mine if each == key] for key, _ in mine}
