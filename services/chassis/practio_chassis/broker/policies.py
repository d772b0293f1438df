"""The delays and limits of queues, which an operator may tune, as RabbitMQ's policies."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from practio_chassis.broker.objects import QueuePolicy, one_of
from practio_chassis.broker.queue_names import SHARD_QUEUES
from practio_contracts.catalogue import SERVICES, UNROUTED

RETRY_DELAYS: Mapping[str, timedelta] = {
    "5s": timedelta(seconds=5),
    "1m": timedelta(minutes=1),
    "10m": timedelta(minutes=10),
}
"""The retry tiers, first to last. The names stay if an operator changes the delays."""

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


def policies(delays: Mapping[str, timedelta]) -> list[QueuePolicy]:
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


def shard_policies(shards: int) -> list[QueuePolicy]:
    """Return the policy of the queues of shards; none if there is only one shard, which has no queue of its own."""
    return [QueuePolicy("practio-shards", SHARD_QUEUES, {"delivery-limit": DELIVERY_LIMIT})] if shards > 1 else []


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
