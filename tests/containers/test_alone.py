"""One part by its own compose files, in production: over TLS, with its secrets in files."""

import pytest
from tests.integration.compose.dock import docker
from tests.integration.compose.production import Production
from tests.support.eventually import eventually

from practio_operator.stack.services import is_ready
from practio_operator.stack.stack import OURS


@pytest.mark.parametrize("part", OURS)
async def test_a_part_by_its_own_compose_files_becomes_ready_over_tls(running: Production, part: str) -> None:
    alone = running.alone(part)
    await running.compose("stop", part)
    try:
        container = await alone.up("alone")
        await eventually(lambda: is_ready(alone.url), within=60, saying=part)
        told = await docker("container", "inspect", container)
        assert not any(path.read_text().strip() in told for path in running.secrets.iterdir())
    finally:
        await alone.down()
        await running.compose("start", part)
