"""`practio report`: what communities give a sponsor, as a table, or as a file for a spreadsheet."""

import csv
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Annotated, TextIO
from uuid import UUID

import typer

from practio_contracts.client import Client
from practio_contracts.envelope import SYSTEM
from practio_contracts.rooms import Grouping, ReportedNumbers, ReportedRow, ReportRooms, RoomsReport
from practio_operator.console.errors import OperatorError, UsageError
from practio_operator.console.output import console, error_console, show_table
from practio_operator.messages.client import with_client

A_PAGE = 500
MOST_PAGES = 200
"""The most pages of a report: a hundred thousand rooms."""

_NUMBERS = ("rooms", "sessions_held", "people", "attended", "waiting", "notes")
_HEADS = ("key", "title", *_NUMBERS, "feedback_answers", "feedback_average")
_FORMULA = ("=", "+", "-", "@")
"""How a cell begins that a spreadsheet would compute."""


def report(
    sponsor: Annotated[UUID, typer.Option(metavar="ID", help="The sponsor's id.")],
    by: Annotated[Grouping, typer.Option(help="What a row is about.")] = Grouping.ROOM,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="The first day, such as 2026-01-01.")
    ] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="DAY", help="The last day, such as 2026-03-31.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a file for a spreadsheet (CSV).")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print what rooms gave a sponsor: sessions, people, attendance, notes and feedback, by room, month or format.

    Months count as a whole, once they are fixed, two days after their end. People are counted four or more at a time,
    so that nobody is recognised: without a number there are none, or fewer than four. The last line is the sum of all
    rooms; it may have more people than the lines together. Its title are the months that are counted.

    Example: practio report --sponsor ID --from 2026-01-01 --to 2026-03-31 --csv > report.csv
    """
    query = ReportRooms.model_validate(
        {"sponsor_id": sponsor, "by": by, "limit": A_PAGE, "from": _day(first, "--from"), "to": _day(last, "--to")}
    )
    rows, found = with_client(lambda client: whole_report(client, query))
    if as_json:
        entries = [row.model_dump(mode="json") for row in rows]
        console.print_json(data={"rows": entries, "total": found.total.model_dump(mode="json")} | _months(found))
    elif as_csv:
        write_csv(sys.stdout, rows, found)
    else:
        last_row = _cells("total", found.months_counted, found.total)
        show_table(_HEADS, [*(_cells(row.key, row.title or "", row) for row in rows), last_row])


async def whole_report(client: Client, query: ReportRooms) -> tuple[Sequence[ReportedRow], RoomsReport]:
    """Return all rows and the last page, page by page. Raise OperatorError if the query is refused."""
    rows: list[ReportedRow] = []
    async for page in _pages(client, query):
        rows += page.rows
        found = page
    return rows, found


def write_csv(file: TextIO, rows: Sequence[ReportedRow], report: RoomsReport) -> None:
    """Write rows and the total as comma-separated values (RFC 4180); no title is a formula for a spreadsheet."""
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(_HEADS)
    writer.writerows(_cells(row.key, _plain(row.title or ""), row) for row in rows)
    writer.writerow(_cells("total", report.months_counted, report.total))


async def _pages(client: Client, query: ReportRooms) -> AsyncIterator[RoomsReport]:
    with error_console.status("Reading …"):
        for _ in range(MOST_PAGES):
            answer = await client.ask(query, actor=SYSTEM)
            if answer.result is None:
                raise OperatorError(f"The report was refused ({answer.code}): {answer.detail}.")
            page = RoomsReport.model_validate(answer.result)
            yield page
            if not page.after:
                return
            query = query.model_copy(update={"after": page.after})
    raise OperatorError(f"The report has more than {MOST_PAGES * A_PAGE:,} rows: ask for it by month or format.")


def _months(report: RoomsReport) -> dict[str, str | None]:
    return {"months_from": report.months_from, "months_to": report.months_to}


def _day(text: str | None, option: str) -> date | None:
    try:
        return (text and date.fromisoformat(text)) or None
    except ValueError:
        raise UsageError(f"{option} {text} is not a day: write it as 2026-03-01.") from None


def _cells(key: str, title: str, numbers: ReportedNumbers) -> list[str]:
    values = [*(getattr(numbers, name) for name in _NUMBERS), numbers.feedback.answers, numbers.feedback.average]
    return [key, title, *("" if value is None else str(value) for value in values)]


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
