"""`make bench`: starts servers and services of its own, measures, prints the figures, leaves nothing behind."""

import argparse
import asyncio
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from tests.bench import figures, large_figures, letter_figures, letters, page_figures, pages, search_figures
from tests.bench.large_rooms import a_round
from tests.bench.mail_sink import open_mail_sink
from tests.bench.measure import Progress as Moves
from tests.bench.page_rooms import a_scene
from tests.bench.rounds import Bench
from tests.bench.searches import SEARCHES, time_searches
from tests.support.stack.backing import servers_of
from tests.support.stack.running import running_stack
from tests.support.stack.servers import Servers

from practio_operator.stack.backing import choose_backing
from practio_operator.stack.ports import free_ports

Begin = Callable[[str, int], Moves]
"""Begins a progress bar with this name and length, and returns the function that advances it."""

Report = tuple[dict[str, Any], Callable[[Console], None]]
"""The measured values for programs, and the function that prints them for people."""


def main() -> None:
    """Run the parts that the command line names."""
    wanted = _parser().parse_args()
    with tempfile.TemporaryDirectory(prefix="practio-bench-") as folder:
        asyncio.run(_run(wanted, Path(folder)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make bench",
        description="Join requests through all services, from publish to the last event, beside a bare aio-pika "
        "and asyncpg loop (one message, one transaction of four inserts, one confirmed publish, ack) on the same "
        "servers. Or large rooms: 10,000 people waiting, 5,000 pending, and single commands in other rooms meanwhile. "
        "Or searches among 100,000 rooms, beside the read of one row by its key. Or letters due at once, sent over "
        "eight connections, beside a bare aiosmtplib loop that sends ready-made ones. Or pages of a room with 10,000 "
        "people and of a person with 500 rooms, beside a page that asks nothing of the services.",
        epilog='With make, give options as ARGS: make bench ARGS="--part large-rooms --rounds 5 --json"',
    )
    parser.add_argument("--part", choices=PARTS, default="requests", help="what to measure (default: %(default)s)")
    parser.add_argument("--messages", type=int, default=5_000, help="messages a run (default: %(default)s)")
    parser.add_argument("--rooms", type=int, default=500, help="rooms to spread them over (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of all loads (default: %(default)s)")
    parser.add_argument("--times", type=int, default=200, help="times of each search or page (default: %(default)s)")
    parser.add_argument("--letters", type=int, default=10_000, help="letters due at once (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return parser


async def _run(wanted: argparse.Namespace, folder: Path) -> None:
    backing, reason = choose_backing()
    aside = Console(stderr=True)
    aside.print(f"servers: {backing}, since {reason}")
    async with servers_of(backing, folder) as servers:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=aside) as bars:

            def begin(name: str, total: int) -> Moves:
                bar = bars.add_task(name, total=total)
                return lambda count: bars.advance(bar, count)

            as_json, show = await PARTS[wanted.part](wanted, servers, folder, begin)
    if wanted.json:
        print(json.dumps({"backing": backing, **as_json}, indent=2))
    else:
        console = Console()
        console.print(f"servers: {backing}")
        show(console)


async def _requests(wanted: argparse.Namespace, servers: Servers, folder: Path, begin: Begin) -> Report:
    async with running_stack(servers, folder) as stack:
        bench = Bench(stack, wanted.messages, wanted.rooms, wanted.rounds)
        results = await bench.run(folder, lambda name: begin(name, wanted.messages))
    return figures.as_json(results), lambda console: figures.show(results, console)


async def _large_rooms(wanted: argparse.Namespace, servers: Servers, folder: Path, begin: Begin) -> Report:
    async with running_stack(servers, folder) as stack:
        rounds = [await a_round(stack, begin) for _ in range(wanted.rounds)]
    return large_figures.as_json(rounds), lambda console: large_figures.show(rounds, console)


async def _searches(wanted: argparse.Namespace, servers: Servers, _folder: Path, begin: Begin) -> Report:
    move = begin("searches", wanted.times * (1 + len(SEARCHES)))
    found = await time_searches(servers, wanted.times, lambda: move(1))
    return search_figures.as_json(found), lambda console: search_figures.show(found, console)


async def _letters(wanted: argparse.Namespace, servers: Servers, folder: Path, begin: Begin) -> Report:
    with open_mail_sink(free_ports(1)[0]) as sink:
        async with running_stack(servers, folder) as stack, letters.sending_to(stack, sink):
            rounds = [await letters.a_round(stack, sink, folder, wanted.letters, begin) for _ in range(wanted.rounds)]
    return letter_figures.as_json(rounds), lambda console: letter_figures.show(rounds, console)


async def _pages(wanted: argparse.Namespace, servers: Servers, folder: Path, begin: Begin) -> Report:
    async with running_stack(servers, folder) as stack:
        scene = await a_scene(stack, begin)
        opened = wanted.times * (1 + len(pages.addresses(stack, scene)))
        rounds = [
            await pages.a_round(stack, scene, wanted.times, begin(f"round {number}: pages", opened))
            for number in range(1, wanted.rounds + 1)
        ]
    return page_figures.as_json(rounds), lambda console: page_figures.show(rounds, console)


PARTS = {
    "requests": _requests,
    "large-rooms": _large_rooms,
    "searches": _searches,
    "letters": _letters,
    "pages": _pages,
}

main()
