"""`practio rebuild`: services brought back into agreement."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.progress import Progress

from practio_contracts.client import Client, ClientError
from practio_operator.commands.message_commands import SOURCE
from practio_operator.console import complaints, console
from practio_operator.errors import OperatorError, TypedWronglyError, sentence
from practio_operator.interrupting import run
from practio_operator.rebuild import Heed, Rebuilt, knowing
from practio_operator.rebuild import rebuild as rebuilt_by
from practio_operator.targets import administered, publisher_url

SPEAKERS: Mapping[str, Sequence[str]] = {
    "rooms": ("membership",),
    "membership": ("rooms",),
    "notifications": ("rooms", "membership"),
}
"""Who knows what a service has to hear again."""

MOST_SHOWN = 20

Service = Annotated[
    str | None,
    typer.Argument(metavar="[SERVICE]", help="Only what this service knows of the others; after a restore, name none."),
]
Wait = Annotated[
    float, typer.Option(min=1, metavar="SECONDS", help="How long to wait for an answer, and while nothing is heard.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, with the ids of what was lost.")]


def rebuild(service: Service = None, wait: Wait = 60.0, as_json: AsJson = False) -> None:
    """Bring the services back into agreement, after a restore or wherever `practio invariants` finds that they differ.

    Rooms says all rooms and their coming sessions again, membership how full rooms are and where everybody stands; all
    hear it, and who owns something is right about it. No letter is written of what is said again. It may be run at any
    time, and again: who knows it already hears nothing new.

    \b
    - Rooms that others know and rooms does not are taken back as they were told last, without their sessions.
    - Memberships that others know and membership does not are told as withdrawn; --json gives their ids.
    - Who was erased is erased again, as far as rooms or notifications still know it. Where rooms knows a person as
      erased and notifications has an address, it only says so: erase them again unless the directory told them again.

    All services must run. It reads the database as the administrator, and speaks as the account of
    PRACTIO_PUBLISHER_URL, which needs --may 'rooms.*', 'membership.*' and 'people.*', and --as-system.

    Exits with 0 where all was said and heard; with 1 where it was not, and then it may be run again.

    Example: practio rebuild && practio invariants
    """
    rebuilt = _rebuilt(_speakers(service), wait)
    if as_json:
        console.print_json(data=_told(rebuilt))
    else:
        _show(rebuilt)


def _speakers(service: str | None) -> Sequence[str]:
    if service is not None and service not in SPEAKERS:
        raise TypedWronglyError(f"{service!r} is no service: it is one of {', '.join(SPEAKERS)}.")
    return SPEAKERS[service or "notifications"]


def _rebuilt(speakers: Sequence[str], wait_seconds: float) -> Rebuilt:
    try:
        return run(_said_again(speakers, wait_seconds), "not all was said again; it may be run once more")
    except ClientError as error:
        raise OperatorError(
            f"{sentence(error)}. Rebuild again; where services have much to do, with a longer --wait."
        ) from None


async def _said_again(speakers: Sequence[str], wait_seconds: float) -> Rebuilt:
    async with (
        knowing(administered()) as known,
        Client.connect(publisher_url(), source=SOURCE) as client,
    ):
        with _shown(await known.counts(), speakers) as heed:
            return await rebuilt_by(client, known, speakers, wait_seconds=wait_seconds, heed=heed)


@contextmanager
def _shown(counts: tuple[int, int], speakers: Sequence[str]) -> Iterator[Heed]:
    """Show how far it is, of so many rooms and memberships."""
    with Progress(console=complaints, transient=True, disable=not complaints.is_terminal) as progress:
        tasks = {
            what: progress.add_task(what, total=total, visible=speaker in speakers)
            for what, speaker, total in zip(("rooms", "memberships"), ("rooms", "membership"), counts, strict=True)
        }
        yield lambda what, more: progress.advance(tasks[what], more)


def _told(rebuilt: Rebuilt) -> dict[str, Any]:
    return {
        "erased_again": rebuilt.erased,
        "rooms": rebuilt.rooms,
        "memberships": rebuilt.memberships,
        "rooms_taken_back": [str(each) for each in rebuilt.taken_back],
        "perhaps_erased": [str(each) for each in rebuilt.perhaps_erased],
        "memberships_gone": [str(each) for each in rebuilt.gone],
    }


def _show(rebuilt: Rebuilt) -> None:
    console.print(f"Said again and heard: {rebuilt.rooms} rooms, {rebuilt.memberships} memberships.")
    if rebuilt.erased:
        console.print(f"Erased again: {rebuilt.erased} people.")
    if rebuilt.perhaps_erased:
        people = _ids("people", rebuilt.perhaps_erased)
        console.print(f"Erased once, and with an address: `practio erase-person` unless told anew: {people}")
    if rebuilt.taken_back:
        console.print(f"Taken back, without their sessions: {_ids('rooms', rebuilt.taken_back)}")
    if rebuilt.gone:
        console.print(f"Gone, and told as withdrawn: {_ids('memberships', rebuilt.gone)}")


def _ids(what: str, ids: Sequence[object]) -> str:
    more = f" and {len(ids) - MOST_SHOWN} more: --json gives all" if len(ids) > MOST_SHOWN else ""
    return f"{len(ids)} {what}: {', '.join(map(str, ids[:MOST_SHOWN]))}{more}"
