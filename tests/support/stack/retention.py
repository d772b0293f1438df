"""The work of forgetting, one lot at a time."""

from collections.abc import Callable, Sequence
from typing import Any

from practio_chassis.handling.retention import LOT, Retention, forget_lot
from practio_chassis.service import Running


async def forget_once(
    running: Running, name: str, retentions: Callable[[Any], Sequence[Retention]], *, lot: int = LOT
) -> int:
    """Forget one lot as a service does; return how many rows."""
    async with running.transaction() as context:
        return await forget_lot(context, name, retentions(running.settings), lot=lot)
