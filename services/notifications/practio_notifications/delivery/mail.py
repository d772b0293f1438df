"""A letter that leaves, as mail: its words, calendar entries, links, headers and threading (RFC 5322, 2045, 3834)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime
from enum import IntEnum
from uuid import UUID

from practio_contracts.links import Links
from practio_contracts.recipients import checked
from practio_notifications.delivery.decisions import OutgoingLetter
from practio_notifications.delivery.settings import MailSettings
from practio_notifications.letters.abridging import MOST_SHOWN
from practio_notifications.letters.compose import thread_id
from practio_notifications.letters.kinds import SESSION_REMINDER, Category, LetterKind
from practio_notifications.letters.links import LinkCause
from practio_notifications.letters.relevance import Contact
from practio_notifications.rendering import mime
from practio_notifications.rendering.calendar import CalendarEntry, Numbered, entries
from practio_notifications.rendering.encoding import Encoded, encoded
from practio_notifications.rendering.links import PageLinks
from practio_notifications.rendering.mail_addresses import MailAddress
from practio_notifications.rendering.skeletons import Skeletons
from practio_notifications.rendering.text import Draft, draft, render_digest, render_link
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


class Brevity(IntEnum):
    """How much a letter brings: less of it where mail servers take no more."""

    WHOLE = 0
    SHORT = 1
    SHORTEST = 2


_ITEMS = {Brevity.WHOLE: MOST_SHOWN, Brevity.SHORT: 10, Brevity.SHORTEST: 0}
"""How many of its items a digest shows."""

SKELETONS = Skeletons()


def brevities(letter: OutgoingLetter) -> Sequence[Brevity]:
    """Return how briefly a letter may be written: whole, then with fewer items of a digest or without calendar."""
    if letter.items:
        return tuple(Brevity)
    return (Brevity.WHOLE, Brevity.SHORTEST) if letter.brought else (Brevity.WHOLE,)


class NoPagesError(Exception):
    """A letter is to bring a link, and there are no pages any more."""


def compose_mail(
    letter: OutgoingLetter, settings: MailSettings, links: Links | None, brevity: Brevity = Brevity.WHOLE
) -> Mail:
    """Return a letter as mail; raise ``EmailNotValidError`` if its reader's address is invalid, or ``NoPagesError``."""
    reader = address_of(_reader(letter))
    return _mail(letter, settings, links, reader, brevity, _written(letter, _pages(letter, links), brevity))


def compose_at_once(letter: OutgoingLetter, settings: MailSettings, links: Links | None) -> Mail | None:
    """Return a whole letter as mail if writing it takes no time worth mentioning; otherwise None.

    It does if others have got the same letter, and it brings no calendar. Raise what ``compose_mail`` does.
    """
    if letter.items or letter.brought or isinstance(letter.event, LinkCause):
        return None
    words = SKELETONS.written_at_once(_draft(letter, _pages(letter, links)))
    if words is None:
        return None
    return _mail(letter, settings, links, address_of(_reader(letter)), Brevity.WHOLE, words)


def _mail(
    letter: OutgoingLetter,
    settings: MailSettings,
    links: Links | None,
    reader: MailAddress,
    brevity: Brevity,
    words: Encoded,
) -> Mail:
    pages = _pages(letter, links)
    mail = assemble(
        words,
        _about(letter),
        reader=reader,
        sender=settings.sender,
        entries=_entries(letter, reader, settings) if brevity is Brevity.WHOLE else (),
        unsubscribe=settings.mail_unsubscribe or (pages.stop(letter.kind.category) if pages else None),
    )
    return replace(mail, sender=settings.envelope_sender(letter.letter_id))


def _reader(letter: OutgoingLetter) -> Contact:
    contact = letter.situation.reader
    assert isinstance(contact, Contact)  # relevance.skip_reason lets no other pass
    return contact


def _pages(letter: OutgoingLetter, links: Links | None) -> PageLinks | None:
    return PageLinks(letter.person_id, _reader(letter), links.url, links.pages_url) if links else None


def _written(letter: OutgoingLetter, pages: PageLinks | None, brevity: Brevity) -> Encoded:
    if letter.items:
        items = [(each.kind, each.event, each.situation) for each in letter.items]
        return encoded(render_digest(letter.kind, items, pages, most=_ITEMS[brevity], besides=letter.besides))
    if not isinstance(letter.event, LinkCause):
        return SKELETONS.written(_draft(letter, pages))
    if pages is None:
        raise NoPagesError(str(letter.letter_id))
    return encoded(render_link(letter.kind, _reader(letter), letter.situation.room, pages))


def _draft(letter: OutgoingLetter, pages: PageLinks | None) -> Draft:
    reader, situation = _reader(letter), letter.situation
    return draft(letter.kind, letter.event, reader, situation, letter.sessions, pages, added=letter.added)


def _about(letter: OutgoingLetter) -> AboutLetter:
    return AboutLetter(
        letter_id=letter.letter_id,
        kind=letter.kind,
        room_id=letter.room_id,
        member_id=letter.member_id,
        leaves_at=letter.leaves_at,
    )


def _entries(letter: OutgoingLetter, reader: MailAddress, settings: MailSettings) -> Sequence[CalendarEntry]:
    method, room = letter.kind.calendar, letter.situation.room
    if method is None or room is None:
        return []
    numbered = {
        session_id: Numbered(entry.sequence, settings.answered_to(entry.reply_id), letter.answers.get(session_id))
        for session_id, entry in letter.entries.items()
    }
    return entries(
        method, letter.brought, numbered, room=room, reader=reader, sender=settings.sender, stamp=letter.made_at
    )


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
