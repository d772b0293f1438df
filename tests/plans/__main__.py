"""`make plans`: fills three databases, runs queries, loops and batches, and fails where a big table is read whole."""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.plans.chassis_cases import chassis_work
from tests.plans.explained import Explained, explaining
from tests.plans.filled import WHOLE, Scale, fill
from tests.plans.filled_chassis import BACKLOG
from tests.plans.filled_service import Case, FilledService
from tests.plans.service_cases import forgetting_by_table, loops, queries
from tests.support import parallel
from tests.support.stack.backing import servers_of
from tests.support.stack.databases import migrated_database
from tests.support.stack.servers import Servers

import practio_membership.app
import practio_notifications.app
import practio_rooms.app
from practio_chassis.database import engine
from practio_chassis.service import Service
from practio_operator.stack.backing import choose_backing

SERVICES = (practio_membership.app.SERVICE, practio_rooms.app.SERVICE, practio_notifications.app.SERVICE)
MOST_ROWS = 20_000
"""Rows of one table that a statement may look at; a table with more is big, and is not read as a whole."""

EXPECTED = {
    **{
        (f"{each.name}: dead letters, look", "forgotten"): "counts the erased, narrow rows: 30,000 in 5 ms, every 15 s"
        for each in SERVICES
    },
    **{
        (f"{each.name}: chassis retention, {number}: {table}", table): "empty on a good day, and read once an hour"
        for each in SERVICES
        for number, table in ((1, "retried"), (2, "handled_alone"))
    },
    **{
        (f"{each.name}: relay, all subjects wait", "outbox"): "all rows, a microsecond each, each second, while the "
        "broker takes nothing at all: the service is not ready"
        for each in SERVICES
    },
    **{(f"{each.name}: timers set aside", "timer"): "all timers, once an hour" for each in SERVICES},
    ("membership: gauges of membership", "room"): "sums over all rooms: less often the longer it takes",
    ("membership: sweep", "room"): "all rooms with somebody on the waitlist",
    ("membership: sweep", "membership"): "all requests that wait, by the rules of their rooms, every five minutes",
    **{
        ("rooms: sweep", table): "all published rooms and those that are looked after, every five minutes"
        for table in ("room", "room_care")
    },
    **{
        ("rooms: sweep", table): "all series beside their timers, narrow rows, every five minutes"
        for table in ("series", "timer")
    },
    ("rooms: search-rooms, a word in every room", "room"): "the best match is found among all that match",
    **{
        (f"rooms: report-rooms, of a sponsor by {by}", table): "sums over a year of ten thousand rooms"
        for by in ("room", "month", "format")
        for table in ("room_month", "lot")
    },
    (
        "notifications: gauges of notifications",
        "suppression",
    ): "counts all suppressed addresses: less often the longer it takes",
}
"""Reads of many rows that are known, with the reason."""


@dataclass(frozen=True)
class MeasuredCase:
    """A case and the plans of its statements."""

    name: str
    plans: list[Explained]
    big: frozenset[str]

    @property
    def slowest(self) -> Explained | None:
        """Return the statement that took longest, None if there was none."""
        return max(self.plans, key=lambda each: each.milliseconds, default=None)

    def faults(self) -> Iterator[str]:
        """Yield a sentence for each read of a big table as a whole, or of too many rows, that is not expected."""
        if not self.plans:
            yield f"{self.name}: it ran no statement"
        for plan in self.plans:
            for read in plan.reads():
                as_a_whole = read.how == "Seq Scan" and read.table in self.big and read.rows > 1  # one: is there any?
                if (as_a_whole or read.rows > MOST_ROWS) and (self.name, read.table) not in EXPECTED:
                    yield f"{self.name}: {read.how} of {read.rows:,} rows of {read.table}: {plan.statement[:300]}"


def main() -> None:
    """Do what the command line says; exit with 1 if a plan is not as it must be."""
    scale = _scale()
    parallel.keep_to_own_ports()
    with tempfile.TemporaryDirectory(prefix="practio-plans-") as folder:
        faults = asyncio.run(_run(scale, Path(folder)))
    sys.exit(1 if faults else 0)


def _scale() -> Scale:
    parser = argparse.ArgumentParser(
        prog="make plans",
        description="Fill the three schemas, and run queries, loops and batches with EXPLAIN (ANALYZE, BUFFERS).",
        epilog='With make, give options as ARGS: make plans ARGS="--scale 0.1"',
    )
    parser.add_argument("--letters", type=int, default=WHOLE.letters, help="letters (default: %(default)s)")
    parser.add_argument("--memberships", type=int, default=WHOLE.memberships, help="memberships (default: %(default)s)")
    parser.add_argument("--rooms", type=int, default=WHOLE.rooms, help="rooms (default: %(default)s)")
    parser.add_argument("--scale", type=float, default=1.0, help="a part of all these; 0.02 takes a minute")
    wanted = parser.parse_args()
    return Scale(wanted.letters, wanted.memberships, wanted.rooms).times(wanted.scale)


async def _run(scale: Scale, folder: Path) -> list[str]:
    backing, reason = choose_backing()
    aside = Console(stderr=True)
    aside.print(f"servers: {backing}, since {reason}")
    async with servers_of(backing, folder) as servers:
        measured = [each for service in SERVICES for each in await _measure(service, servers, scale, aside)]
    _show(measured, scale)
    faults = [fault for each in measured for fault in each.faults()]
    for fault in faults:
        print(f"NOT AS IT MUST BE: {fault}")
    return faults


async def _measure(service: Service, servers: Servers, scale: Scale, aside: Console) -> list[MeasuredCase]:
    async with migrated_database(servers, service) as url:
        begun = time.monotonic()
        await fill(url, service.name, scale, further=BACKLOG)
        aside.print(f"{service.name}: filled in {time.monotonic() - begun:.0f} s")
        pool = engine.engine(url, service=service.name, patience=None)
        part = FilledService(service, pool, scale)
        cases, big = await _cases(part), await _big_tables(pool)
        measured = []
        for name, case in cases.items():
            with explaining(pool) as plans:
                await case()
            measured.append(MeasuredCase(f"{service.name}: {name}", list(plans.taken), big))
        await pool.dispose()
    return measured


async def _big_tables(pool: AsyncEngine) -> frozenset[str]:
    statement = text("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > :most")
    async with pool.connect() as connection:
        return frozenset((await connection.execute(statement, {"most": MOST_ROWS})).scalars())


async def _cases(part: FilledService) -> dict[str, Case]:
    asked = await queries(part)
    if missing := set(part.service.queries) - {type(query) for query, _ in asked.values()}:
        raise AssertionError(f"queries without a case: {missing}")
    answers: dict[str, Case] = {name: partial(part.ask, query, by) for name, (query, by) in asked.items()}
    return answers | loops(part) | forgetting_by_table(part) | chassis_work(part)


def _show(measured: list[MeasuredCase], scale: Scale) -> None:
    table = Table(title=f"{scale.letters:,} letters, {scale.memberships:,} memberships, {scale.rooms:,} rooms")
    table.add_column("what")
    for heading in ("statements", "ms in all", "slowest ms", "its rows", "its pages", "most rows of a table"):
        table.add_column(heading, justify="right")
    for each in measured:
        slowest = each.slowest
        most = max((read.rows for plan in each.plans for read in plan.reads()), default=0)
        table.add_row(
            each.name,
            str(len(each.plans)),
            f"{sum(plan.milliseconds for plan in each.plans):.1f}",
            f"{slowest.milliseconds:.1f}" if slowest else "-",
            f"{slowest.rows:,}" if slowest else "-",
            f"{slowest.pages:,}" if slowest else "-",
            f"{most:,}",
        )
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
