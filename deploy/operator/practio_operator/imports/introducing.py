"""People who are named by their addresses: their ids, from files of people or by introducing them."""

from collections.abc import Mapping, Sequence
from functools import partial
from uuid import UUID, uuid5

from practio_contracts.answers import CommandRefused
from practio_contracts.client import Client
from practio_contracts.envelope import SYSTEM
from practio_contracts.mail_addresses import address_key
from practio_contracts.membership import RequestToJoin
from practio_contracts.notifications import Introduce
from practio_operator.imports.columns import MemberByAddress
from practio_operator.imports.csv_file import NAMESPACE, CsvFile, CsvLine
from practio_operator.imports.known_rooms import host_once_known
from practio_operator.imports.progress import ImportProgress
from practio_operator.imports.publishing import LineRefusal, OnProgress, id_of, record, refused, run_of
from practio_operator.imports.scheduling import lines_by_room, run_concurrently

People = Mapping[str, UUID]
"""The ids of people who are known by the keys of their addresses."""


async def introduce(
    client: Client,
    introduction: Introduce,
    *,
    actor: UUID | str,
    id: UUID,  # noqa: A002
) -> UUID | LineRefusal:
    """Return the id of the person with an address, who is known from now on; raise ClientError if the broker fails."""
    answer = await client.send(introduction, actor=actor, id=id)
    return refused(answer) if isinstance(answer, CommandRefused) else UUID(str(answer.state["person_id"]))


async def introduce_members(
    client: Client,
    csv_file: CsvFile[MemberByAddress],
    progress: ImportProgress,
    on_progress: OnProgress,
    *,
    people: People,
) -> CsvFile[RequestToJoin]:
    """Return the lines that are left with the ids of their people; refused introductions are reported.

    People who are not among ``people`` are introduced in the name of their room's host. Raise ClientError if the broker
    fails.
    """
    found: dict[int, CsvLine[RequestToJoin]] = {}

    async def introduce_room(room_id: UUID, lines: Sequence[CsvLine[MemberByAddress]]) -> None:
        host = await host_once_known(client, room_id)
        for line in lines:
            message = line.message
            person = people.get(address_key(message.email)) or await introduce(
                client,
                _introduction(message),
                actor=host or SYSTEM,
                id=id_of(run_of(csv_file, progress, line.key), line.key, "introduce"),
            )
            if isinstance(person, LineRefusal):
                record(progress, line, person, on_progress)
            else:
                found[line.number] = CsvLine(line.number, line.key, message.request(person))

    rooms = lines_by_room(csv_file, progress)
    await run_concurrently(partial(introduce_room, room_id, lines) for room_id, lines in rooms.items())
    return CsvFile(csv_file.digest, [found[number] for number in sorted(found)])


def with_stand_ins(csv_file: CsvFile[MemberByAddress], people: People) -> CsvFile[RequestToJoin]:
    """Return the lines of a trial, which introduces nobody: strangers have ids that nobody else ever gets."""
    lines = [
        CsvLine(each.number, each.key, each.message.request(_known_or_stand_in(each, people)))
        for each in csv_file.lines
    ]
    return CsvFile(csv_file.digest, lines, csv_file.faults, csv_file.repeats)


def _known_or_stand_in(line: CsvLine[MemberByAddress], people: People) -> UUID:
    return people.get(address_key(line.message.email)) or uuid5(NAMESPACE, f"stand-in {line.key}")


def _introduction(member: MemberByAddress) -> Introduce:
    return Introduce(
        room_id=member.room_id,
        email=member.email,
        display_name=member.display_name,
        locale=member.locale,
        time_zone=member.time_zone,
    )
