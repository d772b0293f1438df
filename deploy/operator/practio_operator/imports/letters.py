"""The lines after whose import no letter can leave: mail servers do not accept the address, or nobody is registered."""

from collections.abc import Mapping

from practio_contracts.client import Client
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import RequestToJoin
from practio_contracts.notifications import NamePeople, Names
from practio_contracts.people import PersonRegistered
from practio_contracts.recipients import can_leave_to
from practio_operator.imports.csv_file import CsvFile
from practio_operator.imports.progress import ImportProgress
from practio_operator.imports.scheduling import lines_by_room

NO_ADDRESS = "no letter will ever leave to this address: mail servers do not take addresses of its form"
NOT_REGISTERED = "the person is not registered: no letter leaves to them until they are"

MOST_PEOPLE = 500
"""How many people one query names."""


def lines_without_address(csv_file: CsvFile[PersonRegistered]) -> Mapping[int, str]:
    """Return a note for each line, by its number, to whose address no letter will ever leave."""
    return {line.number: NO_ADDRESS for line in csv_file.lines if not can_leave_to(line.message.email)}


async def lines_not_registered(
    client: Client, csv_file: CsvFile[RequestToJoin], progress: ImportProgress
) -> Mapping[int, str]:
    """Return a note for each line that is left, by its number, whose person is not registered.

    Lines of rooms that notifications does not know have none. Raise ClientError, NotAllowedError among others.
    """
    notes: dict[int, str] = {}
    for room_id, lines in lines_by_room(csv_file, progress).items():
        for start in range(0, len(lines), MOST_PEOPLE):
            page = lines[start : start + MOST_PEOPLE]
            query = NamePeople(room_id=room_id, person_ids=[line.message.person_id for line in page])
            answer = await client.ask(query, actor=SYSTEM)
            if answer.result is not None:
                named = {each.person_id for each in Names.model_validate(answer.result).people}
                notes |= {line.number: NOT_REGISTERED for line in page if line.message.person_id not in named}
    return notes
