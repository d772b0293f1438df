"""The messages of each line, and their outcomes.

The ids of messages are derived from the file and the line, so a repetition has no second effect. Each file is a
``source`` of its own, in which every person's first event is their only one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Self
from uuid import UUID, uuid5

from practio_contracts.answers import CommandAccepted, CommandRefused, FieldError
from practio_contracts.client import Client
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import ApproveRequest, RequestToJoin, Status
from practio_contracts.people import PersonRegistered
from practio_operator.imports.csv_file import NAMESPACE, CsvFile, CsvLine
from practio_operator.imports.progress import ImportProgress
from practio_operator.imports.scheduling import lines_by_room, lines_left, run_concurrently

PUBLISHED = "told"
"""The outcome of a person's line, as it is written in progress files and JSON."""


@dataclass(frozen=True, slots=True)
class LineRefusal:
    """The refusal of a line."""

    code: str
    detail: str

    @classmethod
    def of(cls, code: str, detail: str, errors: Sequence[FieldError]) -> Self:
        """Return a refusal whose detail names the fields that are wrong."""
        return cls(code, detail + "".join(f"; {error.field}: {error.message}" for error in errors))


@dataclass(frozen=True, slots=True)
class Made:
    """A line that got an id, of a person or a room; ``detail`` is what people read of it."""

    outcome: str
    id: UUID
    detail: str | None = None


LineOutcome = str | LineRefusal | Made
OnProgress = Callable[[int, LineOutcome], None]
"""Called with a line's number and its outcome."""


def source_of(digest: str) -> str:
    """Return the envelope's ``source`` for the messages of a file with this digest.

    Commands have that of the file as it was at the first import: a line that is sent again from a corrected file is the
    same message. Events have that of the file as it is, so that a corrected person is not older than the first one.
    """
    return f"urn:practio:import:{digest[:16]}"


async def publish_people(
    client: Client, csv_file: CsvFile[PersonRegistered], progress: ImportProgress, on_progress: OnProgress
) -> None:
    """Publish people, many at a time. Raise ClientError if the broker fails."""

    async def publish(line: CsvLine[PersonRegistered]) -> None:
        person_id = line.message.person_id
        await client.publish_event(line.message, sequence=1, id=id_of(csv_file.digest, line.key, "tell"))
        progress.record_outcome(line.key, PUBLISHED, person_id)
        on_progress(line.number, Made(PUBLISHED, person_id))

    await run_concurrently(partial(publish, line) for line in lines_left(csv_file, progress))


async def request_and_approve(
    client: Client, csv_file: CsvFile[RequestToJoin], progress: ImportProgress, on_progress: OnProgress
) -> None:
    """Request and approve for each line: rooms concurrently, the lines of a room in order, as on its waitlist.

    Raise ClientError if the broker fails.
    """

    async def import_room(lines: Sequence[CsvLine[RequestToJoin]]) -> None:
        for line in lines:
            outcome = await _import_member(client, line, run_of(csv_file, progress, line.key))
            record(progress, line, outcome, on_progress)

    await run_concurrently(partial(import_room, lines) for lines in lines_by_room(csv_file, progress).values())


def run_of(csv_file: CsvFile[Any], progress: ImportProgress, key: UUID) -> str:
    """Return what ids of commands are derived from: the file as it was at first, and how often the line was refused."""
    return f"{progress.seed(csv_file.digest)}{progress.refusal_counts[key]}"


def record(progress: ImportProgress, line: CsvLine[Any], outcome: LineOutcome, on_progress: OnProgress) -> None:
    """Record the outcome of a line, and report it."""
    match outcome:
        case LineRefusal(code=code):
            progress.record_refusal(line.key, code)
        case Made(outcome=text, id=id):
            progress.record_outcome(line.key, text, id)
        case _:
            progress.record_outcome(line.key, outcome)
    on_progress(line.number, outcome)


async def _import_member(client: Client, line: CsvLine[RequestToJoin], run: str) -> LineOutcome:
    """Return the final status of the person; an open room needs no approval."""
    outcome = outcome_of(await client.send(line.message, actor=SYSTEM, id=id_of(run, line.key, "ask")))
    if outcome != Status.REQUESTED:
        return outcome
    approval = ApproveRequest(room_id=line.message.room_id, person_id=line.message.person_id)
    return outcome_of(await client.send(approval, actor=SYSTEM, id=id_of(run, line.key, "approve")))


def outcome_of(answer: CommandAccepted | CommandRefused) -> LineOutcome:
    """Return the status in an answer, or the refusal."""
    if isinstance(answer, CommandRefused):
        return LineRefusal.of(answer.code, answer.detail, answer.errors)
    return str(answer.state["status"])


def refused(answer: CommandRefused) -> LineRefusal:
    """Return a refusal as it is reported, with the time from which the command may be sent again."""
    later = f" ({answer.retry_after:%Y-%m-%d %H:%M} UTC)" if answer.retry_after else ""
    return LineRefusal.of(answer.code, f"{answer.detail}{later}", answer.errors)


def id_of(run: str, key: UUID, step: str) -> UUID:
    """Return the id of a message, derived from the file and its line."""
    return uuid5(uuid5(NAMESPACE, run), f"{key} {step}")
