"""Over how many queues the commands of membership are spread: written for the service, in its schema.

The service moves to the wanted number by itself, once everything is handled that it spread before. Until then the
queues of the earlier number stay.
"""

from dataclasses import dataclass

from practio_chassis.broker.queue_names import MOST_SHARDS, SHARDED, shard_queue
from practio_chassis.database.sharding import TABLE
from practio_operator.console.errors import OperatorError
from practio_operator.provisioning.broker import management
from practio_operator.provisioning.database import administering
from practio_operator.provisioning.target import ProvisionTarget

_TABLE = f"{SHARDED}.{TABLE}"


@dataclass(frozen=True, slots=True)
class Spread:
    """How commands are spread: over ``active`` queues, soon over ``wanted``; ``queues`` are there."""

    wanted: int
    active: int
    queues: int

    @property
    def sentence(self) -> str | None:
        """Return what an operator should know; None if nothing is spread."""
        if self.wanted != self.active:
            moves = f"Commands of {SHARDED} move from {self.active} to {self.wanted} queues"
            return f"{moves}, as soon as an instance of it runs and has handled what it spread before."
        return f"Commands of {SHARDED} are spread over {self.active} queues." if self.active > 1 else None


async def queues_needed(target: ProvisionTarget) -> int:
    """Return how many shard queues there must be: the wanted ones, and those that may still be in use."""
    present = await spread(target)
    return max(target.shards or 1, present.queues if present else 1)


async def spread(target: ProvisionTarget) -> Spread | None:
    """Return how commands are spread; None before the migration of this release."""
    async with administering(target) as connection:
        if not await connection.fetchval("SELECT to_regclass($1)", _TABLE):
            return None
        row = await connection.fetchrow(f"SELECT wanted, active, queues FROM {_TABLE}")
    return Spread(*row)


async def want_shards(target: ProvisionTarget) -> None:
    """Write for the service how many shards are wanted, if the target says so, and delete earlier ones that are empty.

    One that is not, such as after a restore, stays, and the service consumes it. Before the migration of this release
    there is one shard; raise OperatorError if more are wanted.
    """
    if await spread(target) is None:
        if (target.shards or 1) > 1:
            raise OperatorError(f"The schema {SHARDED} has no shards yet: run `practio provision --migrate`.")
        return
    async with management(target) as broker, administering(target) as connection:
        held = {each["name"]: each for each in await broker.get("queues", broker.vhost)}
        there = {number: held[name] for number in range(MOST_SHARDS) if (name := shard_queue(SHARDED, number)) in held}
        in_use = max((number + 1 for number, queue in there.items() if queue.get("messages")), default=1)
        queues = await connection.fetchval(
            f"UPDATE {_TABLE} SET wanted = coalesce($1::int, wanted), "
            "queues = greatest(coalesce($1::int, wanted), active, $2) RETURNING queues",
            target.shards,
            in_use,
        )
        for number in there:
            if queues == 1 or number >= queues:
                await broker.delete("queues", broker.vhost, shard_queue(SHARDED, number))
