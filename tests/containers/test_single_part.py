"""One part by its own compose files, in production: over TLS, with its secrets in files."""

import pytest
from tests.integration.compose.docker_stack import docker
from tests.integration.compose.production import Production
from tests.support.eventually import eventually

from practio_operator.stack.services import is_ready
from practio_operator.stack.stack import PARTS


@pytest.mark.parametrize("part", PARTS)
async def test_a_part_with_its_own_compose_files_becomes_ready_over_tls(running: Production, part: str) -> None:
    single_part = running.single_part(part)
    await running.compose("stop", part)
    try:
        container = await single_part.up("alone")
        await eventually(lambda: is_ready(single_part.url), within=60, message=part)
        inspected = await docker("container", "inspect", container)
        assert not any(path.read_text().strip() in inspected for path in running.secrets.iterdir())
    finally:
        await single_part.down()
        await running.compose("start", part)
