"""`practio rebuild`: projections brought up to date by replay."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.progress import Progress

from practio_contracts.client import Client, ClientError
from practio_operator.console.errors import OperatorError, UsageError, sentence
from practio_operator.console.output import console, error_console
from practio_operator.execution.interrupts import run
from practio_operator.messages.client import SOURCE
from practio_operator.rebuild import OnProgress, Rebuilt, read_schemas
from practio_operator.rebuild import rebuild as replay_all
from practio_operator.targets.addresses import administrator_target, publisher_url

OWNERS: Mapping[str, Sequence[str]] = {
    "rooms": ("membership",),
    "membership": ("rooms",),
    "notifications": ("rooms", "membership"),
}
"""The services that replay, by the service whose projections they repair."""

MOST_SHOWN = 20

Service = Annotated[
    str | None,
    typer.Argument(
        metavar="[SERVICE]", help="Repair only this service's projections; after a restore, name no service."
    ),
]
Wait = Annotated[
    float, typer.Option(min=1, metavar="SECONDS", help="How long to wait for an answer, and for progress.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, with the ids of all that was lost.")]


def rebuild(service: Service = None, wait: Wait = 60.0, as_json: AsJson = False) -> None:
    """Bring the services back into agreement, after a restore or if `practio invariants` finds differences.

    Rooms publishes all rooms and their upcoming sessions again, and membership publishes all occupancies and
    memberships. The other services receive them; the owner of the data is right. No letter is written about a replay.
    The command may be run at any time, and repeated: a replay changes nothing that is up to date.

    \b
    - A room that only other services know is restored from its last snapshot, without its sessions.
    - A membership that only other services know is published as withdrawn; --json lists the ids.
    - An erased person is erased again, if rooms or notifications still knows of the erasure. If rooms knows a person as
      erased and notifications has an address, the command only reports it: erase the person again, unless the directory
      has registered them again.

    All services must run. The command reads the database as the administrator. It publishes as the account of
    PRACTIO_PUBLISHER_URL, which needs --may 'rooms.*', 'membership.*' and 'people.*', and --as-system.

    Exit codes: 0 if everything was published and received, otherwise 1; then run it again.

    Example: practio rebuild && practio invariants
    """
    rebuilt = _rebuild(_owners(service), wait)
    if as_json:
        console.print_json(data=_as_json(rebuilt))
    else:
        _show(rebuilt)


def _owners(service: str | None) -> Sequence[str]:
    if service is not None and service not in OWNERS:
        raise UsageError(f"{service!r} is not a service: use {', '.join(OWNERS)}.")
    return OWNERS[service or "notifications"]


def _rebuild(owners: Sequence[str], wait_seconds: float) -> Rebuilt:
    try:
        return run(_replay(owners, wait_seconds), "not everything was published again; run it again")
    except ClientError as error:
        raise OperatorError(
            f"{sentence(error)}. Run it again; if the services are busy, with a longer --wait."
        ) from None


async def _replay(owners: Sequence[str], wait_seconds: float) -> Rebuilt:
    async with (
        read_schemas(administrator_target()) as known,
        Client.connect(publisher_url(), source=SOURCE) as client,
    ):
        with _progress(await known.counts(), owners) as on_progress:
            return await replay_all(client, known, owners, wait_seconds=wait_seconds, on_progress=on_progress)


@contextmanager
def _progress(counts: tuple[int, int], owners: Sequence[str]) -> Iterator[OnProgress]:
    """Show the progress, of these numbers of rooms and memberships."""
    with Progress(console=error_console, transient=True, disable=not error_console.is_terminal) as progress:
        tasks = {
            what: progress.add_task(what, total=total, visible=owner in owners)
            for what, owner, total in zip(("rooms", "memberships"), ("rooms", "membership"), counts, strict=True)
        }
        yield lambda what, more: progress.advance(tasks[what], more)


def _as_json(rebuilt: Rebuilt) -> dict[str, Any]:
    return {
        "erased_again": rebuilt.erased,
        "rooms": rebuilt.rooms,
        "memberships": rebuilt.memberships,
        "rooms_taken_back": [str(each) for each in rebuilt.restored],
        "perhaps_erased": [str(each) for each in rebuilt.perhaps_erased],
        "memberships_gone": [str(each) for each in rebuilt.gone],
    }


def _show(rebuilt: Rebuilt) -> None:
    console.print(f"Published again and received: {rebuilt.rooms} rooms, {rebuilt.memberships} memberships.")
    if rebuilt.erased:
        console.print(f"Erased again: {rebuilt.erased} people.")
    if rebuilt.perhaps_erased:
        people = _ids("people", rebuilt.perhaps_erased)
        console.print(
            "Erased, but notifications has an address. Run `practio erase-person` unless the directory has registered "
            f"them again: {people}"
        )
    if rebuilt.restored:
        console.print(f"Restored without their sessions: {_ids('rooms', rebuilt.restored)}")
    if rebuilt.gone:
        console.print(f"Lost, and published as withdrawn: {_ids('memberships', rebuilt.gone)}")


def _ids(what: str, ids: Sequence[object]) -> str:
    more = f" and {len(ids) - MOST_SHOWN} more: --json lists all" if len(ids) > MOST_SHOWN else ""
    return f"{len(ids)} {what}: {', '.join(map(str, ids[:MOST_SHOWN]))}{more}"
