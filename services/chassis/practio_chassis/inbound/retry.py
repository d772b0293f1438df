"""What becomes of a message that cannot be handled: a retry tier, then the dead-letter queue with the reason.

Never by nack and delivery limit: a hot loop on RabbitMQ 3.10, and uncounted from 4.3 on. Never by ``x-death``: it
counts on 3.10 and resets on 4.0. The attempt is counted in a header of ours.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from practio_chassis.broker.amqp_decoding import writable
from practio_chassis.broker.policies import RETRY_DELAYS
from practio_chassis.broker.queue_names import dead_queue, retry_queue
from practio_chassis.context import NotKnownYetError
from practio_chassis.inbound.admission import (
    HEADER_ACCOUNT,
    HEADER_ATTEMPT,
    HEADER_DETAIL,
    HEADER_EXCHANGE,
    HEADER_REASON,
    HEADER_ROUTING_KEY,
    Origin,
)
from practio_chassis.outbound.redirects import Redirect
from practio_chassis.telemetry.log import failure
from practio_contracts.answers import Refusal
from practio_contracts.catalogue import DEAD as DEAD_EXCHANGE

TIERS = tuple(RETRY_DELAYS)
"""The delays after the first, second and third attempt, as the retry queues are named."""

GAVE_UP = "gave-up"
"""The reason of a dead letter whose handler raises, every time."""

HEADER_DIED_AT = "practio-died-at"
_DROPPED = ("CC", "BCC", "x-death", "x-delivery-count", "x-acquired-count")


def is_last_attempt(origin: Origin) -> bool:
    """Return whether a message has been through every retry tier."""
    return origin.attempt >= len(TIERS)


def cause_of(error: Exception) -> tuple[str, str]:
    """Return why handling a message failed, for its dead letter: the reason, and a sentence without values."""
    if isinstance(error, NotKnownYetError):
        return error.reason, error.detail
    described = failure(error)
    return GAVE_UP, f"{described['error']} at {described['place']}"


def unexpected_failure(failure_id: str) -> Refusal:
    """Return the answer to a command or query that failed unexpectedly; log and dead letter carry ``failure_id``."""
    return Refusal(
        code="failed",
        detail=f"the service failed unexpectedly: its operators find the reason in the log under {failure_id}",
    )


def retry_redirect(*, queue: str, origin: Origin, headers: Mapping[str, Any]) -> Redirect:
    """Return the redirect of a message whose handling failed: to the next retry tier."""
    noted = with_origin(headers, origin) | {HEADER_ATTEMPT: origin.attempt + 1}
    return Redirect("", retry_queue(queue, TIERS[origin.attempt]), noted)


def dead_letter_redirect(
    *, queue: str, origin: Origin, headers: Mapping[str, Any], reason: str, detail: str
) -> Redirect:
    """Return the redirect of a message that is not retried; it carries the reason and the origin."""
    noted = with_origin(headers, origin) | {
        HEADER_REASON: reason,
        HEADER_DETAIL: detail[:500],
        HEADER_DIED_AT: datetime.now(UTC).isoformat(),
    }
    return Redirect(DEAD_EXCHANGE, dead_queue(queue), noted)


def with_origin(headers: Mapping[str, Any], origin: Origin) -> dict[str, Any]:
    """Return the headers of a message that moves to another queue: its own, and ours about its origin."""
    kept = {name: value for name, value in headers.items() if not _is_dropped(name)}
    return writable(kept) | {
        HEADER_EXCHANGE: origin.exchange,
        HEADER_ROUTING_KEY: origin.routing_key,
        HEADER_ACCOUNT: origin.account or "",
        HEADER_ATTEMPT: origin.attempt,
    }


def _is_dropped(name: str) -> bool:
    """Return whether a header would route the message elsewhere, or is the broker's, or an old one of ours."""
    return (
        name.upper() in _DROPPED or name in _DROPPED or name.startswith(("practio-", "x-first-death", "x-last-death"))
    )
