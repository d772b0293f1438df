"""Over how many queues a service's commands are spread, in one row of its schema; how that number changes.

``wanted`` is what `practio provision` asks for, ``active`` by what number commands are spread now. While they differ,
the forwarder (``inbound/shards/forwarder.py``) lets the shards run dry: ``drained`` holds those that have. ``epoch``
rises with each forwarder that begins its work or a move, so that one that lost its queue can change nothing any more.
``queues`` is how many shard queues there are: those of earlier numbers stay until `practio provision` deletes them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Integer,
    MetaData,
    Table,
    cast,
    func,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql.dml import ReturningUpdate

TABLE = "sharding"


@dataclass(frozen=True, slots=True)
class ShardingRow:
    """The row: how commands are spread, and how a move to another number stands."""

    wanted: int
    active: int
    queues: int
    epoch: int
    drained: Sequence[int]


def sharding_table(metadata: MetaData) -> Table:
    """Add the table to a service's ``metadata``, and return it; the service's migrations create it with its row."""
    return Table(
        TABLE,
        metadata,
        Column("one", Boolean, CheckConstraint("one", name="sharding_one"), primary_key=True),
        Column("wanted", Integer, nullable=False),
        Column("active", Integer, nullable=False),
        Column("queues", Integer, nullable=False),
        Column("epoch", BigInteger, nullable=False),
        Column("drained", ARRAY(Integer), nullable=False, server_default=text("'{}'")),
    )


class Sharding:
    """Reads and changes the row, each time in a transaction of its own."""

    def __init__(self, metadata: MetaData, pool: AsyncEngine) -> None:
        self._table = metadata.tables[TABLE]
        self._pool = pool
        self._columns = [self._table.c[name] for name in ShardingRow.__slots__]

    async def read(self) -> ShardingRow:
        """Return the row."""
        async with self._pool.connect() as connection:
            return ShardingRow(*(await connection.execute(select(*self._columns))).one())

    async def begin(self) -> ShardingRow:
        """Begin a new epoch: who works in an earlier one can no longer end a move. Return the row."""
        spread = await self._change(self._update().values(epoch=self._table.c.epoch + 1, drained=_none()))
        assert spread is not None, "the migration inserts the row"
        return spread

    async def note_drained(self, epoch: int, shard: int) -> None:
        """Record that everything was handled that was in a shard when ``epoch`` marked its end."""
        drained = self._table.c.drained
        is_new = (self._table.c.epoch == epoch) & ~(literal(shard) == func.any(drained))
        await self._change(self._update().where(is_new).values(drained=func.array_append(drained, shard)))

    async def move(self, spread: ShardingRow) -> ShardingRow | None:
        """Spread commands over the wanted number from now on; return None if another epoch or number came between."""
        is_same = (self._table.c.epoch == spread.epoch) & (self._table.c.wanted == spread.wanted)
        return await self._change(self._update().where(is_same).values(active=spread.wanted, drained=_none()))

    def _update(self) -> ReturningUpdate[Any]:
        return update(self._table).returning(*self._columns)

    async def _change(self, change: ReturningUpdate[Any]) -> ShardingRow | None:
        async with self._pool.begin() as connection:
            row = (await connection.execute(change)).one_or_none()
        return None if row is None else ShardingRow(*row)


def _none() -> Any:
    return cast(literal([], ARRAY(Integer)), ARRAY(Integer))
