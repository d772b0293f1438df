"""`practio roster`: the people of a room."""

import asyncio
import sys
from typing import Annotated
from uuid import UUID

import typer

from practio_contracts.client import Client, ClientError
from practio_contracts.membership import Status
from practio_operator.console.errors import OperatorError, sentence
from practio_operator.console.output import show_json_list, show_table
from practio_operator.console.spool import Spool
from practio_operator.roster.roster import COLUMNS, csv_lines, rows_of
from practio_operator.targets.addresses import publisher_url

SOURCE = "urn:practio:operator"


def roster(
    room: Annotated[UUID, typer.Argument(metavar="ROOM", help="The id of the room.")],
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV for a spreadsheet.")] = False,
    status: Annotated[Status | None, typer.Option(help="Only people with this status.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show who is in a room, who waits in which order, and who was in it, by name.

    Queries are sent as the system, with the account of PRACTIO_PUBLISHER_URL: it needs membership.get-roster.v1 and
    --as-system, and notifications.name-people.v1 for names. In CSV, a text that a spreadsheet would compute has an
    apostrophe before it. Names are people's data: delete the file once it has served.

    Example: practio roster 7e1d3c5b-9a8f-4e6d-b2c4-a1f3e5d7c9b0 --csv > room.csv
    """
    url = publisher_url()
    with Spool() as found:
        try:
            asyncio.run(_collect(url, room, status, found))
        except ClientError as error:
            raise OperatorError(f"{sentence(error)}.") from None
        if as_json:
            show_json_list(found)
        elif as_csv:
            sys.stdout.write(csv_lines([COLUMNS]))
            for row in found:
                sys.stdout.write(csv_lines([_cells(row)]))
        else:
            show_table(COLUMNS, (_cells(row) for row in found))


def _cells(row: dict[str, object]) -> list[str]:
    return ["" if row[name] is None else str(row[name]) for name in COLUMNS]


async def _collect(url: str, room: UUID, status: Status | None, found: Spool) -> None:
    async with Client.connect(url, source=SOURCE) as client:
        async for row in rows_of(client, room, status):
            found.add(row)
