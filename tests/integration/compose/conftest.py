"""The stack on Docker: as for development, up once for all of these tests, and as for production, once for a module."""

import shutil
from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio
from tests.integration.compose.docker_stack import KINDS, DockerStack
from tests.integration.compose.production import FILES, Production
from tests.support.clients.outside import OutsideSystem

from practio_operator.stack import engine
from practio_operator.stack.home import Home


@pytest_asyncio.fixture(scope="package")
async def docker_stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DockerStack]:
    """Yield a stack in containers; at the end it is down, and no container, network or volume is left of it."""
    if missing := engine.missing_for_docker():
        pytest.skip(f"Compose cannot be tried here: {missing}")
    found = DockerStack(Home(tmp_path_factory.mktemp("docker")))
    try:
        await found.practio("up", "--gateway")
        yield found
    finally:
        await found.practio("down")
    assert {kind: await found.left(kind) for kind in KINDS} == {kind: [] for kind in KINDS}


@pytest_asyncio.fixture
async def outside(docker_stack: DockerStack) -> AsyncIterator[OutsideSystem]:
    """Yield the outside system of that stack."""
    async with docker_stack.outside() as found:
        yield found


@pytest.fixture(scope="module")
def files() -> Sequence[str]:
    """Return the Compose files of an installation for production; a module about other files overrides it."""
    return FILES


@pytest_asyncio.fixture(scope="module")
async def production(files: Sequence[str], tmp_path_factory: pytest.TempPathFactory) -> Production:
    """Return an installation that is settled and does not run."""
    if not shutil.which("docker"):
        pytest.skip("there is no docker here, not even one without an engine")
    return await Production.settle(tmp_path_factory.mktemp("secrets"), files=files)


@pytest_asyncio.fixture(scope="module")
async def running(production: Production) -> AsyncIterator[Production]:
    """Yield the installation up, and down again with its data at the end."""
    if missing := engine.missing_for_docker():
        pytest.skip(f"Compose cannot be tried here: {missing}")
    try:
        await production.compose("up", "--build", "--detach", "--wait", "--wait-timeout", "240")
        yield production
    finally:
        await production.compose("down", "--volumes", "--remove-orphans")
