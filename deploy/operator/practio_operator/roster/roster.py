"""The people of a room, with their names: page by page, as values and as CSV."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from practio_contracts.client import Client, NotAllowedError
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import GetRoster, Roster, RosterEntry, Status
from practio_contracts.notifications import NamePeople, Names
from practio_operator.console.errors import OperatorError

COLUMNS = ("name", "status", "role", "ahead", "since", "requested_at", "person_id")
PAGE = 500

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a spreadsheet would compute instead of show."""


Row = dict[str, str | int | None]
"""A person on the roster, by ``COLUMNS``: an unknown name is empty; ``ahead`` counts the people ahead of them."""


async def rows_of(client: Client, room_id: UUID, status: Status | None = None) -> AsyncIterator[Row]:
    """Yield the people of a room in the order of its roster, as the system; a page of them is in memory at a time.

    Names are empty if the account may not ask for them. Raise OperatorError if the room is unknown, or ClientError.
    """
    query = GetRoster(room_id=room_id, status=status, limit=PAGE)
    while True:
        answer = await client.ask(query, actor=SYSTEM)
        if answer.result is None:
            raise OperatorError(f"The roster was refused: {answer.code}: {answer.detail}.")
        page = Roster.model_validate(answer.result)
        names = await _names(client, room_id, [each.membership.person_id for each in page.entries])
        for entry in page.entries:
            yield _row(entry, names)
        if page.after is None:
            return
        query = query.model_copy(update={"after": page.after})


def csv_lines(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as CSV; a text that a spreadsheet would compute has an apostrophe before it."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\r\n").writerows([_safe(cell) for cell in row] for row in rows)
    return file.getvalue()


async def _names(client: Client, room_id: UUID, people: Sequence[UUID]) -> dict[UUID, str]:
    if not people:
        return {}
    try:
        answer = await client.ask(NamePeople(room_id=room_id, person_ids=list(people)), actor=SYSTEM)
    except NotAllowedError:
        return {}
    found = Names.model_validate(answer.result).people if answer.result else []
    return {each.person_id: each.display_name for each in found}


def _row(entry: RosterEntry, names: dict[UUID, str]) -> Row:
    membership = entry.membership
    requested_at = membership.requested_at
    return {
        "name": names.get(membership.person_id, ""),
        "status": membership.status,
        "role": membership.role,
        "ahead": entry.ahead,
        "since": membership.since.isoformat(timespec="seconds"),
        "requested_at": requested_at.isoformat(timespec="seconds") if requested_at else None,
        "person_id": str(membership.person_id),
    }


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
