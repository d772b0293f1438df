"""A delivered message after the admission check: accepted or rejected."""

from collections.abc import Collection
from dataclasses import dataclass

from aio_pika.abc import AbstractIncomingMessage

from practio_chassis.inbound.admission import Delivery, Origin, Rejected, admit, known_type, origin_of
from practio_chassis.received import Admitted, ReceivedMessage
from practio_contracts.message import Message


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivered message, ``raw`` as the client library has it, with its origin."""

    raw: AbstractIncomingMessage
    origin: Origin

    @property
    def routing_key(self) -> str | None:
        """Return the routing key if the catalogue contains it: never echo a stranger's text."""
        return known_type(self.origin.routing_key)

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


def receive(
    raw: AbstractIncomingMessage, *, service: str, subscriptions: Collection[type[Message]]
) -> AcceptedArrival | RejectedArrival:
    """Return a delivered message after its admission check; never raises."""
    delivery = _delivery_of(raw)
    origin = origin_of(delivery, service=service)
    admission = admit(delivery, origin, service=service, subscriptions=subscriptions)
    if isinstance(admission, Rejected):
        return RejectedArrival(raw, origin, admission)
    return AcceptedArrival(raw, origin, admission)


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
