"""Which shards an instance consumes: as many as every other, or one more. Pure."""

import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass


def shard_of(key: bytes | None, shards: int) -> int:
    """Return the shard of a key; what has none has no order to keep, and goes to the first."""
    return zlib.crc32(key) % shards if key else 0


def share_of(instance: int, instances: Collection[int], shards: int) -> int:
    """Return how many shards ``instance`` consumes: the first ones, by number, take what is left over."""
    each, over = divmod(shards, len(instances))
    return each + (sorted(instances).index(instance) < over)


@dataclass(frozen=True, slots=True)
class ShardChanges:
    """What an instance changes about its shards: it gives up all of one list, and takes what it can of the other."""

    give_up: Sequence[int]
    take: Sequence[int]


def plan(instance: int, instances: Collection[int], holders: Mapping[int, int], shards: int) -> ShardChanges:
    """Return how an instance comes to its share; ``holders`` has the instance that holds each shard."""
    share = share_of(instance, instances, shards)
    held = sorted(shard for shard, holder in holders.items() if holder == instance)
    kept = [shard for shard in held if shard < shards][:share]
    free = [shard for shard in range(shards) if shard not in holders]
    return ShardChanges(give_up=[shard for shard in held if shard not in kept], take=free[: share - len(kept)])
