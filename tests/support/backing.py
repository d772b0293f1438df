"""Which servers a test run takes: PRACTIO_BACKING decides, else outside ones, containers, own ones, in this order."""

import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from tests.support import containers, probes
from tests.support.native import native_servers
from tests.support.servers import Servers
from tests.support.switch import Switch

from practio_operator.local import external


def choose() -> str:
    """Give ``external``, ``docker`` or ``native``."""
    forced = os.environ.get("PRACTIO_BACKING")
    if forced:
        return forced
    if external.is_given():
        return "external"
    return "docker" if containers.can_be_used() else "native"


def servers_of(backing: str, folder: Path) -> AbstractAsyncContextManager[Servers]:
    """Give the servers of a backing for as long as the context lasts; their logs go into ``folder``."""
    match backing:
        case "external":
            return _external_servers()
        case "docker":
            return containers.container_servers()
        case "native":
            return native_servers(folder)
    raise ValueError(f"PRACTIO_BACKING is external, docker or native, not {backing}")


class NotOurs:
    """The switch of a server that belongs to others: it is never touched."""

    def start(self) -> None:
        """Leave it as it is."""

    def stop(self) -> None:
        """Skip the test that wanted it."""
        pytest.skip("this server is not ours to take away")

    kill = stop


@asynccontextmanager
async def _external_servers() -> AsyncIterator[Servers]:
    urls = external.external_servers()
    await external.ensure_vhost(urls)
    yield await Servers(
        backing="external",
        urls=urls,
        broker=Switch("broker", NotOurs(), probes.broker_of(urls)),
        database=Switch("database", NotOurs(), probes.database_of(urls)),
    ).ready()
