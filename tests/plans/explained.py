"""The plan of every statement that is executed, taken just before it, on the same rows; nothing of that stays."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine

_EXPLAIN = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "
_EXPLAINED = ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True)
class Explained:
    """A statement, its plan as it went, and how long it took, in milliseconds."""

    statement: str
    plan: dict[str, Any]
    milliseconds: float

    @property
    def rows(self) -> int:
        """Return how many rows came of it; a change counts what it changed."""
        changed = self.plan["Node Type"] == "ModifyTable" and self.plan.get("Plans")
        node = self.plan["Plans"][0] if changed else self.plan
        return int(node["Actual Rows"] * node["Actual Loops"])

    @property
    def pages(self) -> int:
        """Return how many pages of 8 kB it looked at."""
        return int(self.plan.get("Shared Hit Blocks", 0) + self.plan.get("Shared Read Blocks", 0))

    def reads(self) -> Iterator["Read"]:
        """Yield what it read of each table."""
        for node in _nodes(self.plan):
            if table := node.get("Relation Name"):
                removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
                rows = int((node["Actual Rows"] + removed) * node["Actual Loops"])
                yield Read(table, node["Node Type"], rows)


@dataclass(frozen=True)
class Read:
    """How a plan read a table, and how many rows it looked at, those that it passed over too."""

    table: str
    how: str
    rows: int


@dataclass
class Plans:
    """The plans that were taken."""

    taken: list[Explained] = field(default_factory=list)


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


@contextmanager
def explaining(pool: AsyncEngine) -> Iterator[Plans]:
    """Take the plan of every statement that runs on ``pool`` while the block lasts."""
    plans = Plans()

    def explain(connection: Connection, _cursor: object, statement: str, values: Any, *more: Any) -> None:
        if not statement.lstrip().startswith(_EXPLAINED):
            return
        aside = connection.connection.cursor()
        several = more[1]
        aside.execute("SAVEPOINT explained")
        aside.execute(_EXPLAIN + statement, values[0] if several else values)
        [[found]] = aside.fetchall()
        aside.execute("ROLLBACK TO SAVEPOINT explained")
        aside.close()
        [whole] = json.loads(found) if isinstance(found, str) else found
        plans.taken.append(Explained(" ".join(statement.split()), whole["Plan"], whole["Execution Time"]))

    event.listen(pool.sync_engine, "before_cursor_execute", explain)
    try:
        yield plans
    finally:
        event.remove(pool.sync_engine, "before_cursor_execute", explain)
