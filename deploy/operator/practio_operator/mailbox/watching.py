"""A mailbox that is looked at again and again: mails with nothing for us are read once, refused ones printed once."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from practio_contracts.client import Client
from practio_operator.mailbox.mailboxes import Mailbox
from practio_operator.mailbox.outcomes import ANSWERED, NOT_COUNTED, REFUSED, MailOutcome
from practio_operator.mailbox.processing import SOURCE, ReadMail, found_in, process
from practio_operator.mailbox.sent_answers import SentAnswers
from practio_operator.mailbox.set_aside import MailsSetAside
from practio_operator.targets.addresses import publisher_url


@dataclass(slots=True)
class Watched:
    """What is remembered of a mailbox from one look to the next.

    ``looked_at`` are the mails with nothing for us, which stay unseen and are not read again as long as they are there;
    ``aside`` are those of which something was refused; ``sent`` are the newest answers.
    """

    looked_at: set[str] = field(default_factory=set)
    aside: MailsSetAside = field(default_factory=MailsSetAside)
    sent: SentAnswers = field(default_factory=SentAnswers)

    async def process_new(self, opened: AbstractContextManager[Mailbox]) -> AsyncIterator[MailOutcome]:
        """Process the new mails, and yield what became of them; raise ClientError or OperatorError."""
        with opened as mails:
            now = datetime.now(UTC)
            ours = self._new_of_ours(mails, now)
            if ours:
                async with Client.connect(publisher_url(), source=SOURCE) as client:
                    for each in ours:
                        for outcome in printed_once(each, await process(client, each, self.sent), self.aside, now):
                            yield outcome

    def _new_of_ours(self, mails: Mailbox, now: datetime) -> list[ReadMail]:
        unseen = list(mails)
        names = {mail.name for mail in unseen}
        self.looked_at.intersection_update(names)
        self.aside.keep(names)
        new = [mail for mail in unseen if mail.name not in self.looked_at and not self.aside.rests(mail.name, now)]
        ours = []
        for found in found_in(new, answers=True):
            if found.reports or found.replies:
                ours.append(found)
            else:
                self.looked_at.add(found.mail.name)
        return ours


def printed_once(
    found: ReadMail, outcomes: Sequence[MailOutcome], aside: MailsSetAside, now: datetime
) -> list[MailOutcome]:
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
