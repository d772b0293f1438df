"""A letter that leaves, as mail: its words, its calendar entries, its links."""

from collections.abc import Sequence
from dataclasses import replace
from email.headerregistry import Address
from enum import IntEnum

from practio_contracts.links import Links
from practio_notifications.delivery.decisions import OutgoingLetter
from practio_notifications.delivery.mail import About, Mail, address_of, assemble
from practio_notifications.delivery.settings import MailSettings
from practio_notifications.letters.abridging import MOST_SHOWN
from practio_notifications.letters.links import LinkRequest
from practio_notifications.letters.relevance import Contact
from practio_notifications.rendering.calendar import Entry, Numbered, entries
from practio_notifications.rendering.links import PageLinks
from practio_notifications.rendering.text import Rendered, render, render_digest, render_link


class Brevity(IntEnum):
    """How much a letter brings: less of it where mail servers take no more."""

    WHOLE = 0
    SHORT = 1
    SHORTEST = 2


_ITEMS = {Brevity.WHOLE: MOST_SHOWN, Brevity.SHORT: 10, Brevity.SHORTEST: 0}
"""How many of its items a digest shows."""


def brevities(letter: OutgoingLetter) -> Sequence[Brevity]:
    """Return the ways to write a letter, the whole one first: digests count more items, others bring no calendar."""
    if letter.items:
        return tuple(Brevity)
    return (Brevity.WHOLE, Brevity.SHORTEST) if letter.brought else (Brevity.WHOLE,)


class NoPagesError(Exception):
    """A letter is to bring a link, and there are no pages any more."""


def compose_mail(
    letter: OutgoingLetter, settings: MailSettings, links: Links | None, brevity: Brevity = Brevity.WHOLE
) -> Mail:
    """Return a letter as mail; raise ``EmailNotValidError`` if its reader's address is invalid, or ``NoPagesError``."""
    contact = letter.situation.reader
    assert isinstance(contact, Contact)  # relevance.skip_reason lets no other pass
    reader = address_of(contact)
    pages = PageLinks(letter.person_id, contact, links.url, links.pages_url) if links else None
    mail = assemble(
        _rendered(letter, contact, pages, brevity),
        _about(letter),
        reader=reader,
        sender=settings.sender,
        entries=_entries(letter, reader, settings) if brevity is Brevity.WHOLE else (),
        unsubscribe=settings.mail_unsubscribe or (pages.stop(letter.kind.category) if pages else None),
    )
    return replace(mail, sender=settings.envelope_sender(letter.letter_id))


def _rendered(letter: OutgoingLetter, reader: Contact, pages: PageLinks | None, brevity: Brevity) -> Rendered:
    if letter.items:
        items = [(each.kind, each.event, each.situation) for each in letter.items]
        return render_digest(letter.kind, items, pages, most=_ITEMS[brevity], besides=letter.besides)
    if not isinstance(letter.event, LinkRequest):
        return render(letter.kind, letter.event, reader, letter.situation, letter.sessions, pages, added=letter.added)
    if pages is None:
        raise NoPagesError(str(letter.letter_id))
    return render_link(letter.kind, reader, letter.situation.room, pages)


def _about(letter: OutgoingLetter) -> About:
    return About(
        letter_id=letter.letter_id,
        kind=letter.kind,
        room_id=letter.room_id,
        member_id=letter.member_id,
        leaves_at=letter.leaves_at,
    )


def _entries(letter: OutgoingLetter, reader: Address, settings: MailSettings) -> Sequence[Entry]:
    method, room = letter.kind.calendar, letter.situation.room
    if method is None or room is None:
        return []
    numbered = {
        session_id: Numbered(entry.sequence, settings.answered_to(entry.reply_id))
        for session_id, entry in letter.entries.items()
    }
    return entries(
        method, letter.brought, numbered, room=room, reader=reader, sender=settings.sender, stamp=letter.made_at
    )
