"""Fixtures that every storey may use: real servers, and the stack of services on them. How tests run in parallel.

What only workers need is imported where it is used: they start when the process that shares tests out has loaded this.
"""

import tests.support.bytecode  # noqa: F401  # before all that it lets be kept

# isort: split
import gc
import os
import signal
from collections.abc import AsyncIterator, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from tests.support import deadlines, parallel, thorough_modules

if TYPE_CHECKING:
    from tests.support.stack.running import RunningStack
    from tests.support.stack.servers import Servers

WITHOUT_SERVERS = ("tests/unit", "tests/contracts")
MOST_WORKERS = 6
"""Each worker runs servers and a stack of its own, which take about a gigabyte."""


@pytest_asyncio.fixture(scope="session")
async def servers(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> AsyncIterator["Servers"]:
    """Yield PostgreSQL and RabbitMQ, each with an empty database or vhost ``practio``; print their backing."""
    from tests.support.stack.backing import servers_of

    from practio_operator.stack.backing import choose_backing

    backing, reason = choose_backing()
    if not hasattr(request.config, "workerinput"):
        request.config.get_terminal_writer().line(f"\nservers: {backing}, because {reason}")
    async with servers_of(backing, tmp_path_factory.mktemp("servers"), fsync=False) as found:
        yield found


@pytest_asyncio.fixture(scope="session")
async def stack(servers: "Servers", tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator["RunningStack"]:
    """Yield all services, running as processes on real servers, with short delays of retrying."""
    from tests.support.stack.running import running_stack

    async with running_stack(servers, tmp_path_factory.mktemp("services")) as found:
        yield found


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Run two workers more than there are cores if tests on servers run, which wait; on external servers run none."""
    cores = os.cpu_count() or 1
    if not _is_on_servers(config):
        return min(cores, MOST_WORKERS)
    from practio_operator.stack.backing import choose_backing

    backing, _ = choose_backing()
    return 0 if backing == "external" else min(cores + 2, MOST_WORKERS)


def _is_on_servers(config: pytest.Config) -> bool:
    """Return whether any test of this run may need servers."""
    return not all(each.startswith(WITHOUT_SERVERS) for each in config.args)


def _only_shares_out(config: pytest.Config) -> bool:
    """Return whether this process runs no test itself: its workers start once it has loaded what it needs."""
    return bool(config.getoption("numprocesses", None)) and not hasattr(config, "workerinput")


def pytest_report_header(config: pytest.Config) -> str | None:
    """State which servers a parallel run uses: workers print nothing."""
    if not _only_shares_out(config) or not _is_on_servers(config):
        return None
    from practio_operator.stack.backing import choose_backing

    return "servers: {}, since {}".format(*choose_backing())


def pytest_configure(config: pytest.Config) -> None:
    """Keep each process to ports of its own, and let it fork programs; draw more examples if thorough tests run too.

    End on SIGTERM in order.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets it be ignored in the background
    signal.signal(signal.SIGTERM, lambda *_: os.kill(os.getpid(), signal.SIGINT))  # so that fixtures end
    if _only_shares_out(config):
        return
    from tests.support import thorough
    from tests.support.stack import forked

    forked.allow()
    thorough.decide(is_thorough=config.option.markexpr != "not thorough")
    parallel.keep_to_own_ports()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out modules that are thorough as a whole in a run without thorough tests: to import them takes long."""
    return True if config.option.markexpr == "not thorough" and thorough_modules.is_thorough(collection_path) else None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Let the garbage collector rest during collection; afterwards it passes over what stays, and works seldom."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(1_500_000, 5, 5)
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Let the garbage collector pass over what is left: pytest calls it five times at the end, which takes seconds."""
    gc.freeze()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> parallel.Scheduler:
    """Keep the tests of one group together."""
    return parallel.Scheduler(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Set a longer deadline for tests on real servers; share all tests out among the workers, by groups."""
    deadlines.extend_those_on_servers(items)
    if hasattr(config, "workerinput"):
        parallel.order(items)


@pytest.hookimpl(wrapper=True)
def pytest_timeout_set_timer() -> Generator[None, bool, bool]:
    """Repeat every deadline that is not met."""
    found = yield
    deadlines.repeat()
    return found


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    """Set a deadline for the fixtures of a test."""
    with deadlines.deadline(item, deadlines.FIXTURE_SECONDS):
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """Set a deadline for the end of a test's fixtures."""
    with deadlines.deadline(item, deadlines.FIXTURE_SECONDS):
        return (yield)
