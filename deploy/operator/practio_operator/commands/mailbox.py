"""`practio mailbox`: reports bounced letters to notifications, and sends the answers of calendars to sessions."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID, uuid5

import typer

from practio_contracts.answers import CommandAccepted, CommandRefused
from practio_contracts.client import Client, ClientError
from practio_contracts.envelope import SYSTEM
from practio_contracts.message import Command
from practio_contracts.notifications import CALENDAR_REPLY, ReplyMatched, ReportReply
from practio_contracts.rooms import AnswerSession
from practio_operator.console.errors import OperatorError, UsageError, sentence
from practio_operator.console.output import console, error_console, printable
from practio_operator.execution.interrupts import run_until_stopped
from practio_operator.mailbox.mailboxes import Mail, Mailbox, imap, maildir
from practio_operator.mailbox.replies import Reply, answer_of, replies_in
from practio_operator.mailbox.reports import Report, reports_in
from practio_operator.mailbox.set_aside import SetAside
from practio_operator.targets.addresses import a_setting, publisher_url

_SOURCE = "urn:practio:bounces"
REPORTED, READY, REFUSED, NO_REPORT = "reported", "ready", "refused", "no report of a letter of ours"
ANSWERED, ANSWERED_BEFORE, NOT_COUNTED = "answered", "answered before", "not counted"
_LATER: Mapping[type[Command], Collection[str]] = {
    ReportReply: ("not-allowed", "failed", "unidentified"),
    AnswerSession: ("failed", "unidentified", "room-unknown"),
}
"""Refusals that say nothing of an answer: the mail is looked at again in the next run.

``not-allowed`` is the account's fault in notifications (not granted ``--as-system``), and the person's in rooms (no
longer in the room).
"""

Folder = Annotated[
    Path | None, typer.Option(help="A Maildir; without this option, the IMAP mailbox of PRACTIO_MAILBOX_URL.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Send nothing, and mark no mail as seen.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON: each bounce and answer, and how many of each.")]
Watch = Annotated[
    bool, typer.Option("--watch", help="Go on until interrupted, and look for new mails again and again.")
]
Every = Annotated[float, typer.Option(min=1, help="Seconds between two looks with --watch.")]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a bounce or an answer, or of a mail without either; no address."""

    mail: str
    outcome: str
    letter_id: str | None = None
    kind: str | None = None
    detail: str | None = None
    session_id: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A mail with what it reports and answers."""

    mail: Mail
    reports: list[Report]
    replies: list[Reply]


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
        outcomes = _preview(opened, answers=answers) if dry_run else asyncio.run(_once(opened, answers=answers))
    except ClientError as error:
        raise OperatorError(f"{sentence(error)}. Run the same command again to continue.") from None
    _print(outcomes, as_json=as_json)


def _preview(opened: AbstractContextManager[Mailbox], *, answers: bool) -> list[Outcome]:
    with opened as mails:
        return [outcome for found in _found(mails, answers=answers) for outcome in _previewed(found)]


def _previewed(found: Found) -> list[Outcome]:
    answers = [_answer(found.mail, reply, READY) for reply in found.replies]
    return [*_bounced(found, READY), *answers] or [Outcome(found.mail.name, NO_REPORT)]


async def _once(opened: AbstractContextManager[Mailbox], *, answers: bool) -> list[Outcome]:
    sent: set[UUID] = set()
    with opened as mails:
        async with Client.connect(publisher_url(), source=_SOURCE) as client:
            return [each for found in _found(mails, answers=answers) for each in await _taken(client, found, sent)]


def _watch(opened: Callable[[], AbstractContextManager[Mailbox]], every: float) -> None:
    """Look again and again until interrupted; a mailbox or broker that is away is one line, and no end."""
    counts: Counter[str] = Counter()

    async def watching() -> None:
        looked_at: set[str] = set()
        sent: set[UUID] = set()
        aside = SetAside()
        while True:
            try:
                async for outcome in _looked(opened(), looked_at, sent, aside):
                    counts[_label(outcome)] += 1
                    _print_line(outcome)
            except (ClientError, OperatorError) as error:
                error_console.print(f"practio: {printable(sentence(error))}; looking again.", markup=False)
            await asyncio.sleep(every)

    run_until_stopped(watching())
    _print_counts(counts)


async def _looked(
    opened: AbstractContextManager[Mailbox], looked_at: set[str], sent: set[UUID], aside: SetAside
) -> AsyncIterator[Outcome]:
    """Yield what became of the new mails.

    ``looked_at`` are those with nothing for us, which stay unseen and are not read again as long as they are there;
    ``aside`` are those of which something was refused; ``sent`` are the answers so far.
    """
    with opened as mails:
        unseen, now = list(mails), datetime.now(UTC)
        names = {mail.name for mail in unseen}
        looked_at.intersection_update(names)
        aside.keep(names)
        ours = []
        new = [mail for mail in unseen if mail.name not in looked_at and not aside.rests(mail.name, now)]
        for found in _found(new, answers=True):
            if found.reports or found.replies:
                ours.append(found)
            else:
                looked_at.add(found.mail.name)
        if ours:
            async with Client.connect(publisher_url(), source=_SOURCE) as client:
                for each in ours:
                    for outcome in printed_once(each, await _taken(client, each, sent), aside, now):
                        yield outcome


def printed_once(found: Found, outcomes: Sequence[Outcome], aside: SetAside, now: datetime) -> list[Outcome]:
    """Return what is new of the outcomes of a mail, and set it aside if something in it was refused for now.

    A mail whose answers have been refused for long enough is marked as seen: they do not count.
    """
    refused = [each for each in outcomes if each.outcome == REFUSED]
    if not refused:
        return list(outcomes)
    is_first, name = aside.add(found.mail.name, now), found.mail.name
    if aside.is_filed(name, now) and all(each.session_id for each in refused):
        found.mail.mark_seen()
        return [replace(each, outcome=NOT_COUNTED) for each in refused]
    return list(outcomes) if is_first else [each for each in outcomes if each.outcome == ANSWERED]


def _found(mails: Iterable[Mail], *, answers: bool) -> Iterator[Found]:
    """Read the mails, one after another, without those that are gone meanwhile."""
    for mail in mails:
        content = mail.read()
        if content is not None:
            yield Found(mail, reports_in(content), replies_in(content) if answers else [])


async def _taken(client: Client, found: Found, sent: set[UUID]) -> list[Outcome]:
    """Report the bounces and send the answers of a mail, and mark it as seen if none is to be sent again."""
    bounces = [each for report in found.reports if (each := await _report_bounce(client, found.mail.name, report))]
    answers = [await _send_answer(client, found.mail, reply, sent) for reply in found.replies]
    again = [*bounces, *(each for each in answers if each.outcome == REFUSED)]
    if (found.reports or found.replies) and not again:
        found.mail.mark_seen()
    return [*(bounces or _bounced(found, REPORTED)), *answers] or [Outcome(found.mail.name, NO_REPORT)]


async def _report_bounce(client: Client, mail: str, report: Report) -> Outcome | None:
    """Report a bounce; return the refusal if it was refused."""
    answer = await _sent(client, report.bounce, SYSTEM, report.id)
    if not isinstance(answer, CommandRefused):
        return None
    refused = f"{answer.code}: {answer.detail}"
    return Outcome(mail, REFUSED, str(report.bounce.letter_id), report.bounce.kind, refused)


async def _send_answer(client: Client, mail: Mail, reply: Reply, sent: set[UUID]) -> Outcome:
    """Learn whose answer it is, and send it as that person; it joins those that were ``sent`` before."""
    matched = await _sent(client, reply.report, SYSTEM, reply.id)
    if isinstance(matched, CommandRefused):
        return _refused(mail, reply, ReportReply, matched)
    whose = ReplyMatched.model_validate(matched.state)
    answered = await _sent(
        client, answer_of(reply, whose), whose.person_id, uuid5(reply.id, "answer"), f"{CALENDAR_REPLY}{reply.id}"
    )
    if isinstance(answered, CommandRefused):
        return _refused(mail, reply, AnswerSession, answered)
    is_new = matched.changed and reply.id not in sent
    sent.add(reply.id)
    return _answer(mail, reply, ANSWERED if is_new else ANSWERED_BEFORE)


async def _sent(
    client: Client, command: Command, actor: UUID | str, identity: UUID, correlation: str | None = None
) -> CommandAccepted | CommandRefused:
    """Return the answer to a command.

    A refusal is stored with the message's id, and the account may have got the grant since, or the room be known. So a
    refused command is sent again, with an id of the minute.
    """
    answer = await client.send(command, actor=actor, id=identity, correlation=correlation)
    if isinstance(answer, CommandRefused):
        of_the_minute = uuid5(identity, datetime.now(UTC).isoformat(timespec="minutes"))
        answer = await client.send(command, actor=actor, id=of_the_minute, correlation=correlation)
    return answer


def _refused(mail: Mail, reply: Reply, refused: type[Command], refusal: CommandRefused) -> Outcome:
    outcome = REFUSED if refusal.code in _LATER[refused] else NOT_COUNTED
    return _answer(mail, reply, outcome, f"{refusal.code}: {refusal.detail}")


def _answer(mail: Mail, reply: Reply, outcome: str, detail: str | None = None) -> Outcome:
    return Outcome(mail.name, outcome, None, reply.coming, detail, str(reply.report.session_id))


def _bounced(found: Found, outcome: str) -> list[Outcome]:
    return [
        Outcome(found.mail.name, outcome, str(each.bounce.letter_id), each.bounce.kind, each.bounce.detail)
        for each in found.reports
    ]


def _print(outcomes: list[Outcome], *, as_json: bool) -> None:
    counts = Counter(_label(each) for each in outcomes)
    if as_json:
        rows = [{name: getattr(each, name) for name in Outcome.__slots__} for each in outcomes]
        answers = [row for row in rows if row["session_id"]]
        bounces = [row for row in rows if not row["session_id"]]
        console.print_json(data={"counts": dict(counts), "bounces": bounces, "answers": answers})
    else:
        for each in outcomes:
            _print_line(each)
        _print_counts(counts)
    if any(each.outcome == REFUSED for each in outcomes):
        raise typer.Exit(1)


def _label(outcome: Outcome) -> str:
    """Return what an outcome is counted as: an answer that does not count, by the code that says why."""
    code = str(outcome.detail).partition(":")[0]
    return f"{NOT_COUNTED}, {code}" if outcome.outcome == NOT_COUNTED else outcome.outcome


def _print_line(each: Outcome) -> None:
    of = f" letter {each.letter_id}, {each.kind}" if each.letter_id else ""
    of = f" session {each.session_id}, {each.kind}" if each.session_id else of
    console.print(printable(f"{each.outcome}:{of} {each.detail or ''} (mail {each.mail})"), markup=False)


def _print_counts(counts: Counter[str]) -> None:
    console.print(", ".join(f"{count} {outcome}" for outcome, count in counts.items()) or "No mails.", markup=False)
