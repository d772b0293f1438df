"""Reports the bounces of a mail and sends the answers in it, and marks it as seen once nothing is to be sent again."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid5

from practio_contracts.answers import CommandAccepted, CommandRefused
from practio_contracts.client import Client
from practio_contracts.envelope import SYSTEM
from practio_contracts.message import Command
from practio_contracts.notifications import CALENDAR_REPLY, ReplyMatched, ReportReply
from practio_contracts.rooms import AnswerSession
from practio_operator.mailbox.mailboxes import UnseenMail
from practio_operator.mailbox.outcomes import (
    ANSWERED,
    ANSWERED_BEFORE,
    NO_REPORT,
    NOT_COUNTED,
    READY,
    REFUSED,
    REPORTED,
    MailOutcome,
    of_reply,
    of_report,
)
from practio_operator.mailbox.replies import Reply, answer_of, replies_in
from practio_operator.mailbox.reports import BounceReport, reports_in
from practio_operator.mailbox.sent_answers import SentAnswers

SOURCE = "urn:practio:bounces"
"""The source of what is sent for mails."""

_LATER: Mapping[type[Command], Collection[str]] = {
    ReportReply: ("not-allowed", "failed", "unidentified"),
    AnswerSession: ("failed", "unidentified", "room-unknown"),
}
"""Refusals that say nothing of an answer: the mail is looked at again in the next run.

``not-allowed`` is the account's fault in notifications (not granted ``--as-system``), and the person's in rooms (no
longer in the room).
"""


@dataclass(frozen=True, slots=True)
class ReadMail:
    """A mail with what it reports and answers."""

    mail: UnseenMail
    reports: list[BounceReport]
    replies: list[Reply]


def found_in(mails: Iterable[UnseenMail], *, answers: bool) -> Iterator[ReadMail]:
    """Read the mails, one after another, without those that are gone meanwhile; ``answers``: these too."""
    for mail in mails:
        content = mail.read()
        if content is not None:
            yield ReadMail(mail, reports_in(content), replies_in(content) if answers else [])


def preview(found: ReadMail) -> list[MailOutcome]:
    """Return what would be sent for a mail."""
    return _or_no_report(
        found, [*_reported(found, READY), *(of_reply(found.mail, each, READY) for each in found.replies)]
    )


async def process(client: Client, found: ReadMail, sent: SentAnswers) -> list[MailOutcome]:
    """Report the bounces and send the answers of a mail, and mark it as seen if none is to be sent again."""
    bounces = [each for report in found.reports if (each := await _report_bounce(client, found.mail, report))]
    answers = [await _send_answer(client, found.mail, reply, sent) for reply in found.replies]
    again = [*bounces, *(each for each in answers if each.outcome == REFUSED)]
    if (found.reports or found.replies) and not again:
        found.mail.mark_seen()
    return _or_no_report(found, [*(bounces or _reported(found, REPORTED)), *answers])


def _reported(found: ReadMail, outcome: str) -> list[MailOutcome]:
    return [of_report(found.mail, each, outcome) for each in found.reports]


def _or_no_report(found: ReadMail, outcomes: list[MailOutcome]) -> list[MailOutcome]:
    return outcomes or [MailOutcome(found.mail.name, NO_REPORT)]


async def _report_bounce(client: Client, mail: UnseenMail, report: BounceReport) -> MailOutcome | None:
    """Report a bounce; return the refusal if it was refused."""
    answer = await _answer_to(client, report.bounce, SYSTEM, report.id)
    if not isinstance(answer, CommandRefused):
        return None
    return of_report(mail, report, REFUSED, f"{answer.code}: {answer.detail}")


async def _send_answer(client: Client, mail: UnseenMail, reply: Reply, sent: SentAnswers) -> MailOutcome:
    """Learn whose answer it is, and send it as that person; it joins those that were ``sent`` before."""
    matched = await _answer_to(client, reply.report, SYSTEM, reply.id)
    if isinstance(matched, CommandRefused):
        return _refused(mail, reply, ReportReply, matched)
    whose = ReplyMatched.model_validate(matched.state)
    answered = await _answer_to(
        client, answer_of(reply, whose), whose.person_id, uuid5(reply.id, "answer"), f"{CALENDAR_REPLY}{reply.id}"
    )
    if isinstance(answered, CommandRefused):
        return _refused(mail, reply, AnswerSession, answered)
    is_new = sent.add(reply.id)
    return of_reply(mail, reply, ANSWERED if is_new and matched.changed else ANSWERED_BEFORE)


async def _answer_to(
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


def _refused(mail: UnseenMail, reply: Reply, refused: type[Command], refusal: CommandRefused) -> MailOutcome:
    outcome = REFUSED if refusal.code in _LATER[refused] else NOT_COUNTED
    return of_reply(mail, reply, outcome, f"{refusal.code}: {refusal.detail}")
