"""`practio mailbox`: reports bounced letters to notifications, and sends the answers of calendars to sessions."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from practio_contracts.client import Client, ClientError
from practio_operator.console.errors import OperatorError, UsageError, sentence
from practio_operator.console.output import console, error_console, printable
from practio_operator.execution.interrupts import run_until_stopped
from practio_operator.mailbox.mailboxes import Mailbox, imap, maildir
from practio_operator.mailbox.outcomes import REFUSED, MailOutcome
from practio_operator.mailbox.processing import SOURCE, found_in, preview, process
from practio_operator.mailbox.sent_answers import SentAnswers
from practio_operator.mailbox.watching import Watched
from practio_operator.targets.addresses import a_setting, publisher_url

Folder = Annotated[
    Path | None, typer.Option(help="A Maildir; without this option, the IMAP mailbox of PRACTIO_MAILBOX_URL.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Send nothing, and mark no mail as seen.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON: each bounce and answer, and how many of each.")]
Watch = Annotated[
    bool, typer.Option("--watch", help="Go on until interrupted, and look for new mails again and again.")
]
Every = Annotated[float, typer.Option(min=1, help="Seconds between two looks with --watch.")]


def mailbox(
    folder: Folder = None, dry_run: DryRun = False, as_json: AsJson = False, watch: Watch = False, every: Every = 10
) -> None:
    """Read the mailbox to which letters return: bounces, complaints, and the answers of calendars to sessions.

    Bounces and complaints are reported; an answer counts for its person if letter, address, session and SEQUENCE agree
    with what they were sent. These mails are marked as seen; all others stay unseen. The command may be repeated, also
    after an interruption: each bounce and answer counts once.

    Exit codes: 0 if all that was found was sent, 1 if a bounce was refused, or an answer is to be sent again.

    Example: practio mailbox --folder /var/mail/letters --watch
    """
    if watch and (dry_run or as_json):
        raise UsageError("--watch goes on until it is interrupted: use it without --dry-run and --json.")
    if watch:
        _watch(lambda: _opened(folder), every)
    else:
        _read(folder, dry_run=dry_run, as_json=as_json, answers=True)


def bounces(folder: Folder = None, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Report bounced letters and complaints alone, as earlier releases did: practio mailbox does this and more.

    Exit codes: 0 if every bounce was reported, 1 if one was refused.

    Example: practio bounces --folder /var/mail/bounces --json
    """
    _read(folder, dry_run=dry_run, as_json=as_json, answers=False)


def _opened(folder: Path | None) -> AbstractContextManager[Mailbox]:
    return maildir(folder) if folder else imap(a_setting("PRACTIO_MAILBOX_URL", "PRACTIO_BOUNCES_URL"))


def _read(folder: Path | None, *, dry_run: bool, as_json: bool, answers: bool) -> None:
    opened = _opened(folder)
    try:
        outcomes = _preview(opened, answers=answers) if dry_run else asyncio.run(_process(opened, answers=answers))
    except ClientError as error:
        raise OperatorError(f"{sentence(error)}. Run the same command again to continue.") from None
    _print(outcomes, as_json=as_json)


def _preview(opened: AbstractContextManager[Mailbox], *, answers: bool) -> list[MailOutcome]:
    with opened as mails:
        return [outcome for found in found_in(mails, answers=answers) for outcome in preview(found)]


async def _process(opened: AbstractContextManager[Mailbox], *, answers: bool) -> list[MailOutcome]:
    sent = SentAnswers()
    with opened as mails:
        async with Client.connect(publisher_url(), source=SOURCE) as client:
            return [each for found in found_in(mails, answers=answers) for each in await process(client, found, sent)]


def _watch(opened: Callable[[], AbstractContextManager[Mailbox]], every: float) -> None:
    """Look again and again until interrupted; a mailbox or broker that is away is one line, and no end."""
    counts: Counter[str] = Counter()

    async def watching() -> None:
        watched = Watched()
        while True:
            try:
                async for outcome in watched.process_new(opened()):
                    counts[outcome.label] += 1
                    _print_line(outcome)
            except (ClientError, OperatorError) as error:
                error_console.print(f"practio: {printable(sentence(error))}; looking again.", markup=False)
            await asyncio.sleep(every)

    run_until_stopped(watching())
    _print_counts(counts)


def _print(outcomes: list[MailOutcome], *, as_json: bool) -> None:
    counts = Counter(each.label for each in outcomes)
    if as_json:
        rows = [asdict(each) for each in outcomes]
        answers = [row for row in rows if row["session_id"]]
        bounces = [row for row in rows if not row["session_id"]]
        console.print_json(data={"counts": dict(counts), "bounces": bounces, "answers": answers})
    else:
        for each in outcomes:
            _print_line(each)
        _print_counts(counts)
    if any(each.outcome == REFUSED for each in outcomes):
        raise typer.Exit(1)


def _print_line(each: MailOutcome) -> None:
    of = f" letter {each.letter_id}, {each.kind}" if each.letter_id else ""
    of = f" session {each.session_id}, {each.kind}" if each.session_id else of
    console.print(printable(f"{each.outcome}:{of} {each.detail or ''} (mail {each.mail})"), markup=False)


def _print_counts(counts: Counter[str]) -> None:
    console.print(", ".join(f"{count} {outcome}" for outcome, count in counts.items()) or "No mails.", markup=False)
