"""RabbitMQ's objects as data: exchanges, queues, bindings, policies, and the permissions of each account.

All of it follows from the catalogue and the two tables below. ``practio provision`` applies it; services declare
nothing.

Guarantees (dead-lettering, order, at-least-once) are arguments of a queue, which nobody can change under a running
service; what an operator may tune (delays, limits) is in policies.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from practio_chassis.broker.objects import Account, Binding, Exchange, Queue, QueuePolicy, Topology, one_of
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
    events_of,
    exchange_of,
)
from practio_contracts.message import Event, InternalCommand

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

RETRY_DELAYS: Mapping[str, timedelta] = {
    "5s": timedelta(seconds=5),
    "1m": timedelta(minutes=1),
    "10m": timedelta(minutes=10),
}
"""The retry tiers, first to last. The names stay if an operator changes the delays."""

DEFAULT_EXCHANGE = "amq.default"
"""The name of the nameless exchange in permissions; replies and retries go through it."""

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30

MAX_MESSAGE_BYTES = 512 * KIB
"""RabbitMQ's ``max_message_size`` wherever Practio runs.

Messages are at most 256 KiB (contracts/README.md, The envelope), ours too (tests/contracts/test_event_sizes.py), and
pages of results 200 KiB; a larger one of others is still received, and answered. RabbitMQ allows 128 MiB (16 MiB from
4.0 on) by default, which a service holds in memory as often as it has messages in hand.
"""

MAX_MESSAGES = 100_000
MAX_AGE = timedelta(days=7)
MAX_DEAD_BYTES = 256 * MIB
MAX_UNROUTED_BYTES = 256 * MIB
MAX_OUTSIDE_BYTES = GIB
"""The size of an outside queue: 100,000 events of 10 KiB, which is more than all but the longest rooms take."""

UNROUTED_READER = "notifications"
"""The service that deletes unrouted messages about erased people: each knows all of them, and one is enough."""

QUERY_PATIENCE = timedelta(seconds=60)
"""How long a query waits in its queue: nobody waits longer for the answer."""

MAX_DEAD_QUERIES = 1_000
MAX_DEAD_QUERIES_BYTES = 16 * MIB
MAX_DEAD_QUERIES_AGE = timedelta(days=1)
"""The bounds of expired and failed queries: they are kept to be looked at, and nobody waits for them any more."""

DELIVERY_LIMIT = 100
"""How often a message may be redelivered before the broker dead-letters it as one that crashes its consumer."""

DEAD_LETTER_DELIVERY_LIMIT = 1_000_000
"""How often a dead letter may be read and put back; RabbitMQ 4 drops it after 20 by default."""


SHARDED = "membership"
"""The service whose commands may be spread over several queues, by room."""

MOST_SHARDS = 32
"""More than that, an instance alone would have more transactions at once than connections."""

_SHARD_QUEUES = rf"^{re.escape(SHARDED)}\.commands\.shard\.[0-9]+$"
_ONE_ACTIVE: Mapping[str, Any] = {"x-single-active-consumer": True}


def commands_queue(service: str) -> str:
    """Return the queue of a service's commands, including internal ones."""
    return f"{service}.commands"


def shard_queue(service: str, shard: int) -> str:
    """Return the queue of a shard of a service's commands; shards are numbered from 0."""
    return f"{commands_queue(service)}.shard.{shard}"


def is_shard_queue(queue: str) -> bool:
    """Return whether a queue is that of a shard."""
    return bool(re.fullmatch(_SHARD_QUEUES, queue))


def events_queue(service: str) -> str:
    """Return the queue of the events that a service receives."""
    return f"{service}.events"


def queries_queue(service: str) -> str:
    """Return the queue of a service's queries."""
    return f"{service}.queries"


def batch_key(owner: str, reader: str) -> str:
    """Return the routing key of batches with the events of ``owner`` that ``reader`` receives."""
    return f"{owner}.events-for-{reader}.v1"


def dead_queue(queue: str) -> str:
    """Return the queue for dead letters from ``queue``, which is also their routing key on ``practio.dead``."""
    return f"{queue}.dead"


def retry_queue(queue: str, tier: str) -> str:
    """Return the queue that holds a message for the delay of ``tier`` and then returns it to ``queue``."""
    return f"{queue}.retry.{tier}"


def outside_queue(account: str) -> str:
    """Return the queue that an outside account reads."""
    return f"outside.{account}"


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


class Carriage(StrEnum):
    """How events travel from one service to another: in messages of their own, in batches, or in either.

    Their bindings say so, and the relays look at them: if no batch reaches a queue, they publish event by event.
    """

    SINGLY = "singly"
    EITHER = "either"
    BATCHES = "batches"


def services_topology(
    delays: Mapping[str, timedelta] = RETRY_DELAYS, carriage: Carriage = Carriage.BATCHES, *, shards: int = 1
) -> Topology:
    """Return everything that the services need; ``delays`` holds a delay for each retry tier.

    ``shards``: over how many queues the commands of ``SHARDED`` are spread; one needs no queue beside that of commands.
    """
    number = {SHARDED: shards if shards > 1 else 0}
    shard_queues = {
        service: [shard_queue(service, each) for each in range(number.get(service, 0))] for service in SERVICES
    }
    return Topology(
        exchanges=_exchanges(),
        queues=[Queue(UNROUTED), *(queue for service in SERVICES for queue in _queues(service, shard_queues[service]))],
        bindings=[
            Binding(UNROUTED, UNROUTED, "#"),
            *(each for service in SERVICES for each in _bindings(service, carriage)),
        ],
        policies=[*_policies(delays), *_shard_policies(shards)],
        accounts=[_account(service, shard_queues[service]) for service in SERVICES],
    )


def _exchanges() -> list[Exchange]:
    kept = [Exchange(name, alternate=UNROUTED) for name in (COMMANDS, QUERIES, DIRECTORY)]
    return [*kept, *(Exchange(name) for name in (EVENTS, INTERNAL, DEAD, UNROUTED))]


def _queues(service: str, shard_queues: Sequence[str]) -> list[Queue]:
    """Return the queues of a service: queries are answered concurrently, all else is consumed in order.

    A shard has one queue: what is retried or dead-lettered goes the way of all commands.
    """
    ordered = [commands_queue(service), events_queue(service)]
    asked = queries_queue(service)
    return [
        *(_main_queue(name, _ONE_ACTIVE) for name in ordered),
        _main_queue(asked, {}),
        *(Queue(dead_queue(name)) for name in (*ordered, asked)),
        *(_waiting_queue(name, tier) for name in ordered for tier in RETRY_DELAYS),
        *(
            Queue(name, {**_dead_lettering_to(DEAD, dead_queue(commands_queue(service))), **_ONE_ACTIVE})
            for name in shard_queues
        ),
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


def _bindings(service: str, carriage: Carriage) -> list[Binding]:
    """Bind commands and queries by a wildcard, so that an unknown one is answered as unreadable."""
    commands, events, queries = commands_queue(service), events_queue(service), queries_queue(service)
    return [
        Binding(COMMANDS, commands, f"{service}.#"),
        *(Binding(INTERNAL, commands, key) for key in _own_commands(service)),
        Binding(QUERIES, queries, f"{service}.#"),
        *_event_bindings(service, carriage),
        *(Binding(DEAD, dead_queue(name), dead_queue(name)) for name in (commands, events, queries)),
    ]


def batch_bindings() -> list[Binding]:
    """Return the bindings by which batches of events reach the services."""
    return [
        Binding(INTERNAL, events_queue(reader), batch_key(owner, reader))
        for reader in SERVICES
        for owner in SERVICES
        if any(reader in readers for readers in readers_of(owner).values())
    ]


def _event_bindings(service: str, carriage: Carriage) -> list[Binding]:
    """Bind the events that a service receives.

    Those on ``practio.internal`` are bound singly too, whatever the carriage: it costs nothing as long as nobody
    publishes them so. An event on ``practio.events``, where each is published for outside systems, would come twice.
    """
    queue = events_queue(service)
    singly = [Binding(exchange_of(event), queue, event.routing_key) for event in subscribed_events(service)]
    in_batches = [each for each in batch_bindings() if each.queue == queue]
    match carriage:
        case Carriage.SINGLY:
            return singly
        case Carriage.EITHER:
            return [*singly, *in_batches]
        case Carriage.BATCHES:
            return [*(each for each in singly if each.exchange != EVENTS), *in_batches]


def _own_commands(service: str) -> list[str]:
    return [key for key, each in CATALOGUE.items() if issubclass(each, InternalCommand) and each.owner() == service]


def _policies(delays: Mapping[str, timedelta]) -> list[QueuePolicy]:
    """Bound everything that waits for people; what waits for a service is never dropped.

    A queue has one policy. The queues of commands and events have no bound: a full one would lose or refuse messages.
    Dead-letter queues drop the oldest: if they refused the newest, at-least-once dead-lettering would stop, and the
    service's own queue with it.
    """
    names = f"({'|'.join(SERVICES)})"
    return [
        QueuePolicy("practio-crashes", rf"^{names}\.(commands|events)$", {"delivery-limit": DELIVERY_LIMIT}),
        QueuePolicy(
            "practio-queries",
            rf"^{names}\.queries$",
            {"delivery-limit": DELIVERY_LIMIT, "message-ttl": milliseconds(QUERY_PATIENCE)},
        ),
        QueuePolicy(
            "practio-dead", rf"^{names}\.(commands|events)\.dead$", _oldest_dropped(MAX_MESSAGES, MAX_DEAD_BYTES)
        ),
        QueuePolicy(
            "practio-dead-queries",
            rf"^{names}\.queries\.dead$",
            _oldest_dropped(MAX_DEAD_QUERIES, MAX_DEAD_QUERIES_BYTES, age=MAX_DEAD_QUERIES_AGE),
        ),
        *(
            QueuePolicy(
                f"practio-retry-{tier}",
                rf"^{names}\.(commands|events)\.retry\.{tier}$",
                {"message-ttl": milliseconds(delays[tier])},
            )
            for tier in RETRY_DELAYS
        ),
        QueuePolicy(
            "practio-unrouted", one_of([UNROUTED]), _oldest_dropped(MAX_MESSAGES, MAX_UNROUTED_BYTES, age=MAX_AGE)
        ),
        QueuePolicy("practio-outside", r"^outside\.", _oldest_dropped(MAX_MESSAGES, MAX_OUTSIDE_BYTES, age=MAX_AGE)),
    ]


def _shard_policies(shards: int) -> list[QueuePolicy]:
    return [QueuePolicy("practio-shards", _SHARD_QUEUES, {"delivery-limit": DELIVERY_LIMIT})] if shards > 1 else []


def _oldest_dropped(count: int, size: int, *, age: timedelta | None = None) -> dict[str, Any]:
    """Return the limits of a queue that people read; reading and putting back does not end a message."""
    return {
        "max-length": count,
        "max-length-bytes": size,
        "overflow": "drop-head",
        "delivery-limit": DEAD_LETTER_DELIVERY_LIMIT,
        **({"message-ttl": milliseconds(age)} if age else {}),
    }


def milliseconds(span: timedelta) -> int:
    """Return a span of time in RabbitMQ's unit."""
    return round(span.total_seconds() * 1000)


def queues_with_leftovers(service: str) -> Sequence[str]:
    """Return the queues that nobody consumes and from which a service deletes messages about erased people."""
    own = [dead_queue(queue_of(service)) for queue_of in (commands_queue, events_queue, queries_queue)]
    return [*own, UNROUTED] if service == UNROUTED_READER else own


def _account(service: str, shard_queues: Sequence[str]) -> Account:
    """Return an account that publishes its own events and internal commands, and dead-letters its own messages.

    It reads its own queues, the dead letters too, since it deletes those of erased people; one service does the same
    with unrouted messages. Events of drafts are published on ``practio.internal`` whatever fields they have; those that
    are discreet it cannot publish on ``practio.events`` at all.
    """
    queues = [commands_queue(service), events_queue(service), queries_queue(service)]
    events = [event.routing_key for event in events_of(service)]
    batches = [batch_key(service, reader) for reader in SERVICES if reader != service]
    public = [event.routing_key for event in events_of(service) if not event.discreet]
    return Account(
        name=account_of(service),
        topics={
            EVENTS: one_of(public),
            INTERNAL: one_of([*events, *batches, *_own_commands(service)]),
            DEAD: one_of([dead_queue(name) for name in queues]),
        },
        writes_besides=[DEFAULT_EXCHANGE],
        reads=[*queues, *queues_with_leftovers(service), *shard_queues],
    )
