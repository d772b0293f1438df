"""RabbitMQ's objects as data: exchanges, queues, bindings, policies, and the permissions of each account.

All of it follows from the catalogue and from who receives an event (``event_readers.py``). ``practio provision``
applies it; services declare nothing.

Guarantees (dead-lettering, order, at-least-once) are arguments of a queue, which nobody can change under a running
service; what an operator may tune (delays, limits) is in ``policies.py``.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any

from practio_chassis.broker.event_readers import readers_of, subscribed_events
from practio_chassis.broker.objects import Account, Binding, Exchange, Queue, Topology, one_of
from practio_chassis.broker.policies import RETRY_DELAYS, policies, shard_policies
from practio_chassis.broker.queue_names import (
    SHARDED,
    batch_key,
    commands_queue,
    dead_queue,
    events_queue,
    queries_queue,
    queues_with_leftovers,
    retry_queue,
    shard_queue,
)
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
from practio_contracts.message import InternalCommand

DEFAULT_EXCHANGE = "amq.default"
"""The name of the nameless exchange in permissions; replies and retries go through it."""

_ONE_ACTIVE: Mapping[str, Any] = {"x-single-active-consumer": True}


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
        policies=[*policies(delays), *shard_policies(shards)],
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
