"""`make bench`: starts servers and services of its own, measures, prints the figures, leaves nothing behind."""

import argparse
import asyncio
import json
import tempfile
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from tests.bench import figures
from tests.bench.measure import Progress as Moves
from tests.bench.rounds import Bench
from tests.support.backing import servers_of
from tests.support.stack import running_stack

from practio_operator.local.backing import choose_backing


def main() -> None:
    """Do what the command line says."""
    wanted = _parser().parse_args()
    with tempfile.TemporaryDirectory(prefix="practio-bench-") as folder:
        asyncio.run(_run(wanted, Path(folder)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make bench",
        description="Join requests through all services, from publish to the last fact seen, beside a bare aio-pika "
        "and asyncpg loop (one message, one transaction of four inserts, one confirmed publish, ack) on the same "
        "servers.",
        epilog='With make, give options as ARGS: make bench ARGS="--rounds 5 --json"',
    )
    parser.add_argument("--messages", type=int, default=5_000, help="messages a run (default: %(default)s)")
    parser.add_argument("--rooms", type=int, default=500, help="rooms to spread them over (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of all loads (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return parser


async def _run(wanted: argparse.Namespace, folder: Path) -> None:
    backing, reason = choose_backing()
    aside = Console(stderr=True)
    aside.print(f"servers: {backing}, since {reason}")
    async with servers_of(backing, folder) as servers, running_stack(servers, folder) as stack:
        bench = Bench(stack, wanted.messages, wanted.rooms, wanted.rounds)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=aside) as bars:

            def begin(name: str) -> Moves:
                bar = bars.add_task(name, total=wanted.messages)
                return lambda count: bars.advance(bar, count)

            results = await bench.run(folder, begin)
    if wanted.json:
        print(json.dumps(figures.as_json(results, backing), indent=2))
    else:
        figures.show(results, backing, Console())


main()
