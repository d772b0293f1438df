"""A letter as mail: MIME, headers, threading (RFC 5322, RFC 2045, RFC 3834)."""

from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any
from uuid import UUID

from practio_notifications.letters.kinds import Kind
from practio_notifications.letters.truth import Contact
from practio_notifications.letters.writing import way_id
from practio_notifications.mailer.addresses import checked
from practio_notifications.mailer.rendering import Rendered
from practio_notifications.mailer.wording import one_line


@dataclass(frozen=True, slots=True)
class Mail:
    """What goes over SMTP: the envelope's two addresses, and the message."""

    sender: str
    recipient: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Which letter a mail is, and whose way in which room it is about; its headers come from these alone."""

    letter_id: UUID
    kind: Kind
    room_id: UUID
    member_id: UUID
    created_at: datetime


class SubjectPolicy(EmailPolicy):
    """SMTP's policy, but a subject that is not ASCII is encoded whole (RFC 2047).

    Encoding word by word, as the standard library does, loses a space or doubles one where it folds a line between.
    """

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Give a header as it is sent."""
        if name.lower() != "subject" or str(value).isascii():
            return super().fold_binary(name, value)
        encoded = Header(str(value), "utf-8", header_name=name).encode(linesep=self.linesep)
        return f"{name}: {encoded}{self.linesep}".encode("ascii")


_POLICY = SubjectPolicy(linesep="\r\n")


def compose(rendered: Rendered, about: About, *, reader: Contact, sender: Address) -> Mail:
    """Make a mail; raises ``EmailNotValidError`` where the reader's address is none.

    Every attempt to send a letter gives the same Message-ID and Date.
    """
    recipient = checked(reader.email)
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender
    message["To"] = Address(one_line(reader.display_name), addr_spec=recipient)
    message["Subject"] = rendered.subject
    message["Date"] = format_datetime(about.created_at)
    _identify(message, about, sender.domain)
    message["Content-Language"] = rendered.language
    message.set_content(rendered.text, cte="quoted-printable")
    message.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
    return Mail(sender.addr_spec, recipient, message.as_bytes())


def _identify(message: EmailMessage, about: About, domain: str) -> None:
    """Name the letter and its thread: all letters about one person's way in one room answer the same, unsent one."""
    thread = f"<way.{way_id(about.room_id, about.member_id)}@{domain}>"
    message["Message-ID"] = f"<{about.letter_id}@{domain}>"
    message["In-Reply-To"] = thread
    message["References"] = thread
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["Feedback-ID"] = f"{about.kind.name}:{about.kind.category}:practio"
