"""Messages that are handled alone, since they were delivered too often: how often the service ended meanwhile.

Whatever a process has in hand when it ends is delivered again, so the number of deliveries does not tell which message
is at fault. An attempt is written before its message is handled, in a transaction of its own, and deleted after it: one
that is found was the last thing that a process did.
"""

from collections.abc import Sequence

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import Key
from practio_chassis.database.sql import one_of_rows
from practio_chassis.database.tables import ChassisTables


async def begin(session: AsyncSession, tables: ChassisTables, key: Key) -> int:
    """Count an attempt to handle a message; return how many there were before, each of which ended the service."""
    alone = tables.handled_alone
    account, source, identity = key
    first = upsert(alone).values(account=account, source=source, id=identity, attempts=1)
    counted = first.on_conflict_do_update(
        index_elements=["account", "source", "id"], set_={"attempts": alone.c.attempts + 1}
    )
    number: int = (await session.execute(counted.returning(alone.c.attempts))).scalar_one()
    return number - 1


async def end(session: AsyncSession, tables: ChassisTables, keys: Sequence[Key]) -> None:
    """Forget the attempts of messages that the service survived."""
    alone = tables.handled_alone
    await session.execute(delete(alone).where(one_of_rows((alone.c.account, alone.c.source, alone.c.id), keys)))
