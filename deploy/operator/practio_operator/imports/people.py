"""People in a file: with their ids, or with new ones, and those who are not published again."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from practio_contracts.people import PersonRegistered
from practio_operator.console.errors import OperatorError, UsageError
from practio_operator.console.output import error_console
from practio_operator.imports.columns import NEW_PEOPLE, PEOPLE, NewPerson, person_id_of
from practio_operator.imports.csv_file import CsvFile, CsvLine, names_in, read_csv_file
from practio_operator.imports.erased import ERASED, lines_of_erased
from practio_operator.imports.known_people import KNOWN, ids_of_known
from practio_operator.imports.progress import ImportProgress
from practio_operator.imports.publishing import LineOutcome, Made
from practio_operator.provisioning.target import ProvisionTarget
from practio_operator.targets.addresses import administrator_target


def read_people(
    path: Path, progress: ImportProgress, *, mint_ids: bool, encoding: str | None
) -> CsvFile[PersonRegistered]:
    """Read a file of people; ``mint_ids``: give each a new id, the same one in each run."""
    if not mint_ids:
        return read_csv_file(path, PEOPLE, encoding=encoding)
    if "person_id" in names_in(path, PEOPLE, encoding=encoding):
        raise UsageError("The file has ids in person_id: leave out --mint-ids, or take that column out.")
    found = read_csv_file(path, NEW_PEOPLE, encoding=encoding)
    seed = progress.seed(found.digest)
    lines = [CsvLine(each.number, each.key, _registered(seed, each)) for each in found.lines]
    return CsvFile(found.digest, lines, found.faults, found.repeats)


def _registered(seed: str, line: CsvLine[NewPerson]) -> PersonRegistered:
    return line.message.registered(person_id_of(seed, line.message))


def lines_not_published(
    csv_file: CsvFile[PersonRegistered], progress: ImportProgress, *, mint_ids: bool
) -> Mapping[UUID, LineOutcome]:
    """Return the outcomes of lines about erased people and, if the file has no ids, about known ones, by their keys."""

    async def outcomes_by_key(target: ProvisionTarget) -> Mapping[UUID, LineOutcome]:
        erased = {line.key: ERASED for line in await lines_of_erased(target, csv_file, progress)}
        known = await ids_of_known(target, csv_file, progress) if mint_ids else {}
        return {key: Made(KNOWN, id_, f"the address is that of person {id_}") for key, id_ in known.items()} | erased

    try:
        return asyncio.run(outcomes_by_key(administrator_target()))
    except OperatorError as error:
        unknown = "erased, or known by their address," if mint_ids else "erased"
        error_console.print(f"Whether people are {unknown} was not checked: {error}", markup=False)
        return {}
