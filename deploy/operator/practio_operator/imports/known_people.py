"""The lines about people whose address somebody has already: a second id would make two people of one."""

from collections.abc import Mapping
from uuid import UUID

from practio_contracts.mail_addresses import address_key
from practio_contracts.people import PersonRegistered
from practio_operator.imports.csv_file import CsvFile
from practio_operator.imports.progress import ImportProgress
from practio_operator.imports.scheduling import lines_left
from practio_operator.provisioning.database import administering
from practio_operator.provisioning.target import ProvisionTarget

KNOWN = "known"
"""The outcome of a line whose person is there already: nothing is published, and the line has their id."""

_BY_ADDRESS = """
    SELECT lower(email) AS key, person_id FROM notifications.contact WHERE lower(email) = ANY($1)
"""


async def ids_of_known(
    target: ProvisionTarget, csv_file: CsvFile[PersonRegistered], progress: ImportProgress
) -> Mapping[UUID, UUID]:
    """Return the ids of the people who have the address of a line, by the keys of the lines that are left.

    A line whose person was published under its own id is not among them. Raise OperatorError if anything fails.
    """
    lines = lines_left(csv_file, progress)
    async with administering(target) as connection:
        rows = await connection.fetch(_BY_ADDRESS, [address_key(line.message.email) for line in lines])
    people: dict[str, set[UUID]] = {}
    for row in rows:
        people.setdefault(row["key"], set()).add(UUID(str(row["person_id"])))
    found = {line.key: (line.message.person_id, people.get(address_key(line.message.email), set())) for line in lines}
    return {key: min(theirs) for key, (own, theirs) in found.items() if theirs and own not in theirs}
