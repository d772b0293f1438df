"""`make bench`: starts servers and services of its own, measures, prints the figures, leaves nothing behind."""

import argparse
import asyncio
import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from tests.bench import (
    aims,
    figures,
    large_figures,
    large_rooms,
    latency,
    latency_figures,
    letter_figures,
    letters,
    page_figures,
    pages,
    scale,
    scale_figures,
    search_figures,
    shards,
)
from tests.bench.aims import Verdict
from tests.bench.mail_sink import open_mail_sink
from tests.bench.measure import Progress as Moves
from tests.bench.page_rooms import a_scene
from tests.bench.rounds import Bench
from tests.bench.searches import SEARCHES, time_searches
from tests.plans.filled import WHOLE
from tests.support.stack.backing import servers_of
from tests.support.stack.running import running_stack
from tests.support.stack.servers import Servers

from practio_operator.stack.backing import choose_backing
from practio_operator.stack.ports import free_ports
from practio_operator.stack.stack import Backing

ALL = "all"

Begin = Callable[[str, int], Moves]
"""Begins a progress bar with this name and length, and returns the function that advances it."""


@dataclass(frozen=True)
class BenchReport:
    """The measured values for programs, the function that prints them for people, and the verdicts on the aims."""

    values: dict[str, Any]
    show: Callable[[Console], None]
    verdicts: Sequence[Verdict]


def main() -> None:
    """Measure the parts that the command line names, one after the other, and print the figures."""
    wanted = _parser().parse_args()
    backing, reason = choose_backing()
    aside = Console(stderr=True)
    aside.print(f"servers: {backing}, since {reason}")
    parts = list(PARTS) if wanted.part == ALL else [wanted.part]
    reports = [_measured(part, wanted, backing, aside) for part in parts]
    verdicts = [verdict for report in reports for verdict in report.verdicts]
    if wanted.json:
        values = {name: value for report in reports for name, value in report.values.items()}
        print(json.dumps({"backing": backing, **values, "aims": aims.as_json(verdicts)}, indent=2))
        return
    console = Console()
    console.print(f"servers: {backing}")
    for report in reports:
        report.show(console)
    aims.show(verdicts, console)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make bench",
        description="Join requests and approvals through all services, from publish to the last event, beside a bare "
        "aio-pika and asyncpg loop (one message, one transaction of four inserts, one confirmed publish, ack) on the "
        "same servers. Or large rooms: 10,000 people waiting, 5,000 pending, and single commands in other rooms "
        "meanwhile. Or searches among 100,000 rooms, beside the read of one row by its key. Or letters due at once, "
        "sent over eight connections, beside bare aiosmtplib loops that build them with the standard library, or send "
        "ready-made ones. Or the time until a single letter is in the mail server. Or pages of a room with 10,000 "
        "people and of a person with 500 rooms, beside a page that asks nothing of the services. Or requests whose "
        "commands are spread over shards and instances of membership. Or a big installation beside a small one: "
        "requests, loops, start-up, memory, backup and restore; this takes half an hour or more, and 30 GB of disk. At "
        "the end, the aims, and whether they are reached.",
        epilog='With make, give options as ARGS: make bench ARGS="--part large-rooms --rounds 5 --json"',
    )
    parser.add_argument(
        "--part", choices=[*PARTS, ALL], default="requests", help="what to measure (default: %(default)s)"
    )
    parser.add_argument("--messages", type=int, default=5_000, help="messages a run (default: %(default)s)")
    parser.add_argument("--rooms", type=int, default=500, help="rooms to spread them over (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of all loads (default: %(default)s)")
    parser.add_argument(
        "--times", type=int, default=200, help="times of each search, page or letter (default: %(default)s)"
    )
    parser.add_argument("--letters", type=int, default=10_000, help="letters due at once (default: %(default)s)")
    parser.add_argument(
        "--scale",
        type=float,
        default=1.0,
        help=f"a part of the big installation's {WHOLE.memberships:,} memberships, {WHOLE.rooms:,} rooms and "
        f"{WHOLE.letters:,} letters; 0.02 takes minutes (default: %(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return parser


def _measured(part: str, wanted: argparse.Namespace, backing: Backing, aside: Console) -> BenchReport:
    """Measure a part on servers of its own."""
    with tempfile.TemporaryDirectory(prefix="practio-bench-") as folder:
        return asyncio.run(_report(part, wanted, backing, Path(folder), aside))


async def _report(part: str, wanted: argparse.Namespace, backing: Backing, folder: Path, aside: Console) -> BenchReport:
    async with servers_of(backing, folder) as servers:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=aside) as bars:

            def begin(name: str, total: int) -> Moves:
                bar = bars.add_task(name, total=total)
                if not aside.is_terminal:  # bars would be shown at the end alone
                    aside.print(f"{datetime.now(UTC):%H:%M:%S} {name}")
                return lambda count: bars.advance(bar, count)

            return await PARTS[part](wanted, servers, folder, begin)


async def _requests(wanted: argparse.Namespace, servers: Servers, folder: Path, begin: Begin) -> BenchReport:
    async with running_stack(servers, folder) as stack:
        bench = Bench(stack, wanted.messages, wanted.rooms, wanted.rounds)
        results = await bench.run(folder, lambda name: begin(name, wanted.messages))
    return BenchReport(figures.as_json(results), partial(figures.show, results), figures.verdicts(results))


async def _large_rooms(wanted: argparse.Namespace, servers: Servers, folder: Path, begin: Begin) -> BenchReport:
    async with running_stack(servers, folder) as stack:
        rounds = [await large_rooms.a_round(stack, folder, begin) for _ in range(wanted.rounds)]
    return BenchReport(
        large_figures.as_json(rounds), partial(large_figures.show, rounds), large_figures.verdicts(rounds)
    )


async def _searches(wanted: argparse.Namespace, servers: Servers, _folder: Path, begin: Begin) -> BenchReport:
    move = begin("searches", wanted.times * (1 + len(SEARCHES)))
    found = await time_searches(servers, wanted.times, lambda: move(1))
    return BenchReport(
        search_figures.as_json(found), partial(search_figures.show, found), search_figures.verdicts(found)
    )


async def _letters(wanted: argparse.Namespace, servers: Servers, folder: Path, begin: Begin) -> BenchReport:
    with open_mail_sink(free_ports(1)[0]) as sink:
        async with running_stack(servers, folder) as stack:
            sample = await letters.a_sample(stack)
            async with letters.sending_to(stack, sink):
                rounds = [
                    await letters.a_round(stack, sink, folder, sample, wanted.letters, begin)
                    for _ in range(wanted.rounds)
                ]
    return BenchReport(
        letter_figures.as_json(rounds), partial(letter_figures.show, rounds), letter_figures.verdicts(rounds)
    )


async def _latency(wanted: argparse.Namespace, servers: Servers, folder: Path, begin: Begin) -> BenchReport:
    async with running_stack(servers, folder) as stack:
        rounds = [await latency.a_round(stack, wanted.times, begin) for _ in range(wanted.rounds)]
    return BenchReport(
        latency_figures.as_json(rounds), partial(latency_figures.show, rounds), latency_figures.verdicts(rounds)
    )


async def _pages(wanted: argparse.Namespace, servers: Servers, folder: Path, begin: Begin) -> BenchReport:
    async with running_stack(servers, folder) as stack:
        scene = await a_scene(stack, begin)
        opened = wanted.times * (1 + len(pages.addresses(stack, scene)))
        rounds = [
            await pages.a_round(stack, scene, wanted.times, begin(f"round {number}: pages", opened))
            for number in range(1, wanted.rounds + 1)
        ]
    return BenchReport(page_figures.as_json(rounds), partial(page_figures.show, rounds), page_figures.verdicts(rounds))


async def _shards(wanted: argparse.Namespace, servers: Servers, folder: Path, begin: Begin) -> BenchReport:
    async with running_stack(servers, folder) as stack:
        rounds = [
            await shards.a_round(stack, wanted.messages, wanted.rooms, begin(f"round {number}", wanted.messages * 4))
            for number in range(1, wanted.rounds + 1)
        ]
    return BenchReport(shards.as_json(rounds), partial(shards.show, rounds), [])


async def _scale(wanted: argparse.Namespace, servers: Servers, folder: Path, begin: Begin) -> BenchReport:
    async with running_stack(servers, folder) as stack:
        big = WHOLE.times(wanted.scale)
        found = await scale.measured(
            stack, folder, big, messages=wanted.messages, rooms=wanted.rooms, rounds=wanted.rounds, begin=begin
        )
    return BenchReport(scale_figures.as_json(found), partial(scale_figures.show, found), scale_figures.verdicts(found))


PARTS = {
    "requests": _requests,
    "large-rooms": _large_rooms,
    "searches": _searches,
    "letters": _letters,
    "latency": _latency,
    "pages": _pages,
    "shards": _shards,
    "scale": _scale,
}

main()
