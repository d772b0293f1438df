"""The trial of an import of members: what membership says would become of each line.

Membership previews the lines by the rules of the commands that the import sends, in pages of each room; it changes
nothing. Each page follows on the places that the pages before would take.
"""

from collections.abc import Sequence
from functools import partial
from itertools import takewhile
from uuid import UUID

from practio_contracts.client import Client
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import (
    PreviewedOutcome,
    PreviewedPlaces,
    PreviewedRequest,
    PreviewedRequests,
    PreviewRequests,
    RequestToJoin,
)
from practio_operator.imports.csv_file import CsvFile, CsvLine
from practio_operator.imports.progress import ImportProgress
from practio_operator.imports.publishing import LineOutcome, LineRefusal, OnProgress
from practio_operator.imports.scheduling import lines_by_room, run_concurrently

MOST_LINES = 500
MOST_BYTES = 150 * 1024
"""The size of the requests of one query, which is a message of at most 256 KiB."""

Lines = Sequence[CsvLine[RequestToJoin]]


async def try_members(
    client: Client, csv_file: CsvFile[RequestToJoin], progress: ImportProgress, on_progress: OnProgress
) -> None:
    """Ask what would become of each line: rooms concurrently, the lines of a room in order.

    Raise ClientError if the broker fails.
    """

    async def try_room(room_id: UUID, lines: Lines) -> None:
        places = None
        while lines:
            page = first_page(lines)
            answer = await client.ask(_query(room_id, page, places), actor=SYSTEM)
            if answer.result is None:
                refused = LineRefusal.of(answer.code or "", answer.detail or "", answer.errors)
                for line in lines:
                    on_progress(line.number, refused)
                return
            found = PreviewedRequests.model_validate(answer.result)
            for line, outcome in zip(page, found.outcomes, strict=False):
                on_progress(line.number, _outcome(outcome))
            places, lines = found.places, lines[len(found.outcomes) :]

    rooms = lines_by_room(csv_file, progress)
    await run_concurrently(partial(try_room, room_id, lines) for room_id, lines in rooms.items())


def first_page(lines: Lines) -> Lines:
    """Return the first lines, at least one, whose requests fit into one query."""
    size = 0

    def fits(line: CsvLine[RequestToJoin]) -> bool:
        nonlocal size
        size += len(_previewed(line).model_dump_json().encode())
        return size <= MOST_BYTES

    return [*takewhile(fits, lines[:MOST_LINES])] or lines[:1]


def _previewed(line: CsvLine[RequestToJoin]) -> PreviewedRequest:
    message = line.message
    return PreviewedRequest(
        person_id=message.person_id,
        roles=message.roles,
        answers=message.answers,
        accepted_guidelines=message.accepted_guidelines,
    )


def _query(room_id: UUID, lines: Lines, places: PreviewedPlaces | None) -> PreviewRequests:
    return PreviewRequests(room_id=room_id, requests=[_previewed(line) for line in lines], after=places)


def _outcome(outcome: PreviewedOutcome) -> LineOutcome:
    if outcome.status is None or not outcome.accepted:
        return LineRefusal.of(outcome.code or "", outcome.detail or "", outcome.errors)
    return str(outcome.status)
