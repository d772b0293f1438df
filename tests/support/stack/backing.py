"""The servers of a test run, by their backing."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from tests.support.faults.server_control import ServerControl
from tests.support.stack import probes
from tests.support.stack.native import native_servers
from tests.support.stack.servers import Servers

from practio_operator.stack import external
from practio_operator.stack.database import ensure_database
from practio_operator.stack.stack import Backing


def servers_of(backing: Backing, folder: Path, *, fsync: bool = True) -> AbstractAsyncContextManager[Servers]:
    """Return the servers of a backing for as long as the context lasts; their logs go into ``folder``.

    Without ``fsync`` a PostgreSQL from the machine's programs does not wait for the disk.
    """
    match backing:
        case Backing.EXTERNAL:
            return _external_servers()
        case Backing.DOCKER:
            from tests.support.stack.containers import container_servers  # and Docker's client, for this alone

            return container_servers()
        case Backing.NATIVE:
            return native_servers(folder, fsync=fsync)


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
    await ensure_database(urls.database_url)
    yield await Servers(
        backing=Backing.EXTERNAL,
        urls=urls,
        broker=ServerControl("broker", NotOurs(), probes.broker_of(urls)),
        database=ServerControl("database", NotOurs(), probes.database_of(urls)),
    ).ready()
