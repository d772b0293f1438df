"""What was delivered: messages after their admission check, accepted or rejected, and batches of events.

A batch is one delivery of many events. Each of them is checked, handled, retried and dead-lettered as if it had arrived
alone; the delivery is acknowledged once all of them are done.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aio_pika.abc import AbstractIncomingMessage
from pamqp.commands import Basic
from pydantic_core import to_json

from practio_chassis.broker import event_batches
from practio_chassis.context import Admitted, ReceivedMessage
from practio_chassis.inbound.admission import (
    Admission,
    Delivery,
    Origin,
    Rejected,
    admit,
    admit_of_batch,
    known_type,
    may_send_batches,
    origin_of,
)
from practio_contracts.catalogue import CATALOGUE, INTERNAL, exchange_of
from practio_contracts.envelope import CONTENT_TYPE, Unreadable
from practio_contracts.message import Message


@dataclass(slots=True)
class Share:
    """How many events of one delivery are still to be done."""

    left: int


@dataclass(frozen=True, slots=True)
class EventOfBatch:
    """An event as a batch contains it, and what it shares with the others."""

    content: Any
    share: Share


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivered message, ``raw`` as the client library has it, with its origin; ``event`` if it came in a batch."""

    raw: AbstractIncomingMessage
    origin: Origin
    event: EventOfBatch | None = field(default=None, kw_only=True)

    @property
    def routing_key(self) -> str | None:
        """Return the routing key if the catalogue contains it: never echo a stranger's text."""
        return known_type(self.origin.routing_key)

    @property
    def headers(self) -> Mapping[str, Any]:
        """Return the message's own headers; an event of a batch has none."""
        return self.raw.headers if self.event is None else {}

    @property
    def body(self) -> bytes:
        """Return the message's own body."""
        return self.raw.body if self.event is None else to_json(self.event.content)

    @property
    def properties(self) -> Basic.Properties:
        """Return the message's own AMQP properties."""
        if self.event is None:
            return self.raw.properties
        return Basic.Properties(content_type=CONTENT_TYPE, message_id=self.message_id())

    def message_id(self) -> str | None:
        """Return the id under which the message is known to operators, if it has one."""
        if self.event is None:
            return self.raw.message_id
        stated = self.event.content.get("id") if isinstance(self.event.content, dict) else None
        return stated if isinstance(stated, str) and 0 < len(stated) <= 100 else None

    def count_as_done(self) -> bool:
        """Count the message as done; return whether nothing of its delivery is left."""
        if self.event is None:
            return True
        self.event.share.left -= 1
        return self.event.share.left == 0

    def log_fields(self) -> dict[str, str | None]:
        """Return what may be logged about the message."""
        return {"routing_key": self.routing_key, "account": self.origin.account}


@dataclass(frozen=True, slots=True)
class AcceptedArrival(Arrival):
    """A message for a handler, or a request that is refused as invalid."""

    admitted: Admitted

    def log_fields(self) -> dict[str, str | None]:
        """Return what may be logged about the message: its ids too, which are well-formed."""
        about = Arrival.log_fields(self)
        if isinstance(self.admitted, ReceivedMessage):
            envelope = self.admitted.envelope
            about |= {"message_id": str(envelope.id), "correlation_id": envelope.correlationid}
        return about


@dataclass(frozen=True, slots=True)
class RejectedArrival(Arrival):
    """A message that is dead-lettered."""

    rejected: Rejected


Checked = AcceptedArrival | RejectedArrival


@dataclass(frozen=True, slots=True)
class BatchArrival(Arrival):
    """A delivered batch of events, not parsed yet: parsed, it takes many times its size, and hundreds are in hand."""

    subscriptions: Collection[type[Message]]

    @property
    def count(self) -> int:
        """Return how many events the batch says to have."""
        stated = self.raw.headers.get(event_batches.HEADER_EVENTS)
        return max(1, min(stated, event_batches.MOST_EVENTS)) if isinstance(stated, int) else event_batches.MOST_EVENTS

    def open(self) -> Sequence[Checked]:
        """Return the events, each after its admission check; the whole as one rejected message if it is not readable.

        An empty batch has nothing to be done; its delivery is to be acknowledged all the same.
        """
        found = event_batches.read(self.raw.body)
        if isinstance(found, Unreadable):
            return [RejectedArrival(self.raw, self.origin, Rejected("unreadable", found.detail))]
        share = Share(len(found))
        return [self._checked(EventOfBatch(content, share)) for content in found]

    def _checked(self, event: EventOfBatch) -> Checked:
        origin = _origin_in(self.origin, event.content)
        return _arrival(
            self.raw, origin, admit_of_batch(event.content, origin, subscriptions=self.subscriptions), event
        )


def receive(
    raw: AbstractIncomingMessage, *, service: str, subscriptions: Collection[type[Message]]
) -> Checked | BatchArrival:
    """Return a delivered message after its admission check, or a batch as it is; never raises."""
    delivery = _delivery_of(raw)
    origin = origin_of(delivery, service=service)
    if event_batches.is_batch(delivery.content_type) and may_send_batches(origin, delivery.headers, service=service):
        return BatchArrival(raw, origin, subscriptions)
    return _arrival(raw, origin, admit(delivery, origin, service=service, subscriptions=subscriptions), None)


def unread(raw: AbstractIncomingMessage, *, service: str) -> Arrival:
    """Return a delivered message before its admission check, with its origin."""
    return Arrival(raw, origin_of(_delivery_of(raw), service=service))


def _delivery_of(raw: AbstractIncomingMessage) -> Delivery:
    return Delivery(
        body=raw.body,
        exchange=raw.exchange or "",
        routing_key=raw.routing_key or "",
        account=raw.user_id,
        headers=raw.headers,
        content_type=raw.content_type,
    )


def _arrival(raw: AbstractIncomingMessage, origin: Origin, admission: Admission, event: EventOfBatch | None) -> Checked:
    if isinstance(admission, Rejected):
        return RejectedArrival(raw, origin, admission, event=event)
    return AcceptedArrival(raw, origin, admission, event=event)


def _origin_in(batch: Origin, content: Any) -> Origin:
    """Return the origin of an event as if it had arrived alone: by its type, from the account of the batch."""
    stated = content.get("type") if isinstance(content, dict) else None
    key = stated.removeprefix("practio.") if isinstance(stated, str) else ""
    message = CATALOGUE.get(key)
    return Origin(INTERNAL if message is None else exchange_of(message), key[:200], batch.account)
