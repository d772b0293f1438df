"""A letter as mail: MIME, headers, threading (RFC 5322, RFC 2045, RFC 3834)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from uuid import UUID

from practio_contracts.recipients import checked
from practio_notifications.letters.compose import thread_id
from practio_notifications.letters.kinds import SESSION_REMINDER, Category, LetterKind
from practio_notifications.letters.relevance import Contact
from practio_notifications.rendering import mime
from practio_notifications.rendering.calendar import CalendarEntry
from practio_notifications.rendering.encoding import Encoded
from practio_notifications.rendering.mail_addresses import MailAddress
from practio_notifications.rendering.wording import one_line


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail for SMTP: the envelope's two addresses, and the message."""

    sender: str
    recipient: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutLetter:
    """The letter of a mail, the membership that it is about, and when it first leaves.

    Its headers come from these alone.
    """

    letter_id: UUID
    kind: LetterKind
    room_id: UUID | None
    member_id: UUID
    leaves_at: datetime


def address_of(reader: Contact) -> MailAddress:
    """Return a reader's name and address; raise ``EmailNotValidError`` if the address is invalid."""
    return MailAddress(one_line(reader.display_name), checked(reader.email))


def assemble(
    words: Encoded,
    about: AboutLetter,
    *,
    reader: MailAddress,
    sender: MailAddress,
    entries: Sequence[CalendarEntry] = (),
    unsubscribe: str | None = None,
) -> Mail:
    """Return a mail, with calendar entries for its sessions; ``unsubscribe`` is where its reader unsubscribes.

    Every attempt to send a letter has the same Message-ID, and the Date of the first one.
    """
    headers = [
        ("From", mime.mailbox("From", sender)),
        ("To", mime.mailbox("To", reader)),
        ("Subject", words.subject),
        ("Date", format_datetime(about.leaves_at)),
        ("Content-Language", words.language),
        *_identity(about, sender.domain),
        *_way_to_unsubscribe(about, unsubscribe),
    ]
    return Mail(sender.addr_spec, reader.addr_spec, mime.serialised(_body(words, about, entries), headers))


def _body(words: Encoded, about: AboutLetter, entries: Sequence[CalendarEntry]) -> mime.MimePart:
    """Return text and HTML; a single entry is another form of the letter, which mail programs show with buttons.

    Several entries are attachments; so are those of a reminder, which is about another date.
    """
    forms = [mime.encoded_text("plain", words.text), mime.encoded_text("html", words.html)]
    name = about.letter_id.hex
    is_form = len(entries) == 1 and about.kind is not SESSION_REMINDER
    if is_form:
        forms += [mime.calendar(each.content, each.method) for each in entries]
    letter = mime.multipart("alternative", name, forms)
    if is_form or not entries:
        return letter
    files = [
        mime.calendar(each.content, each.method, f"session-{number}.ics")
        for number, each in enumerate(entries, start=1)
    ]
    return mime.multipart("mixed", f"{name}.sessions", [letter, *files])


def _identity(about: AboutLetter, domain: str) -> mime.Headers:
    """Name the letter and its thread: all letters about one membership answer the same, unsent one."""
    thread = []
    if about.room_id is not None and not about.kind.stands_alone:
        first = f"<way.{thread_id(about.room_id, about.member_id)}@{domain}>"
        thread = [("In-Reply-To", first), ("References", first)]
    return [
        ("Message-ID", f"<{about.letter_id}@{domain}>"),
        *thread,
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
        ("Feedback-ID", f"{about.kind.name}:{about.kind.category}:practio"),
    ]


def _way_to_unsubscribe(about: AboutLetter, unsubscribe: str | None) -> mime.Headers:
    """Return the headers with which readers unsubscribe from this category, by one click on the web (RFC 8058)."""
    if unsubscribe is None or about.kind.category is Category.TRANSACTIONAL:
        return []
    address = unsubscribe.replace("{letter}", str(about.letter_id)).replace("{category}", about.kind.category)
    one_click = [("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")] if address.startswith("https:") else []
    return [("List-Unsubscribe", f"<{address}>"), *one_click]
