"""A restored schema is fit for queries at once: PostgreSQL knows what is in its tables."""

from pathlib import Path

import pytest
from tests.support.clients.restoring import backs_up, restores, stopped
from tests.support.stack.running import RunningStack

from practio_contracts.catalogue import SERVICES
from practio_operator.provisioning.database import administering

pytestmark = pytest.mark.thorough

KNOWN = "SELECT DISTINCT schemaname FROM pg_stats WHERE schemaname = ANY($1)"


async def test_restored_tables_are_analysed(stack: RunningStack, tmp_path: Path) -> None:
    await backs_up(stack, str(tmp_path / "kept"))
    async with stopped(stack, *SERVICES):
        await restores(stack, str(tmp_path / "kept"), "--replace")
        async with administering(stack.target) as connection:
            assert {row["schemaname"] for row in await connection.fetch(KNOWN, list(SERVICES))} == set(SERVICES)
