"""`practio import-people` and `practio import-members`: people and members from a CSV file."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.progress import Progress
from yarl import URL

from practio_contracts.client import Client, ClientError, NotAllowedError
from practio_contracts.membership import RequestToJoin
from practio_contracts.message import Message
from practio_contracts.people import PersonRegistered
from practio_operator.console.errors import OperatorError, sentence
from practio_operator.console.output import console, error_console
from practio_operator.imports.columns import MEMBERS, PEOPLE
from practio_operator.imports.csv_file import CsvFile, Line, read_csv_file
from practio_operator.imports.erased import ERASED, lines_of_erased
from practio_operator.imports.letters import lines_not_registered, lines_without_address
from practio_operator.imports.progress import ImportProgress
from practio_operator.imports.publishing import (
    LineOutcome,
    OnProgress,
    publish_people,
    request_and_approve,
    source_of,
)
from practio_operator.imports.report import READY, Report
from practio_operator.imports.trial import try_members
from practio_operator.targets.addresses import administrator_target, publisher_url

LEFT = 3
"""The exit code if lines were bad or refused; all others were imported."""

M = TypeVar("M", bound=Message)

File = Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file; deploy/README.md lists its columns.")]
ForReal = Annotated[
    bool, typer.Option("--for-real", help="Import the lines; without this option, only show what would be done.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON: each line, and the number of each outcome.")]


def import_people(file: File, for_real: ForReal = False, as_json: AsJson = False) -> None:
    """Publish people to the services: one event people.person-registered.v1 per line.

    The command may be repeated, and continues after an interruption. It names the lines to whose address no letter
    will ever leave; their people are registered all the same. It refuses the lines of erased people, whom it finds in
    the database, as an administrator; without the database it says that it did not look.

    Exit codes: 0 if every line was imported, 3 if lines are bad or refused; all others were imported.

    Example: practio import-people people.csv --for-real
    """
    csv_file, progress = read_csv_file(file, PEOPLE), ImportProgress.read_beside(file)
    report = Report.of(csv_file, progress, for_real=for_real)
    report.add_notes(lines_without_address(csv_file))
    erased = {line.key for line in _lines_of_erased(csv_file, progress)}
    for line in csv_file.lines:
        if line.key in erased:
            report.set_outcome(line.number, ERASED)
    if for_real:
        others = replace(csv_file, lines=[line for line in csv_file.lines if line.key not in erased])
        _publish_all(others, publish_people, progress, report)
    _show(report, as_json=as_json)


def import_members(file: File, for_real: ForReal = False, as_json: AsJson = False) -> None:
    """Add people to rooms: request and approve for them as the system, in the order of the lines.

    A full room puts them on its waitlist. Without --for-real, the services are asked what would become of each line.
    The command may be repeated, and continues after an interruption; each run tries refused lines again.

    Exit codes: 0 if every line was imported, 3 if lines are bad or were refused; all others were imported.

    Example: practio import-members room.csv --for-real
    """
    csv_file, progress = read_csv_file(file, MEMBERS), ImportProgress.read_beside(file)
    report = Report.of(csv_file, progress, for_real=for_real)
    if for_real:
        _publish_all(csv_file, request_and_approve, progress, report)
    elif report.count(READY):
        _try_all(csv_file, progress, report)
    _show(report, as_json=as_json)


def _lines_of_erased(csv_file: CsvFile[PersonRegistered], progress: ImportProgress) -> Sequence[Line[PersonRegistered]]:
    try:
        return asyncio.run(lines_of_erased(administrator_target(), csv_file, progress))
    except OperatorError as error:
        error_console.print(f"Whether people are erased was not checked: {error}", markup=False)
        return []


PublishLines = Callable[[Client, CsvFile[M], ImportProgress, OnProgress], Awaitable[None]]


def _publish_all(
    csv_file: CsvFile[M], publish_lines: PublishLines[M], progress: ImportProgress, report: Report
) -> None:
    url = publisher_url()

    async def publish(on_progress: OnProgress) -> None:
        async with Client.connect(url, source=source_of(csv_file)) as client:
            await publish_lines(client, csv_file, progress, on_progress)

    progress.open(broker=_place(url))
    try:
        _run("Importing", publish, report)
    except ClientError as error:
        done = report.total - report.count(READY)
        raise OperatorError(
            f"{sentence(error)}. {done} lines are done; run the same command again to continue."
        ) from None


def _try_all(csv_file: CsvFile[RequestToJoin], progress: ImportProgress, report: Report) -> None:
    url = publisher_url()

    async def attempt(on_progress: OnProgress) -> None:
        async with Client.connect(url, source=source_of(csv_file)) as client:
            await try_members(client, csv_file, progress, on_progress)
            report.add_notes(await _lines_not_registered(client, csv_file, progress))

    progress.check(broker=_place(url))
    try:
        _run("Trying", attempt, report)
    except ClientError as error:
        raise OperatorError(f"{sentence(error)}. Nothing was changed.") from None


async def _lines_not_registered(
    client: Client, csv_file: CsvFile[RequestToJoin], progress: ImportProgress
) -> Mapping[int, str]:
    try:
        return await lines_not_registered(client, csv_file, progress)
    except NotAllowedError:
        error_console.print(
            "Whether people are registered was not checked: the account may not send notifications.name-people.v1."
        )
        return {}


def _run(what: str, work: Callable[[OnProgress], Coroutine[Any, Any, None]], report: Report) -> None:
    """Run ``work`` with a progress bar, and put its outcomes into the report."""
    with Progress(console=error_console, transient=True, disable=not error_console.is_terminal) as bar:
        task = bar.add_task(what, total=report.count(READY))

        def on_progress(number: int, outcome: LineOutcome) -> None:
            report.set_outcome(number, outcome)
            bar.advance(task)

        asyncio.run(work(on_progress))


def _place(url: str) -> str:
    return f"{URL(url).host}:{URL(url).port or 5672}{URL(url).path}"


def _show(report: Report, *, as_json: bool) -> None:
    if as_json:
        console.print_json(data=report.as_json())
    else:
        for text in report.texts():
            console.print(text, markup=False)
    if report.is_left:
        raise typer.Exit(LEFT)
