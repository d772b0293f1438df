"""The lines about erased people: services ignore what is published about them, so the import publishes none of it."""

from collections.abc import Sequence
from uuid import UUID

from practio_contracts.catalogue import SERVICES
from practio_contracts.people import PersonRegistered
from practio_operator.imports.csv_file import CsvFile, CsvLine
from practio_operator.imports.progress import ImportProgress
from practio_operator.imports.publishing import LineRefusal
from practio_operator.imports.scheduling import lines_left
from practio_operator.provisioning.database import administering
from practio_operator.provisioning.target import ProvisionTarget

ERASED = LineRefusal(
    "person-erased",
    "this person was erased, and services ignore what is published about them: end the erasure with "
    "`practio restore-person` if it was a mistake, otherwise register them under a new id",
)


async def lines_of_erased(
    target: ProvisionTarget, csv_file: CsvFile[PersonRegistered], progress: ImportProgress
) -> Sequence[CsvLine[PersonRegistered]]:
    """Return the lines that are left and whose person is erased. Raise OperatorError if anything fails."""
    lines = lines_left(csv_file, progress)
    erased = await _erased_among(target, [line.message.person_id for line in lines])
    return [line for line in lines if line.message.person_id in erased]


async def _erased_among(target: ProvisionTarget, people: Sequence[UUID]) -> set[UUID]:
    """Return those of ``people`` whom any service knows as erased."""
    async with administering(target) as connection:
        found = [
            await connection.fetch(f"SELECT person_id FROM {service}.forgotten WHERE person_id = ANY($1)", people)
            for service in SERVICES
        ]
    return {UUID(str(row["person_id"])) for rows in found for row in rows}
