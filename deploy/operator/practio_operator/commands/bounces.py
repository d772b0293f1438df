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
from practio_operator.bounces.boxes import Box, imap, maildir
from practio_operator.bounces.reports import Report, reports_in
from practio_operator.console import console, harmless
from practio_operator.errors import OperatorError, sentence
from practio_operator.targets import publisher_url, setting

_SOURCE = "urn:practio:bounces"
REPORTED, READY, REFUSED, NO_REPORT = "reported", "ready", "refused", "no report of a letter of ours"

Folder = Annotated[Path | None, typer.Option(help="A Maildir; without it, the IMAP box of PRACTIO_BOUNCES_URL.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say nothing to the services, and mark nothing as seen.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON: every bounce, and how many of each outcome.")]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a bounce, or of a mail without one; no address."""

    mail: str
    outcome: str
    letter_id: str | None = None
    kind: str | None = None
    detail: str | None = None


def bounces(folder: Folder = None, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Report letters that came back, and complaints, from mails that nobody has seen; they are seen then.

    Safe to repeat, and after an interruption it goes on: each bounce counts once. Other mails stay unseen. Exits with
    1 where a bounce was refused.

    Example: practio bounces --folder /var/mail/bounces --json
    """
    box = maildir(folder) if folder else imap(setting("PRACTIO_BOUNCES_URL"))
    _print(asyncio.run(_looked_through(box)) if dry_run else _reported(box), as_json=as_json)


def _reported(box: AbstractContextManager[Box]) -> list[Outcome]:
    try:
        return asyncio.run(_report(box, publisher_url()))
    except ClientError as error:
        raise OperatorError(f"{sentence(error)}. The same command goes on from there.") from None


async def _looked_through(box: AbstractContextManager[Box]) -> list[Outcome]:
    with box as mails:
        return [outcome for mail in mails for outcome in _outcomes(mail.name, reports_in(mail.content), READY)]


async def _report(box: AbstractContextManager[Box], url: str) -> list[Outcome]:
    """Report each bounce, and mark a mail as seen once all of its bounces were accepted; raise ClientError."""
    found: list[Outcome] = []
    async with Client.connect(url, source=_SOURCE) as client:
        with box as mails:
            for mail in mails:
                reports = reports_in(mail.content)
                refused = [each for report in reports if (each := await _report_bounce(client, mail.name, report))]
                if reports and not refused:
                    mail.see()
                found += refused or _outcomes(mail.name, reports, REPORTED)
    return found


async def _report_bounce(client: Client, mail: str, report: Report) -> Outcome | None:
    """Report a bounce; return the refusal if it was refused.

    A refusal is stored with the message's id, and the account may have been granted the message since: so a refused
    bounce is reported again, each day with an id of that day.
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
        told = [{name: getattr(each, name) for name in Outcome.__slots__} for each in outcomes]
        console.print_json(data={"counts": dict(counts), "bounces": told})
    else:
        for each in outcomes:
            of = f" letter {each.letter_id}, {each.kind}" if each.letter_id else ""
            console.print(harmless(f"{each.outcome}:{of} {each.detail or ''} (mail {each.mail})"), markup=False)
        console.print(", ".join(f"{count} {outcome}" for outcome, count in counts.items()) or "No mails.")
    if counts[REFUSED]:
        raise typer.Exit(1)
