"""A letter that leaves, as mail: its words, its calendar entries, its links."""

from collections.abc import Sequence
from dataclasses import replace
from enum import IntEnum

from practio_contracts.links import Links
from practio_notifications.delivery.decisions import OutgoingLetter
from practio_notifications.delivery.mail import AboutLetter, Mail, address_of, assemble
from practio_notifications.delivery.settings import MailSettings
from practio_notifications.letters.abridging import MOST_SHOWN
from practio_notifications.letters.links import LinkCause
from practio_notifications.letters.relevance import Contact
from practio_notifications.rendering.calendar import CalendarEntry, Numbered, entries
from practio_notifications.rendering.encoding import Encoded, encoded
from practio_notifications.rendering.links import PageLinks
from practio_notifications.rendering.mail_addresses import MailAddress
from practio_notifications.rendering.skeletons import Skeletons
from practio_notifications.rendering.text import Draft, draft, render_digest, render_link


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
