"""`practio bounces`: reports bounced letters to notifications, from the mailbox to which they return."""

import asyncio
from collections import Counter
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import uuid5

import typer

from practio_contracts.answers import CommandRefused
from practio_contracts.client import Client, ClientError
from practio_contracts.envelope import SYSTEM
from practio_operator.bounces.mailboxes import Mailbox, imap, maildir
from practio_operator.bounces.reports import Report, reports_in
from practio_operator.console.errors import OperatorError, sentence
from practio_operator.console.output import console, printable
from practio_operator.targets.addresses import publisher_url, setting

_SOURCE = "urn:practio:bounces"
REPORTED, READY, REFUSED, NO_REPORT = "reported", "ready", "refused", "no report of a letter of ours"

Folder = Annotated[
    Path | None, typer.Option(help="A Maildir; without this option, the IMAP mailbox of PRACTIO_BOUNCES_URL.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Report nothing, and mark no mail as seen.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON: each bounce, and the number of each outcome.")]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a bounce, or of a mail without one; no address."""

    mail: str
    outcome: str
    letter_id: str | None = None
    kind: str | None = None
    detail: str | None = None


def bounces(folder: Folder = None, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Report bounced letters and complaints from the unseen mails of a mailbox, and mark these mails as seen.

    The command may be repeated, also after an interruption: each bounce counts once. Other mails stay unseen.

    Exit codes: 0 if every bounce was reported, 1 if one was refused.

    Example: practio bounces --folder /var/mail/bounces --json
    """
    mailbox = maildir(folder) if folder else imap(setting("PRACTIO_BOUNCES_URL"))
    _print(asyncio.run(_preview(mailbox)) if dry_run else _report_all(mailbox), as_json=as_json)


def _report_all(mailbox: AbstractContextManager[Mailbox]) -> list[Outcome]:
    try:
        return asyncio.run(_report(mailbox, publisher_url()))
    except ClientError as error:
        raise OperatorError(f"{sentence(error)}. Run the same command again to continue.") from None


async def _preview(mailbox: AbstractContextManager[Mailbox]) -> list[Outcome]:
    with mailbox as mails:
        return [outcome for mail in mails for outcome in _outcomes(mail.name, reports_in(mail.content), READY)]


async def _report(mailbox: AbstractContextManager[Mailbox], url: str) -> list[Outcome]:
    """Report each bounce, and mark a mail as seen once all of its bounces were accepted; raise ClientError."""
    found: list[Outcome] = []
    async with Client.connect(url, source=_SOURCE) as client:
        with mailbox as mails:
            for mail in mails:
                reports = reports_in(mail.content)
                refused = [each for report in reports if (each := await _report_bounce(client, mail.name, report))]
                if reports and not refused:
                    mail.mark_seen()
                found += refused or _outcomes(mail.name, reports, REPORTED)
    return found


async def _report_bounce(client: Client, mail: str, report: Report) -> Outcome | None:
    """Report a bounce; return the refusal if it was refused.

    A refusal is stored with the message's id, and the account may have got the grant since. So a refused bounce is
    reported again, with an id of the day.
    """
    refused = None
    for identity in (report.id, uuid5(report.id, datetime.now(UTC).date().isoformat())):
        answer = await client.send(report.bounce, actor=SYSTEM, id=identity)
        if not isinstance(answer, CommandRefused):
            return None
        refused = f"{answer.code}: {answer.detail}"
    return Outcome(mail, REFUSED, str(report.bounce.letter_id), report.bounce.kind, refused)


def _outcomes(mail: str, reports: list[Report], outcome: str) -> list[Outcome]:
    return [
        Outcome(mail, outcome, str(each.bounce.letter_id), each.bounce.kind, each.bounce.detail) for each in reports
    ] or [Outcome(mail, NO_REPORT)]


def _print(outcomes: list[Outcome], *, as_json: bool) -> None:
    counts = Counter(each.outcome for each in outcomes)
    if as_json:
        bounces = [{name: getattr(each, name) for name in Outcome.__slots__} for each in outcomes]
        console.print_json(data={"counts": dict(counts), "bounces": bounces})
    else:
        for each in outcomes:
            of = f" letter {each.letter_id}, {each.kind}" if each.letter_id else ""
            console.print(printable(f"{each.outcome}:{of} {each.detail or ''} (mail {each.mail})"), markup=False)
        console.print(", ".join(f"{count} {outcome}" for outcome, count in counts.items()) or "No mails.")
    if counts[REFUSED]:
        raise typer.Exit(1)
