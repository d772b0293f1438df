"""`practio report`: all pages of a sponsor's report, as a table, JSON or a file."""

import asyncio
from io import StringIO
from typing import Any, cast
from uuid import uuid4

import pytest
from tests.unit.pages.figures import a_rooms_report
from typer.testing import CliRunner

from practio_contracts.client import Client
from practio_contracts.envelope import SYSTEM
from practio_contracts.rooms import Grouping, ReportRooms, RoomsAnswer
from practio_operator.commands.report import whole_report, write_csv
from practio_operator.console.errors import OperatorError, UsageError
from practio_operator.main import command_line

QUERY = ReportRooms(sponsor_id=uuid4(), by=Grouping.ROOM)


class Broker:
    """Answers with three pages, or refuses."""

    def __init__(self, code: str | None = None) -> None:
        self.asked: list[str | None] = []
        self._code = code

    async def ask(self, query: ReportRooms, *, actor: str) -> RoomsAnswer:
        assert actor == SYSTEM
        self.asked.append(query.after)
        found = a_rooms_report(query).model_copy(
            update={"after": {None: "second", "second": "third", "third": None}[query.after]}
        )
        result = None if self._code else found.model_dump(mode="json")
        fields: dict[str, Any] = {"query_id": str(uuid4()), "query_type": query.type_name(), "result": result}
        return RoomsAnswer.model_validate(fields | ({"code": self._code, "detail": "no"} if self._code else {}))


def test_every_page_is_read_once() -> None:
    broker = Broker()
    rows, found = asyncio.run(whole_report(cast(Client, broker), QUERY))
    assert broker.asked == [None, "second", "third"]
    assert (len(rows), found.total.people) == (6, 11)


def test_a_refusal_is_said() -> None:
    with pytest.raises(OperatorError, match="sponsor-unknown"):
        asyncio.run(whole_report(cast(Client, Broker("sponsor-unknown")), QUERY))


def test_a_file_has_a_line_for_each_row_and_the_total() -> None:
    found, file = a_rooms_report(QUERY), StringIO(newline="")
    write_csv(file, found.rows, found)
    heads, first, second, total = file.getvalue().splitlines()
    assert heads.startswith("key,title,rooms,sessions_held,people,attended,waiting,notes,feedback_answers")
    assert first.endswith(",'=Cases <together>,1,3,7,16,,4,4,4.3")
    assert second.endswith(",Triads,1,1,,,,0,0,")
    assert total == "total,2026-03/2026-04,2,4,11,20,,4,4,4.3"


def test_days_are_days() -> None:
    result = CliRunner().invoke(command_line("report"), ["report", "--sponsor", str(uuid4()), "--from", "March"])
    assert isinstance(result.exception, UsageError)
    assert "--from March is not a day" in str(result.exception)
