"""Members of rooms in a file: named by their ids, or by addresses, of which the import makes people."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from practio_contracts.client import Client, NotAllowedError
from practio_contracts.membership import RequestToJoin
from practio_operator.console.output import error_console
from practio_operator.imports.columns import MEMBERS, members_by_address
from practio_operator.imports.csv_file import CsvFile, names_in, read_csv_file
from practio_operator.imports.introducing import People, introduce_members, with_stand_ins
from practio_operator.imports.letters import lines_not_registered
from practio_operator.imports.progress import ImportProgress
from practio_operator.imports.publishing import OnProgress


@dataclass(frozen=True, slots=True)
class Members:
    """A file of members: as it was read, with the ids that a trial takes, and with those that the import finds."""

    csv_file: CsvFile[Any]
    tried: CsvFile[RequestToJoin]
    with_ids: Callable[[Client, OnProgress], Awaitable[CsvFile[RequestToJoin]]]
    are_by_address: bool


def read_members(
    path: Path, rooms: Mapping[str, UUID | None], people: People, progress: ImportProgress, *, encoding: str | None
) -> Members:
    """Read a file of members; lines name rooms and people as ``rooms`` and ``people`` know them."""
    if "email" in names_in(path, MEMBERS, encoding=encoding):
        named = read_csv_file(path, members_by_address(rooms), encoding=encoding)

        async def introduced(client: Client, on_progress: OnProgress) -> CsvFile[RequestToJoin]:
            return await introduce_members(client, named, progress, on_progress, people=people)

        return Members(named, with_stand_ins(named, people), introduced, are_by_address=True)
    known = read_csv_file(path, MEMBERS, encoding=encoding)

    async def as_they_are(_client: Client, _on_progress: OnProgress) -> CsvFile[RequestToJoin]:
        return known

    return Members(known, known, as_they_are, are_by_address=False)


async def members_not_registered(
    client: Client, csv_file: CsvFile[RequestToJoin], progress: ImportProgress
) -> Mapping[int, str]:
    """Return the lines about people who are not registered; none, with a sentence, if the account may not look."""
    try:
        return await lines_not_registered(client, csv_file, progress)
    except NotAllowedError:
        error_console.print(
            "Whether people are registered was not checked: the account may not send notifications.name-people.v1."
        )
        return {}
