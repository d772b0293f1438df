"""`practio letters resend`: letters that failed are sent again, chosen by a filter and counted first."""

import sys
from collections import Counter
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer
from rich.progress import Progress

from practio_contracts.notifications import Letter, LetterStatus
from practio_operator.console.errors import OperatorError
from practio_operator.console.output import console, error_console, show_table
from practio_operator.messages.client import with_client
from practio_operator.resending.commands import RESENT, chosen
from practio_operator.resending.commands import resend as resend_all
from practio_operator.resending.filter import RESENT as STATES
from practio_operator.resending.filter import LetterFilter, counted

Status = Annotated[LetterStatus, typer.Option(help="Letters in this state: failed, unknown or suppressed.")]
Reason = Annotated[str | None, typer.Option(help="Only letters with this reason, such as 'smtp-5*' or bounced-hard.")]
Kind = Annotated[str | None, typer.Option(help="Only this kind of letter, such as seat-offered or 'session-*'.")]
Since = Annotated[datetime | None, typer.Option(help="Only letters written since then (UTC).")]
Until = Annotated[datetime | None, typer.Option(help="Only letters written before then (UTC).")]
InRoom = Annotated[UUID | None, typer.Option("--room", metavar="ID", help="Only letters about this room.")]
ToPerson = Annotated[UUID | None, typer.Option("--person", metavar="ID", help="Only letters to this person.")]
All = Annotated[bool, typer.Option("--all", help="All letters in that state.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only count them.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def resend(
    status: Status = LetterStatus.FAILED,
    reason: Reason = None,
    kind: Kind = None,
    since: Since = None,
    until: Until = None,
    room: InRoom = None,
    person: ToPerson = None,
    everything: All = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Send letters again that failed, are unknown or were suppressed, after counting them by kind and reason.

    A letter leaves only if it is still true, with the Message-ID that it had. What its reader may have received already
    (unknown) arrives twice then. The account of PRACTIO_PUBLISHER_URL needs notifications.list-letters.v1 and
    notifications.resend-letter.v1, and acts as the system. The command may be repeated.

    Exit codes: 0 if every letter was accepted, 1 if one was refused.

    Example: practio letters resend --reason 'smtp-550-5.7.*' --since 2026-03-01 --dry-run
    """
    wanted = LetterFilter(status, reason, kind, _in_utc(since), _in_utc(until), room, person)
    if status not in STATES:
        raise OperatorError(f"A letter that is {status} cannot be sent again: choose {', '.join(STATES)}.")
    if (wanted != LetterFilter(status)) == everything:
        raise OperatorError("Choose letters by a filter, or use --all.")
    letters = with_client(lambda client: chosen(client, wanted))
    if not as_json:
        _show(letters)
    outcomes: Counter[str] = Counter()
    if letters and not dry_run:
        if not yes and sys.stdin.isatty():
            typer.confirm(f"{len(letters)} letters will be sent again. Continue?", abort=True, err=True)
        outcomes = _resent(letters)
    if as_json:
        console.print_json(data={"letters": len(letters), "counts": _counts(letters), "outcomes": dict(outcomes)})
    elif outcomes:
        console.print(", ".join(f"{number} {outcome}" for outcome, number in outcomes.items()) + ".")
    if set(outcomes) - {RESENT}:
        raise typer.Exit(1)


def _in_utc(instant: datetime | None) -> datetime | None:
    return instant.replace(tzinfo=UTC) if instant else None


def _show(letters: list[Letter]) -> None:
    if letters:
        rows = ((kind, reason, str(count)) for kind, reason, count in counted(letters))
        show_table(("kind", "reason", "letters"), rows)
    console.print(f"{len(letters)} letters.")


def _counts(letters: list[Letter]) -> list[dict[str, str | int]]:
    return [{"kind": kind, "reason": reason, "letters": count} for kind, reason, count in counted(letters)]


def _resent(letters: list[Letter]) -> Counter[str]:
    with Progress(console=error_console, transient=True, disable=not error_console.is_terminal) as progress:
        task = progress.add_task("letters", total=len(letters))
        return with_client(lambda client: resend_all(client, letters, lambda: progress.advance(task)))
