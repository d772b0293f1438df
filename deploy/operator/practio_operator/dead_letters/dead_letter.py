"""A dead letter: what it says about itself, and the message to put back."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

from practio_chassis.broker.amqp_decoding import writable
from practio_chassis.inbound.admission import (
    HEADER_ACCOUNT,
    HEADER_ATTEMPT,
    HEADER_DETAIL,
    HEADER_EXCHANGE,
    HEADER_REASON,
    HEADER_ROUTING_KEY,
    OPERATOR,
)
from practio_chassis.inbound.retry import HEADER_DIED_AT
from practio_contracts.catalogue import SERVICES, account_of

_TRUSTED = frozenset({*map(account_of, SERVICES), OPERATOR})
_OUR_HEADERS = (HEADER_REASON, HEADER_DETAIL, HEADER_DIED_AT)
_BROKER_HEADERS = ("x-death", "x-delivery-count", "x-acquired-count")


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that a service, or the broker for it, moved to a dead-letter queue.

    Our headers are believed only if a service or the operator published the message, which the broker has verified.
    What the broker itself moved has the headers of its publisher: put back in the operator's name, a stranger's headers
    would make the message another account's.
    """

    queue: str
    message: AbstractIncomingMessage

    @property
    def id(self) -> str:
        """Return the message's id, or a hash of its body if it has none."""
        return self.message.message_id or hashlib.sha256(self.message.body).hexdigest()[:16]

    @property
    def routing_key(self) -> str:
        """Return the original routing key."""
        return str(self._ours(HEADER_ROUTING_KEY) or self._death("routing-keys", [""])[0])

    @property
    def reason(self) -> str:
        """Return the reason, in a word."""
        return str(self._ours(HEADER_REASON) or self._death("reason", "unknown"))

    @property
    def detail(self) -> str:
        """Return the reason, in a sentence."""
        return str(self._ours(HEADER_DETAIL) or "dead-lettered by the broker")

    @property
    def died_at(self) -> str:
        """Return when it was dead-lettered (RFC 3339, UTC)."""
        return str(self._ours(HEADER_DIED_AT) or self._death("time", ""))

    @property
    def account(self) -> str:
        """Return the account of the original publisher; empty if it had none."""
        stated = HEADER_ACCOUNT in self.message.headers and self._is_ours
        return str(self.message.headers[HEADER_ACCOUNT] if stated else self.message.user_id or "")

    @property
    def content(self) -> Any:
        """Return the body as JSON values, or None if it is not JSON."""
        try:
            return json.loads(self.message.body)
        except (ValueError, RecursionError):
            return None

    def to_put_back(self) -> aio_pika.Message:
        """Return the message to put back: same body, id and origin, with attempts reset, published by the operator."""
        kept = {
            name: value for name, value in self.message.headers.items() if name not in (*_OUR_HEADERS, *_BROKER_HEADERS)
        }
        origin = {
            HEADER_EXCHANGE: self._ours(HEADER_EXCHANGE) or self._death("exchange", ""),
            HEADER_ROUTING_KEY: self.routing_key,
            HEADER_ACCOUNT: self.account,
            HEADER_ATTEMPT: 0,
        }
        return aio_pika.Message(
            self.message.body,
            headers=writable(kept) | origin,
            content_type=self.message.content_type,
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            message_id=self.message.message_id,
            correlation_id=self.message.correlation_id,
            user_id=OPERATOR,
        )

    @property
    def _is_ours(self) -> bool:
        return self.message.user_id in _TRUSTED

    def _ours(self, header: str) -> Any:
        """Return one of our headers; None if it is not there, or is not ours."""
        return self.message.headers.get(header) if self._is_ours else None

    def _death(self, name: str, otherwise: Any) -> Any:
        deaths: Any = self.message.headers.get("x-death") or []
        return deaths[0].get(name, otherwise) if deaths else otherwise
