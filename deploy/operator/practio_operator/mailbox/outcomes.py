"""The outcomes of bounces and answers, as they are printed and counted; no address is in them."""

from dataclasses import dataclass

from practio_operator.mailbox.mailboxes import UnseenMail
from practio_operator.mailbox.replies import Reply
from practio_operator.mailbox.reports import BounceReport

REPORTED, READY, REFUSED, NO_REPORT = "reported", "ready", "refused", "no report of a letter of ours"
ANSWERED, ANSWERED_BEFORE, NOT_COUNTED = "answered", "answered before", "not counted"


@dataclass(frozen=True, slots=True)
class MailOutcome:
    """The outcome of a bounce or an answer, or of a mail without either."""

    mail: str
    outcome: str
    letter_id: str | None = None
    kind: str | None = None
    detail: str | None = None
    session_id: str | None = None

    @property
    def label(self) -> str:
        """Return what it is counted as: an answer that does not count, by the code that says why."""
        code = str(self.detail).partition(":")[0]
        return f"{NOT_COUNTED}, {code}" if self.outcome == NOT_COUNTED else self.outcome


def of_report(mail: UnseenMail, report: BounceReport, outcome: str, detail: str | None = None) -> MailOutcome:
    """Return the outcome of a bounce or a complaint; without a ``detail``, with that of the report."""
    bounce = report.bounce
    return MailOutcome(mail.name, outcome, str(bounce.letter_id), bounce.kind, detail or bounce.detail)


def of_reply(mail: UnseenMail, reply: Reply, outcome: str, detail: str | None = None) -> MailOutcome:
    """Return the outcome of an answer to a session."""
    return MailOutcome(mail.name, outcome, None, reply.coming, detail, str(reply.report.session_id))
