"""A primary and its standby without containers: the pair of ``deploy/compose.database-standby.yaml``."""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import asyncpg
from tests.support.eventually import eventually
from tests.support.faults.server_control import START_SECONDS, ServerControl
from tests.support.parallel import one_at_a_time
from tests.support.stack.database_node import Node, Surroundings, a_node
from tests.support.stack.native import managed
from tests.support.stack.servers import Servers

from practio_operator.stack.accounts import server_data
from practio_operator.stack.database import ensure_database
from practio_operator.stack.home import Home
from practio_operator.stack.native import PrivateServers, private_servers, server_accounts
from practio_operator.stack.ports import free_ports
from practio_operator.stack.postgres import Postgres
from practio_operator.stack.processes import end_leftovers
from practio_operator.stack.stack import Backing, StackConfig

FIRST, SECOND = "database", "database-standby"


@dataclass(frozen=True)
class DatabasePair:
    """Two databases; ``first`` is the primary at the beginning."""

    first: Node
    second: Node

    @property
    def url(self) -> str:
        """Return the administrator's URL of whichever is the primary."""
        hosts = f"{self.first.address},{self.second.address}"
        return self.first.url.replace(self.first.address, hosts)

    async def primary(self) -> Node:
        """Return the node that leads. Fail if none or both do."""
        leading = [each for each in (self.first, self.second) if await each.leads()]
        assert len(leading) == 1, f"{[each.name for each in leading]} lead"
        return leading[0]

    async def answers(self) -> bool:
        """Return whether there is a primary."""
        return await self.first.leads() or await self.second.leads()

    def other(self, node: Node) -> Node:
        """Return the other of the two."""
        return self.second if node is self.first else self.first

    async def begins(self) -> None:
        """Start the primary, make its database, and let the standby copy everything."""
        self.first.process.start()
        await eventually(self.first.postgres.is_ready, within=START_SECONDS, message=self.first.process.tail)
        await ensure_database(self.first.url)
        self.second.process.environment["FOLLOWS"] = "yes"
        self.second.process.start()
        await self.follows(self.second)

    async def replicates(self, *, synchronously: bool) -> Node:
        """Let the primary, started again, wait for its standby with each commit, or not; return it."""
        primary = await self.primary()
        primary.process.stop()
        primary.process.environment["SYNCHRONOUS"] = "on" if synchronously else "off"
        primary.process.start()
        await self._leads(primary)
        await self.follows(self.other(primary), "sync" if synchronously else "async")
        return primary

    async def rejoins(self, node: Node) -> None:
        """Let an old primary, which is stopped, follow the other one."""
        await node.does("rejoin")
        node.process.start()
        await self.follows(node)

    async def follows(self, node: Node, *kinds: str) -> None:
        """Wait until a node is the standby of the other one, of one of these kinds: sync, async (by default of any)."""
        wanted = [(node.name.replace("-", "_"), kind) for kind in kinds or ("sync", "async")]

        async def is_there() -> bool:
            return await self.other(node).follower() in wanted

        await eventually(is_there, within=START_SECONDS, message=lambda: f"{wanted} follows\n{node.process.tail()}")
        await self.has_all(node)

    async def has_all(self, standby: Node) -> datetime:
        """Wait until a standby has all that its primary has committed by now; return the instant of its last commit."""
        end = await self.other(standby).asked("SELECT pg_current_wal_lsn()::text")

        async def reached() -> bool:
            try:
                return bool(await standby.asked(f"SELECT pg_last_wal_replay_lsn() >= '{end}'"))
            except (OSError, asyncpg.PostgresError):
                return False  # it is still starting

        missing = f"{standby.name} has all until {end}"
        await eventually(reached, within=30, message=lambda: f"{missing}\n{standby.process.tail()}")
        last: datetime = await standby.asked("SELECT pg_last_xact_replay_timestamp()")
        return last

    async def is_behind(self, standby: Node) -> None:
        """Let nothing more reach a standby, for as long as its primary runs: who sends is frozen (SIGSTOP)."""
        sender = await self.other(standby).asked("SELECT pid FROM pg_stat_replication")
        os.kill(sender, signal.SIGSTOP)

    async def _leads(self, node: Node) -> None:
        await eventually(node.leads, within=START_SECONDS, message=lambda: f"{node.name} leads\n{node.process.tail()}")

    def start(self) -> None:
        """Start what does not run."""
        for each in (self.first, self.second):
            if not each.process.runs:
                each.process.start()

    def stop(self) -> None:
        """Stop both."""
        for each in self._running():
            each.process.stop()

    def kill(self) -> None:
        """Kill both."""
        for each in self._running():
            each.process.kill()

    def _running(self) -> list[Node]:
        return [each for each in (self.first, self.second) if each.process.runs]


@asynccontextmanager
async def servers_with_a_pair(folder: Path, around: Surroundings) -> AsyncIterator[tuple[Servers, DatabasePair]]:
    """Yield fresh servers, of which the database is a pair; their logs are in ``folder``. They are gone at the end."""
    async with _places(folder) as (home, servers), a_pair(servers.postgres, around, home) as pair:
        broker = managed(await asyncio.to_thread(servers.rabbitmq.prepare), home)
        broker.start()
        try:
            yield (
                await Servers(
                    backing=Backing.NATIVE,
                    urls=replace(servers.urls, database_url=pair.url),
                    broker=ServerControl("broker", broker, servers.rabbitmq.is_ready),
                    database=ServerControl("database", pair, pair.answers),
                ).ready(),
                pair,
            )
        finally:
            broker.kill()


@asynccontextmanager
async def databases_alone(folder: Path, around: Surroundings) -> AsyncIterator[DatabasePair]:
    """Yield a pair without a broker; its logs are in ``folder``."""
    async with _places(folder) as (home, servers), a_pair(servers.postgres, around, home) as pair:
        yield pair


@asynccontextmanager
async def _places(folder: Path) -> AsyncIterator[tuple[Home, PrivateServers]]:
    home = Home(folder)
    data = server_data(home, server_accounts())
    decided = StackConfig.new(Backing.NATIVE)
    try:
        with one_at_a_time():  # the first to come may install them
            servers = private_servers(data, decided.ports, decided.secrets)
        yield home, servers
    finally:
        end_leftovers(home)
        shutil.rmtree(data)


@asynccontextmanager
async def a_pair(postgres: Postgres, around: Surroundings, home: Home) -> AsyncIterator[DatabasePair]:
    """Yield a primary with these data and its standby beside it."""
    postgres = replace(postgres, password=around.password or postgres.password)
    await asyncio.to_thread(postgres.prepare)
    other = replace(postgres, port=free_ports(1)[0], data=postgres.data.with_name(f"{postgres.data.name}-standby"))
    pair = DatabasePair(
        a_node(postgres, name=FIRST, peer=SECOND, peer_port=other.port, around=around, home=home),
        a_node(other, name=SECOND, peer=FIRST, peer_port=postgres.port, around=around, home=home),
    )
    try:
        await pair.begins()
        yield pair
    finally:
        pair.kill()
