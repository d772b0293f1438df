"""Installations of different sizes, each in a database of its own, on which the same services work by turns."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, redirect_stdout
from dataclasses import dataclass, field, replace
from io import StringIO
from urllib.parse import urlsplit

import asyncpg
import psutil
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.bench.at_rest import settle
from tests.bench.costs import Costs
from tests.bench.measure import Progress, Run
from tests.bench.rounds import DRAIN_SECONDS, drained
from tests.plans.filled import Scale, fill
from tests.plans.filled_service import FilledService
from tests.plans.service_cases import loops
from tests.support.eventually import eventually
from tests.support.stack.databases import migrate_here
from tests.support.stack.logins import database_of
from tests.support.stack.running import OUTSIDE, RunningStack

import practio_membership.app
import practio_notifications.app
import practio_rooms.app
from practio_chassis.database import engine
from practio_chassis.service import Service
from practio_operator.provisioning.provision import provision
from practio_operator.provisioning.target import ProvisionTarget

SERVICES = (practio_rooms.app.SERVICE, practio_membership.app.SERVICE, practio_notifications.app.SERVICE)
PASSES = 5

_LEFT = "SELECT " + " + ".join(f"(SELECT count(*) FROM {service.name}.outbox)" for service in SERVICES)
_MAY_ACT_AS_SYSTEM = "INSERT INTO {}.system_account (account) VALUES ($1) ON CONFLICT DO NOTHING"


@dataclass
class Installation:
    """An installation of a size, and what was measured of it.

    ``working_ms`` and ``resting_ms`` are the milliseconds of single passes of each loop, on data with much to do, and
    later on data with nothing to do. ``ready_seconds`` are those of each service from its start until it is ready,
    ``ready_work`` the CPU seconds that it used for that; ``idle_seconds`` are the CPU seconds of everything in a minute
    without requests; ``memory`` is the highest of each service, in MiB.
    """

    scale: Scale
    target: ProvisionTarget
    bytes: int = 0
    working_ms: dict[str, list[float]] = field(default_factory=dict)
    resting_ms: dict[str, list[float]] = field(default_factory=dict)
    ready_seconds: dict[str, list[float]] = field(default_factory=dict)
    ready_work: dict[str, list[float]] = field(default_factory=dict)
    idle_seconds: list[float] = field(default_factory=list)
    runs: dict[str, list[Run]] = field(default_factory=dict)
    costs: dict[str, list[Costs]] = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)

    def note_memory(self, stack: RunningStack) -> None:
        """Note the memory of each service now, if it is the highest so far."""
        for name, each in stack.services.items():
            used = psutil.Process(each.process.pid).memory_info().rss / 2**20
            self.memory[name] = max(used, self.memory.get(name, 0.0))


async def an_installation(stack: RunningStack, scale: Scale, database: str, progress: Progress) -> Installation:
    """Fill a database beside the stack's servers, time the loops on it, and leave it at rest; no service may run."""
    target = replace(stack.target, database=database)
    await provision(target)
    await migrate_here(target)
    made = Installation(scale, target)
    for service in SERVICES:
        url = _as_administrator(target, service)
        await fill(SecretStr(url), service.name, scale)
        progress(1)
        async with _pool(url, service) as administrator:
            async with _pool(database_of(target, service.name), service) as pool:
                part = FilledService(service, pool, scale)
                with redirect_stdout(StringIO()):  # what they log is not for readers of figures
                    await _time_loops(part, made.working_ms)
                    await settle(part, administrator)
                    await _time_loops(part, made.resting_ms)
            progress(1)
    async with _connected(target) as connection:
        for service in SERVICES:
            await connection.execute(_MAY_ACT_AS_SYSTEM.format(service.name), OUTSIDE)
        made.bytes = await connection.fetchval("SELECT pg_database_size(current_database())")
    return made


async def _time_loops(part: FilledService, found: dict[str, list[float]]) -> None:
    """Time some passes of each loop, one after the other; the first, in which much is new to a connection, not."""
    for name, once in loops(part).items():
        await once()
        taken = found[f"{part.service.name}: {name}"] = []
        for _ in range(PASSES):
            began = time.perf_counter()
            await once()
            taken.append((time.perf_counter() - began) * 1000)


async def let_services_work_on(stack: RunningStack, installation: Installation) -> None:
    """Start the services on an installation, one after the other, once they have left nothing undone on the other."""
    await stop_services(stack)
    for name, service in stack.services.items():
        service.process.environment["PRACTIO_DATABASE_URL"] = database_of(installation.target, name)
        began = time.perf_counter()
        await service.start()
        installation.ready_seconds.setdefault(name, []).append(time.perf_counter() - began)
        work = sum(psutil.Process(service.process.pid).cpu_times()[:4])
        installation.ready_work.setdefault(name, []).append(work)


async def stop_services(stack: RunningStack) -> None:
    """Stop the services that run, once all queues and outboxes are empty."""
    running = [each for each in stack.services.values() if each.process.runs]
    if running:
        await nothing_left(stack)
    await asyncio.gather(*(asyncio.to_thread(each.process.stop) for each in running))


async def nothing_left(stack: RunningStack) -> None:
    """Wait until the services have published and handled everything, in whichever database they work."""
    url = stack.services[SERVICES[0].name].process.environment["PRACTIO_DATABASE_URL"]
    database = urlsplit(url).path.lstrip("/")
    async with _connected(replace(stack.target, database=database)) as connection:

        async def published() -> bool:
            return not await connection.fetchval(_LEFT)

        await drained(stack)
        await eventually(published, within=DRAIN_SECONDS, message="the outboxes run empty", pause=0.5)
        await drained(stack)


@asynccontextmanager
async def _connected(target: ProvisionTarget) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(target.database_url, database=target.database)
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def _pool(url: str, service: Service) -> AsyncIterator[AsyncEngine]:
    pool = engine.engine(SecretStr(url), service=service.name, patience=None)
    try:
        yield pool
    finally:
        await pool.dispose()


def _as_administrator(target: ProvisionTarget, service: Service) -> str:
    parts = urlsplit(target.database_url)
    return parts._replace(path=f"/{target.database}", query=f"search_path={service.name}").geturl()
