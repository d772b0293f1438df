"""The statements that the service sends to PostgreSQL, and their query plans."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from tests.integration.membership.membership_service import MembershipService

Statement = tuple[str, tuple[Any, ...]]


@contextmanager
def statements(membership: MembershipService) -> Iterator[list[Statement]]:
    """Yield every statement that the service sends while the block runs, with its values."""
    statements_run: list[Statement] = []

    def note(_: object, __: object, statement: str, values: tuple[Any, ...], *___: object) -> None:
        statements_run.append((statement, values))

    event.listen(membership.pool.sync_engine, "before_cursor_execute", note)
    try:
        yield statements_run
    finally:
        event.remove(membership.pool.sync_engine, "before_cursor_execute", note)


async def all_use_an_index(membership: MembershipService, statements_run: Sequence[Statement]) -> None:
    """See that no statement about people reads the whole table, and that each has an index."""
    about_people = [
        each for each in statements_run if "FROM membership" in each[0] or "membership.person_id" in each[0]
    ]
    assert about_people
    async with membership.pool.connect() as connection:
        for statement, values in about_people:
            explained = await connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values)
            [[plan]] = [json.loads(row[0]) if isinstance(row[0], str) else row[0] for row in explained]
            reads = [node for node in nodes(plan["Plan"]) if node.get("Relation Name") == "membership"]
            indexes = [node for node in nodes(plan["Plan"]) if str(node.get("Index Name")).startswith("membership_")]
            assert indexes, (statement, plan)
            assert not [node for node in reads if node["Node Type"] == "Seq Scan"], (statement, plan)


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a plan's node and all below it."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)
