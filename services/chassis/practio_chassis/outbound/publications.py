"""The messages in which rows of the outbox are published: singly, or in batches of events for services. Pure.

Outside systems read single events on ``practio.events``, in either case.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row
from uuid_utils.compat import uuid7

from practio_chassis.broker import event_batches
from practio_chassis.broker.queue_names import batch_key
from practio_contracts.catalogue import CATALOGUE, EVENTS, INTERNAL
from practio_contracts.envelope import CONTENT_TYPE
from practio_contracts.message import InternalCommand

_INTERNAL_COMMANDS = frozenset(key for key, each in CATALOGUE.items() if issubclass(each, InternalCommand))


@dataclass(frozen=True, slots=True)
class Publication:
    """One message, and the ids of the rows that it publishes."""

    rows: Sequence[int]
    exchange: str
    routing_key: str
    message_id: str
    body: bytes
    content_type: str = CONTENT_TYPE
    must_arrive: bool = False
    """Whether a queue must get it: a message for services does, an event without a subscriber need not."""

    @property
    def is_batch(self) -> bool:
        """Return whether it is a batch of events."""
        return self.content_type == event_batches.CONTENT_TYPE


def singly(rows: Sequence[Row[Any]], *, readers: Mapping[str, Sequence[str]]) -> list[Publication]:
    """Return a message for each body of each row; ``readers`` by routing key are the services that receive it.

    They receive what is on the services' exchange, if it is there.
    """
    return [
        Publication(
            [row.id], exchange, row.routing_key, row.message_id, body, must_arrive=_is_received(row, exchange, readers)
        )
        for row in rows
        for exchange, body in ((INTERNAL, row.internal), (EVENTS, row.public))
        if body is not None
    ]


def _is_received(row: Row[Any], exchange: str, readers: Mapping[str, Sequence[str]]) -> bool:
    """Return whether a service receives a message of a row on ``exchange``: the service itself its own commands."""
    is_for_services = exchange == INTERNAL or row.internal is None
    return is_for_services and (row.routing_key in readers or row.routing_key in _INTERNAL_COMMANDS)


def in_batches(rows: Sequence[Row[Any]], *, owner: str, readers: Mapping[str, Sequence[str]]) -> list[Publication]:
    """Return batches for the services, in order, and single messages for outside systems; ``readers`` by routing key.

    A message for services that is in no batch, such as an internal command, stays single.
    """
    single = [
        replace(each, must_arrive=each.routing_key in _INTERNAL_COMMANDS)
        for each in singly(rows, readers=readers)
        if each.exchange == EVENTS or each.routing_key not in readers
    ]
    services = sorted({service for row in rows for service in readers.get(row.routing_key, ())})
    return [*(batch for service in services for batch in _batches(rows, owner, service, readers)), *single]


def empty_batches(*, owner: str, readers: Mapping[str, Sequence[str]]) -> list[Publication]:
    """Return an empty batch for each service that receives events of ``owner``, to see whether it reaches a queue."""
    services = sorted({service for each in readers.values() for service in each})
    return [_batch([], owner, service) for service in services]


def _batches(
    rows: Sequence[Row[Any]], owner: str, service: str, readers: Mapping[str, Sequence[str]]
) -> list[Publication]:
    received = [row for row in rows if service in readers.get(row.routing_key, ())]
    portions = event_batches.portions((row, len(_complete(row))) for row in received)
    return [_batch(portion, owner, service) for portion in portions]


def _batch(rows: Sequence[Row[Any]], owner: str, service: str) -> Publication:
    return Publication(
        [row.id for row in rows],
        INTERNAL,
        batch_key(owner, service),
        str(uuid7()),
        event_batches.write(_complete(row) for row in rows),
        event_batches.CONTENT_TYPE,
        must_arrive=True,
    )


def _complete(row: Row[Any]) -> bytes:
    """Return the body with everything that services need: an event without private fields has one body only."""
    body: bytes = row.public if row.internal is None else row.internal
    return body
