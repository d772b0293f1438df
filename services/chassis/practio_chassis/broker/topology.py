"""RabbitMQ's objects as data: exchanges, queues, bindings, policies, and what each account may do.

All of it follows from the catalogue and the two tables below. Nothing applies itself here: ``practio provision`` does,
and services declare nothing. Sources: contracts.md, Addresses; architecture.md, The frame.

What promises rest on (dead-lettering, order, at-least-once) stands in a queue's arguments, which nobody can change
under a running service; what an operator may tune (delays, limits) stands in policies.
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
"""Whose events each service hears, as patterns of routing keys."""

RETRY_DELAYS: Mapping[str, timedelta] = {
    "5s": timedelta(seconds=5),
    "1m": timedelta(minutes=1),
    "10m": timedelta(minutes=10),
}
"""The tiers of retrying, first to last. The names stay where an operator changes the delays."""

DEFAULT_EXCHANGE = "amq.default"
"""What permissions call the exchange without a name; answers and retries go through it."""

MOST_KEPT = 100_000
LONGEST_KEPT = timedelta(days=7)
CRASHES_BORNE = 100
"""How often a message may be redelivered before the broker gives it up as one that kills its reader."""

LOOKS_BORNE = 1_000_000
"""How often a message that waits for people may be read and put back; RabbitMQ 4 drops it after 20 by default."""


def commands_queue(service: str) -> str:
    """Give the queue of a service's commands, those to itself included."""
    return f"{service}.commands"


def events_queue(service: str) -> str:
    """Give the queue of the events that a service hears."""
    return f"{service}.events"


def queries_queue(service: str) -> str:
    """Give the queue of the questions to a service."""
    return f"{service}.queries"


def dead_queue(queue: str) -> str:
    """Give the queue, and the routing key on ``practio.dead``, of what was given up from ``queue``."""
    return f"{queue}.dead"


def retry_queue(queue: str, tier: str) -> str:
    """Give the queue that holds a message for the delay of ``tier`` and then brings it back to ``queue``."""
    return f"{queue}.retry.{tier}"


def outside_queue(account: str) -> str:
    """Give the queue that an outside account reads."""
    return f"outside.{account}"


def subscribed_events(service: str) -> list[type[Event]]:
    """Give the events that a service hears, in the catalogue's order; refusals are nobody's event."""
    return [
        message
        for key, message in CATALOGUE.items()
        if issubclass(message, Event)
        and not issubclass(message, CommandRefused)
        and exchange_of(message)
        and any(fnmatchcase(key, pattern) for pattern in SUBSCRIPTIONS[service])
    ]


def services_topology(delays: Mapping[str, timedelta] = RETRY_DELAYS) -> Topology:
    """Give all that the services need; ``delays`` holds a delay for each tier of retrying."""
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
    """Questions may be answered side by side and are not retried; all else is taken in order."""
    ordered = [commands_queue(service), events_queue(service)]
    asked = queries_queue(service)
    return [
        *(_main_queue(name, {"x-single-active-consumer": True}) for name in ordered),
        _main_queue(asked, {}),
        *(Queue(dead_queue(name)) for name in (*ordered, asked)),
        *(_waiting_queue(name, tier) for name in ordered for tier in RETRY_DELAYS),
    ]


def _main_queue(name: str, arguments: Mapping[str, Any]) -> Queue:
    return Queue(name, {**_leaving_to(DEAD, dead_queue(name)), **arguments})


def _waiting_queue(name: str, tier: str) -> Queue:
    return Queue(retry_queue(name, tier), _leaving_to("", name))


def _leaving_to(exchange: str, key: str) -> dict[str, Any]:
    """Dead-letter with confirms: a message leaves its queue once the next has it; this asks for reject-publish."""
    return {
        "x-dead-letter-exchange": exchange,
        "x-dead-letter-routing-key": key,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


def _bindings(service: str) -> list[Binding]:
    """A wildcard for what is asked of a service, so that a command nobody knows is answered as unreadable."""
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
    looked_at = {"delivery-limit": LOOKS_BORNE}
    kept = {"max-length": MOST_KEPT, "message-ttl": milliseconds(LONGEST_KEPT), "overflow": "drop-head", **looked_at}
    return [
        Policy("practio-crashes", rf"^{names}\.(commands|events|queries)$", {"delivery-limit": CRASHES_BORNE}),
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
    """Give a span of time as RabbitMQ counts it."""
    return round(span.total_seconds() * 1000)


def _account(service: str) -> Account:
    """A service says its own events and gives up its own messages; it reads the queues that it works on."""
    queues = [commands_queue(service), events_queue(service), queries_queue(service)]
    own = rf"^{service}\."
    return Account(
        name=account_of(service),
        topics={EVENTS: own, INTERNAL: own, DEAD: one_of([dead_queue(name) for name in queues])},
        writes_besides=[DEFAULT_EXCHANGE],
        reads=queues,
    )
