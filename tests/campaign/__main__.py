"""`make faults` and `make fuzz`: servers and services of their own, broken or fuzzed at random for as long as given."""

import argparse
import asyncio
import logging
import os
import random
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from rich.console import Console
from tests.campaign import campaign, cost, faults, fuzz
from tests.campaign.plan import FaultKind, moments
from tests.support import parallel

Run = Callable[[Path], Coroutine[Any, Any, None]]

console = Console(highlight=False, soft_wrap=True)


def main() -> None:
    """Do what the command line says; exit with 1 if something did not hold."""
    wanted = _parser().parse_args()
    parallel.keep_to_own_ports()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets it be ignored in the background
    signal.signal(signal.SIGTERM, lambda *_: os.kill(os.getpid(), signal.SIGINT))  # so that nothing is left behind
    logging.disable()  # AMQP libraries log each connection that is lost, which is what happens here all the time
    wanted.seed = wanted.seed if wanted.seed is not None else random.randrange(2**32)
    sys.exit(wanted.do(wanted))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.campaign", description=__doc__)
    parts = parser.add_subparsers(required=True)
    _add_faults(parts.add_parser("faults", prog="make faults", description=_FAULTS, epilog=_epilog("faults")))
    _add_fuzz(parts.add_parser("fuzz", prog="make fuzz", description=_FUZZ, epilog=_epilog("fuzz")))
    return parser


_FAULTS = """Load from outside clients while services, servers, connections, clocks, disks and the mail server fail at
random. Every few faults the load pauses and the books must be right: nothing lost, doubled, out of order or oversold,
all invariants hold, everything is ready, each dead letter names a fault. Exits with 1 otherwise, and keeps the logs."""

_FUZZ = """Fuzzed messages from an outside account to commands, queries and directory. After each chunk every service
must answer a command and queries, no process may have ended, and each message must have been answered or dead-lettered
with a reason. Exits with 1 otherwise, and keeps the logs."""


def _epilog(name: str) -> str:
    return f'With make, give options as ARGS: make {name} ARGS="--seed 7"'


def _add_faults(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--minutes", type=float, default=10, help="how long (default: %(default)g)")
    parser.add_argument("--faults", type=int, default=1_000_000, help="end after so many faults, if that is earlier")
    parser.add_argument("--first", type=int, default=0, help="begin with the fault of this index")
    parser.add_argument("--kinds", default="", help=f"only these, parted by commas: {', '.join(FaultKind)}")
    parser.add_argument("--clients", type=int, default=3, help="outside clients (default: %(default)s)")
    parser.add_argument("--every", type=int, default=20, help="faults between two looks at the books (%(default)s)")
    parser.add_argument("--patience", type=float, default=120, help="seconds until all must be ready (%(default)g)")
    parser.add_argument("--plan", type=int, metavar="N", help="print the first N faults of the plan, and do nothing")
    _add_common(parser)
    parser.set_defaults(do=_do_faults)


def _add_fuzz(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--messages", type=int, default=20_000, help="how many (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="begin with the message of this index")
    parser.add_argument("--chunk", type=int, default=10_000, help="messages between two probes (default: %(default)s)")
    parser.add_argument("--patience", type=float, default=60, help="seconds until all must be answered (%(default)g)")
    _add_common(parser)
    parser.set_defaults(do=_do_fuzz)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, help="where chance begins; chance decides otherwise, and prints it")
    parser.add_argument("--go-on", action="store_true", help="go on after something did not hold")
    parser.add_argument("--keep", action="store_true", help="keep the logs in any case")


def _do_faults(wanted: argparse.Namespace) -> int:
    kinds = _kinds(wanted.kinds)
    if wanted.plan is not None:
        for moment in islice(moments(wanted.seed, first=wanted.first, kinds=kinds), wanted.plan):
            console.print(f"{moment[0].index}: {' and '.join(map(str, moment))}", markup=False)
        return 0
    report = campaign.CampaignReport()
    asked = campaign.CampaignOptions(
        seed=wanted.seed,
        minutes=wanted.minutes,
        faults=wanted.faults,
        first=wanted.first,
        kinds=kinds,
        clients=wanted.clients,
        every=wanted.every,
        patience=wanted.patience,
        goes_on=wanted.go_on,
    )

    def show() -> None:
        console.print(cost.table(report.costs, report.lost_answers))
        _announce(
            f"seed {wanted.seed}: {len(report.costs)} faults, {report.looks} looks at the books, {report.commands:,} "
            f"commands and queries, {report.letters:,} letters, {report.put_back} dead letters put back"
        )

    return _in_folder(wanted, lambda folder: campaign.run(asked, folder, report, _announce), report.findings, show)


def _kinds(written: str) -> Sequence[FaultKind]:
    kinds = [FaultKind(each.strip()) for each in written.split(",")] if written else list(FaultKind)
    for kind, reason in faults.impossible().items():
        if kind in kinds:
            _announce(f"skipped: {kind}, since {reason}")
            kinds.remove(kind)
    return kinds


def _do_fuzz(wanted: argparse.Namespace) -> int:
    report = fuzz.FuzzReport()
    asked = fuzz.FuzzOptions(
        seed=wanted.seed,
        messages=wanted.messages,
        first=wanted.first,
        chunk=wanted.chunk,
        patience=wanted.patience,
        goes_on=wanted.go_on,
    )

    def show() -> None:
        console.print(fuzz.table(report))

    return _in_folder(wanted, lambda folder: fuzz.run(asked, folder, report, _announce), report.findings, show)


def _in_folder(wanted: argparse.Namespace, run: Run, findings: Sequence[str], show: Callable[[], None]) -> int:
    """Run something in a folder for its logs, which is kept if it found something or failed; return the exit code."""
    folder = Path(tempfile.mkdtemp(prefix="practio-campaign-"))
    _announce(f"seed {wanted.seed}, logs in {folder}")
    done = False
    try:
        asyncio.run(run(folder))
        done = True
    except KeyboardInterrupt:
        _announce("interrupted")
    finally:
        show()
        for each in findings:
            _announce(f"did not hold, seed {wanted.seed}, {each}")
        if done and not findings and not wanted.keep:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            _announce(f"the logs are in {folder}")
    return int(bool(findings) or not done)


def _announce(sentence: str) -> None:
    console.print(f"{datetime.now().astimezone():%H:%M:%S} {sentence}", markup=False)


if __name__ == "__main__":
    main()
