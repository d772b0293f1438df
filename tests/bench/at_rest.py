"""Databases without work that has been left undone, so that what is measured is what people ask for.

The generator of large tables leaves something to do for every loop: seats to fill, letters to send, rows to forget.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.plans.filled import vacuum
from tests.plans.filled_service import FilledService
from tests.plans.service_cases import forgetting

_CHUNK = 20_000

_SETTLED: Mapping[str, Sequence[str]] = {
    "membership": (
        "UPDATE room SET capacity = greatest(1, taken + held) WHERE waiting > 0",
        "UPDATE membership SET since = now() WHERE status = 'requested'",
    ),
    "rooms": (
        "UPDATE attendance SET certified = true WHERE NOT certified",
        "UPDATE room_care SET look_at = look_at + interval '1 day' WHERE look_at < now() + interval '2 hours'",
    ),
    "notifications": (
        "UPDATE letter SET due_at = NULL, status = 'sent' WHERE due_at IS NOT NULL",
        "UPDATE session SET remind_at = NULL WHERE remind_at < now() + interval '2 hours'",
    ),
}
_LONG = ("statement_timeout = 0", "idle_in_transaction_session_timeout = 0")


async def settle(part: FilledService, administrator: AsyncEngine) -> None:
    """Leave nothing that a loop of the service would take up within two hours."""
    async with administrator.begin() as connection:
        for setting in _LONG:
            await connection.execute(text(f"SET LOCAL {setting}"))
        for statement in _SETTLED[part.service.name]:
            await connection.execute(text(statement))
    for forget in forgetting(part, chunk=_CHUNK).values():
        while await forget():
            pass
    await vacuum(administrator)
    async with administrator.connect() as connection:
        alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
        for statement in ("SET statement_timeout = 0", "CHECKPOINT", "RESET statement_timeout"):
            await alone.execute(text(statement))
