"""The admission check: whether a message may be handled, and from whom it is. Pure; it looks nothing up.

The order of checks is that of the handbook (contracts/README.md, Refusals): readable, identified, valid. Exchange,
routing key, account and source must fit the type, whatever a publisher managed to route.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from practio_chassis.broker.amqp_decoding import UNREADABLE_HEADERS
from practio_chassis.broker.queue_names import batch_key
from practio_chassis.context import Admitted, InvalidRequest, ReceivedMessage
from practio_contracts.answers import NextStep, Refusal
from practio_contracts.catalogue import CATALOGUE, INTERNAL, PAGES, SERVICES, account_of, exchange_of, source_of
from practio_contracts.envelope import Envelope, Invalid, Unreadable, read, read_parsed
from practio_contracts.message import Event, InternalCommand, Message

OPERATOR = "practio-operator"
"""The account with which an operator puts a dead letter back; trusted like the service's own."""

HEADER_ACCOUNT = "practio-account"
HEADER_EXCHANGE = "practio-exchange"
HEADER_ROUTING_KEY = "practio-routing-key"
HEADER_ATTEMPT = "practio-attempt"
HEADER_REASON = "practio-reason"
HEADER_DETAIL = "practio-detail"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as the broker delivered it; ``account`` is its ``user_id``, which the broker verified."""

    body: bytes
    exchange: str
    routing_key: str
    account: str | None
    headers: Mapping[str, Any]
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """The original exchange, routing key and account of a message: the broker's, or our own headers on a retry."""

    exchange: str
    routing_key: str
    account: str | None
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Rejected:
    """A message that is dead-lettered; ``refusal`` is the answer, if it gets one."""

    reason: str
    detail: str
    refusal: Refusal | None = None


Admission = Admitted | Rejected

MAX_SEQUENCE = 10**16 - 1
"""The highest sequence of an event that is accepted: microseconds since 1970 fit, from which a restored schema counts.

A higher one would make every later event of its subject look old.
"""


def origin_of(delivery: Delivery, *, service: str) -> Origin:
    """Return the origin of ``delivery``; our headers are trusted only in messages from our own account."""
    ours = delivery.account in (account_of(service), OPERATOR)
    if ours and delivery.exchange == "" and HEADER_EXCHANGE in delivery.headers:
        attempt = delivery.headers.get(HEADER_ATTEMPT)
        return Origin(
            exchange=str(delivery.headers[HEADER_EXCHANGE]),
            routing_key=str(delivery.headers.get(HEADER_ROUTING_KEY, "")),
            account=str(delivery.headers.get(HEADER_ACCOUNT) or "") or None,
            attempt=attempt if isinstance(attempt, int) else 0,
        )
    return Origin(delivery.exchange, delivery.routing_key, delivery.account)


def admit(delivery: Delivery, origin: Origin, *, service: str, subscriptions: Collection[type[Message]]) -> Admission:
    """Return the result of the check; ``subscriptions`` are the messages that belong on the queue."""
    found = _read(delivery, origin)
    if isinstance(found, Unreadable):
        return _unreadable(found, delivery)
    return _admit(found, origin, delivery.headers, subscriptions)


def admit_of_batch(attributes: Any, origin: Origin, *, subscriptions: Collection[type[Message]]) -> Admission:
    """Return the result of the check of an event that arrived in a batch, parsed; ``origin`` is its own."""
    if not isinstance(attributes, dict):
        return Rejected("unreadable", "the event is not a JSON object")
    found = read_parsed(attributes, origin.routing_key)
    if isinstance(found, Unreadable):
        return Rejected("unreadable", found.detail)
    return _admit(found, origin, {}, subscriptions)


def _admit(
    found: Envelope | Invalid, origin: Origin, headers: Mapping[str, Any], subscriptions: Collection[type[Message]]
) -> Admission:
    message, source = _kind_and_source(found)
    if fault := _misplaced(message, source, origin, headers, subscriptions):
        return Rejected("misplaced", fault)
    if origin.account is None:
        return _unidentified(message, found)
    if isinstance(found, Invalid):
        return _invalid(found, origin.account)
    is_numbered = issubclass(message, Event) and found.sequence is not None
    if is_numbered and int(found.sequence or 0) > MAX_SEQUENCE:
        return Rejected("invalid", f"sequence: at most {len(str(MAX_SEQUENCE))} digits are allowed")
    return ReceivedMessage(found, found.data, origin.account)


def may_send_batches(origin: Origin, headers: Mapping[str, Any], *, service: str) -> bool:
    """Return whether batches of events for ``service`` come from there: from another service, under the key for it."""
    owners = [owner for owner in SERVICES if origin.account == account_of(owner)]
    keys = [batch_key(owner, service) for owner in owners]
    return origin.exchange == INTERNAL and origin.routing_key in keys and not is_copy(headers)


def _read(delivery: Delivery, origin: Origin) -> Envelope | Invalid | Unreadable:
    if UNREADABLE_HEADERS in delivery.headers:
        return Unreadable("the headers cannot be read")
    return read(
        delivery.body,
        routing_key=origin.routing_key,
        content_type=delivery.content_type,
        headers=delivery.headers,
    )


def _unreadable(found: Unreadable, delivery: Delivery) -> Rejected:
    copied = is_copy(delivery.headers)
    refusal = None if copied else Refusal(code="unreadable", detail=found.detail)
    return Rejected("unreadable", found.detail, refusal)


def _kind_and_source(found: Envelope | Invalid) -> tuple[type[Message], object]:
    if isinstance(found, Invalid):
        return found.message, found.attributes.get("source")
    return type(found.data), found.source


def _misplaced(
    message: type[Message],
    source: object,
    origin: Origin,
    headers: Mapping[str, Any],
    subscriptions: Collection[type[Message]],
) -> str | None:
    """Return what does not fit between a message and its path; None if everything fits."""
    if is_copy(headers):
        return "copies by CC are not accepted"
    if message not in subscriptions:
        return "messages of this type do not belong on this queue"
    if origin.exchange != exchange_of(message):
        return "the exchange is not that of the type"
    if isinstance(source, str) and source.startswith("/practio/") and source not in _sources_of(origin.account):
        return "the source is not the account's own"
    if _is_ours(message) and (origin.account != account_of(message.owner()) or source != source_of(message.owner())):
        return "only the service itself publishes messages of this type"
    return None


def is_copy(headers: Mapping[str, Any]) -> bool:
    """Return whether a message has headers that route copies of it."""
    return any(name.upper() in ("CC", "BCC") for name in headers)


def _sources_of(account: str | None) -> list[str]:
    if account == PAGES:
        return [source_of(PAGES)]
    return [source_of(service) for service in SERVICES if account_of(service) == account]


def _is_ours(message: type[Message]) -> bool:
    return issubclass(message, InternalCommand) or (issubclass(message, Event) and message.owner() in SERVICES)


def _unidentified(message: type[Message], found: Envelope | Invalid) -> Admission:
    detail = "the message has no user_id: set it to the account that publishes"
    if issubclass(message, Event):
        return Rejected("unidentified", detail)
    attributes = found.attributes if isinstance(found, Invalid) else found.model_dump(mode="json", exclude={"data"})
    return InvalidRequest(message, attributes, None, Refusal(code="unidentified", detail=detail))


def _invalid(found: Invalid, account: str) -> Admission:
    if issubclass(found.message, Event):
        fields = ", ".join(error.field for error in found.errors)
        return Rejected("invalid", f"the event violates the contract in {fields}")
    refusal = Refusal(
        code="invalid",
        detail="the message violates the contract: see errors",
        next_step=NextStep.NONE,
        errors=found.errors,
    )
    return InvalidRequest(found.message, found.attributes, account, refusal)


def known_type(routing_key: str) -> str | None:
    """Return ``routing_key`` if the catalogue contains it, otherwise None: never echo a stranger's text."""
    return routing_key if routing_key in CATALOGUE else None
