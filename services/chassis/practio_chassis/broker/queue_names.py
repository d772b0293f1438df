"""The names of queues, and the routing keys that follow from them."""

import re
from collections.abc import Sequence

from practio_contracts.catalogue import UNROUTED

UNROUTED_READER = "notifications"
"""The service that deletes unrouted messages about erased people: each knows all of them, and one is enough."""

SHARDED = "membership"
"""The service whose commands may be spread over several queues, by room."""

MOST_SHARDS = 32
"""More than that, an instance alone would have more transactions at once than connections."""

SHARD_QUEUES = rf"^{re.escape(SHARDED)}\.commands\.shard\.[0-9]+$"


def commands_queue(service: str) -> str:
    """Return the queue of a service's commands, including internal ones."""
    return f"{service}.commands"


def shard_queue(service: str, shard: int) -> str:
    """Return the queue of a shard of a service's commands; shards are numbered from 0."""
    return f"{commands_queue(service)}.shard.{shard}"


def is_shard_queue(queue: str) -> bool:
    """Return whether a queue is that of a shard."""
    return bool(re.fullmatch(SHARD_QUEUES, queue))


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


def queues_with_leftovers(service: str) -> Sequence[str]:
    """Return the queues that nobody consumes and from which a service deletes messages about erased people."""
    own = [dead_queue(queue_of(service)) for queue_of in (commands_queue, events_queue, queries_queue)]
    return [*own, UNROUTED] if service == UNROUTED_READER else own
