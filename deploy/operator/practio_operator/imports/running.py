"""An import from the command line: with a progress bar, over one connection, and what it prints."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import typer
from rich.progress import Progress
from yarl import URL

from practio_contracts.client import Client, ClientError
from practio_operator.console.errors import OperatorError, sentence
from practio_operator.console.output import console, error_console
from practio_operator.imports.csv_file import CsvFile
from practio_operator.imports.progress import ImportProgress
from practio_operator.imports.publishing import LineOutcome, OnProgress, source_of
from practio_operator.imports.report import READY, ImportReport

LEFT = 3
"""The exit code if lines were bad or refused; all others were imported."""

Work = Callable[[Client, OnProgress], Coroutine[Any, Any, None]]


def run_import(
    url: str,
    csv_file: CsvFile[Any],
    progress: ImportProgress,
    report: ImportReport,
    work: Work,
    *,
    source: str | None = None,
) -> None:
    """Send what is left to the broker at ``url``, and record it; raise OperatorError if the broker fails.

    ``source`` is that of the messages; by default the one for commands.
    """
    progress.open(broker=_place(url), digest=csv_file.digest)
    try:
        _run("Importing", url, source or source_of(progress.seed(csv_file.digest)), report, work)
    except ClientError as error:
        done = report.total - report.count(READY)
        raise OperatorError(
            f"{sentence(error)}. {done} lines are done; run the same command again to continue."
        ) from None


def run_trial(url: str, csv_file: CsvFile[Any], progress: ImportProgress, report: ImportReport, work: Work) -> None:
    """Ask the services behind the broker at ``url`` what would become of what is left; raise OperatorError."""
    progress.check(broker=_place(url))
    try:
        _run("Trying", url, source_of(csv_file.digest), report, work)
    except ClientError as error:
        raise OperatorError(f"{sentence(error)}. Nothing was changed.") from None


def show(report: ImportReport, *, as_json: bool) -> None:
    """Print a report; raise typer.Exit if lines are left."""
    if as_json:
        console.print_json(data=report.as_json())
    else:
        for text in report.texts():
            console.print(text, markup=False)
    if report.is_left:
        raise typer.Exit(LEFT)


def _run(what: str, url: str, source: str, report: ImportReport, work: Work) -> None:
    with Progress(console=error_console, transient=True, disable=not error_console.is_terminal) as bar:
        task = bar.add_task(what, total=report.count(READY))

        def on_progress(number: int, outcome: LineOutcome) -> None:
            report.set_outcome(number, outcome)
            bar.advance(task)

        async def connected() -> None:
            async with Client.connect(url, source=source) as client:
                await work(client, on_progress)

        asyncio.run(connected())


def _place(url: str) -> str:
    return f"{URL(url).host}:{URL(url).port or 5672}{URL(url).path}"
