"""Another number of shards for the commands of membership, as `practio provision` sets it."""

from dataclasses import replace

from tests.support.eventually import eventually
from tests.support.stack.running import RunningStack

from practio_operator.provisioning.provision import provision, spread_commands
from practio_operator.provisioning.shards import spread

MOVED_SECONDS = 60.0


async def spread_over(stack: RunningStack, shards: int) -> None:
    """Spread commands over another number of shards, and wait until they are."""
    target = replace(stack.target, shards=shards)
    await provision(target)
    await spread_commands(target)

    async def has_moved() -> bool:
        present = await spread(target)
        return present is not None and present.active == shards

    await eventually(has_moved, within=MOVED_SECONDS, message=f"commands are spread over {shards}")
