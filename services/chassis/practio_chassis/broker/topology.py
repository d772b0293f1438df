"""RabbitMQ's objects as data: exchanges, queues, bindings, policies, and the permissions of each account.

All of it follows from the catalogue and the two tables below. ``practio provision`` applies it; services declare
nothing. Sources: contracts.md, Addresses; architecture.md, The chassis.

Guarantees (dead-lettering, order, at-least-once) are arguments of a queue, which nobody can change under a running
service; what an operator may tune (delays, limits) is in policies.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any

from practio_chassis.broker.objects import Account, Binding, Exchange, Policy, Queue, Topology, one_of
from practio_contracts.answers import CommandRefused
from practio_contracts.catalogue import (
    CATALOGUE,
    COMMANDS,
    DEAD,
    DIRECTORY,
    EVENTS,
    INTERNAL,
    QUERIES,
    SERVICES,
    UNROUTED,
    account_of,
    exchange_of,
)
from practio_contracts.message import Event, InternalCommand

_ROOMS_THEMSELVES = (
    "rooms.room-*",
    "rooms.draft-discarded.*",
    "rooms.office-changed.*",
    "rooms.hand-over-*",
    "rooms.host-changed.*",
    "rooms.session-*",
)

SUBSCRIPTIONS: Mapping[str, Sequence[str]] = {
    "rooms": (
        "membership.occupancy-changed.*",
        "membership.requested.*",
        "membership.waitlisted.*",
        "membership.seat-offered.*",
        "membership.joined.*",
        "membership.declined.*",
        "membership.withdrawn.*",
        "membership.removed.*",
        "membership.ended.*",
        "membership.said-again.*",
        "people.person-erased.*",
    ),
    "membership": (*_ROOMS_THEMSELVES, "people.person-erased.*"),
    "notifications": (*_ROOMS_THEMSELVES, "membership.*", "people.*"),
}
"""The services whose events each service receives, as patterns of routing keys."""

RETRY_DELAYS: Mapping[str, timedelta] = {
    "5s": timedelta(seconds=5),
    "1m": timedelta(minutes=1),
    "10m": timedelta(minutes=10),
}
"""The retry tiers, first to last. The names stay if an operator changes the delays."""

DEFAULT_EXCHANGE = "amq.default"
"""The name of the nameless exchange in permissions; replies and retries go through it."""

MAX_MESSAGES = 100_000
MAX_AGE = timedelta(days=7)
DELIVERY_LIMIT = 100
"""How often a message may be redelivered before the broker dead-letters it as one that crashes its consumer."""

DEAD_LETTER_DELIVERY_LIMIT = 1_000_000
"""How often a dead letter may be read and put back; RabbitMQ 4 drops it after 20 by default."""


def commands_queue(service: str) -> str:
    """Return the queue of a service's commands, including internal ones."""
    return f"{service}.commands"


def events_queue(service: str) -> str:
    """Return the queue of the events that a service receives."""
    return f"{service}.events"


def queries_queue(service: str) -> str:
    """Return the queue of a service's queries."""
    return f"{service}.queries"


def dead_queue(queue: str) -> str:
    """Return the queue for dead letters from ``queue``, which is also their routing key on ``practio.dead``."""
    return f"{queue}.dead"


def retry_queue(queue: str, tier: str) -> str:
    """Return the queue that holds a message for the delay of ``tier`` and then returns it to ``queue``."""
    return f"{queue}.retry.{tier}"


def outside_queue(account: str) -> str:
    """Return the queue that an outside account reads."""
    return f"outside.{account}"


def subscribed_events(service: str) -> list[type[Event]]:
    """Return the events that a service receives, in the catalogue's order; no service receives refusals."""
    return [
        message
        for key, message in CATALOGUE.items()
        if issubclass(message, Event)
        and not issubclass(message, CommandRefused)
        and exchange_of(message)
        and any(fnmatchcase(key, pattern) for pattern in SUBSCRIPTIONS[service])
    ]


def services_topology(delays: Mapping[str, timedelta] = RETRY_DELAYS) -> Topology:
    """Return everything that the services need; ``delays`` holds a delay for each retry tier."""
    return Topology(
        exchanges=_exchanges(),
        queues=[Queue(UNROUTED), *(queue for service in SERVICES for queue in _queues(service))],
        bindings=[Binding(UNROUTED, UNROUTED, "#"), *(each for service in SERVICES for each in _bindings(service))],
        policies=_policies(delays),
        accounts=[_account(service) for service in SERVICES],
    )


def _exchanges() -> list[Exchange]:
    kept = [Exchange(name, alternate=UNROUTED) for name in (COMMANDS, QUERIES, DIRECTORY)]
    return [*kept, *(Exchange(name) for name in (EVENTS, INTERNAL, DEAD, UNROUTED))]


def _queues(service: str) -> list[Queue]:
    """Queries may be answered concurrently and are not retried; everything else is consumed in order."""
    ordered = [commands_queue(service), events_queue(service)]
    asked = queries_queue(service)
    return [
        *(_main_queue(name, {"x-single-active-consumer": True}) for name in ordered),
        _main_queue(asked, {}),
        *(Queue(dead_queue(name)) for name in (*ordered, asked)),
        *(_waiting_queue(name, tier) for name in ordered for tier in RETRY_DELAYS),
    ]


def _main_queue(name: str, arguments: Mapping[str, Any]) -> Queue:
    return Queue(name, {**_dead_lettering_to(DEAD, dead_queue(name)), **arguments})


def _waiting_queue(name: str, tier: str) -> Queue:
    return Queue(retry_queue(name, tier), _dead_lettering_to("", name))


def _dead_lettering_to(exchange: str, key: str) -> dict[str, Any]:
    """Dead-letter with confirms: a message leaves its queue once the next one has it; this requires reject-publish."""
    return {
        "x-dead-letter-exchange": exchange,
        "x-dead-letter-routing-key": key,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


def _bindings(service: str) -> list[Binding]:
    """Bind commands and queries by a wildcard, so that an unknown one is answered as unreadable."""
    commands, events, queries = commands_queue(service), events_queue(service), queries_queue(service)
    return [
        Binding(COMMANDS, commands, f"{service}.#"),
        *(Binding(INTERNAL, commands, key) for key in _own_commands(service)),
        Binding(QUERIES, queries, f"{service}.#"),
        *(Binding(exchange_of(event), events, event.routing_key) for event in subscribed_events(service)),
        *(Binding(DEAD, dead_queue(name), dead_queue(name)) for name in (commands, events, queries)),
    ]


def _own_commands(service: str) -> list[str]:
    return [key for key, each in CATALOGUE.items() if issubclass(each, InternalCommand) and each.owner() == service]


def _policies(delays: Mapping[str, timedelta]) -> list[Policy]:
    names = f"({'|'.join(SERVICES)})"
    looked_at = {"delivery-limit": DEAD_LETTER_DELIVERY_LIMIT}
    kept = {"max-length": MAX_MESSAGES, "message-ttl": milliseconds(MAX_AGE), "overflow": "drop-head", **looked_at}
    return [
        Policy("practio-crashes", rf"^{names}\.(commands|events|queries)$", {"delivery-limit": DELIVERY_LIMIT}),
        Policy("practio-dead", rf"^{names}\.(commands|events|queries)\.dead$", looked_at),
        *(
            Policy(
                f"practio-retry-{tier}",
                rf"^{names}\.(commands|events)\.retry\.{tier}$",
                {"message-ttl": milliseconds(delays[tier])},
            )
            for tier in RETRY_DELAYS
        ),
        Policy("practio-unrouted", one_of([UNROUTED]), kept),
        Policy("practio-outside", r"^outside\.", kept),
    ]


def milliseconds(span: timedelta) -> int:
    """Return a span of time in RabbitMQ's unit."""
    return round(span.total_seconds() * 1000)


def _account(service: str) -> Account:
    """A service publishes its own events and dead-letters its own messages; it reads its own queues."""
    queues = [commands_queue(service), events_queue(service), queries_queue(service)]
    own = rf"^{service}\."
    return Account(
        name=account_of(service),
        topics={EVENTS: own, INTERNAL: own, DEAD: one_of([dead_queue(name) for name in queues])},
        writes_besides=[DEFAULT_EXCHANGE],
        reads=queues,
    )
