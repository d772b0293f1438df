"""Links in letters: each belongs to the reader, for one purpose."""

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import Message
from functools import cache, cached_property
from typing import Any
from uuid import UUID, uuid4

import pytest
from icalendar import Calendar
from tests.support.every_case import every_case
from tests.unit.notifications.builders import (
    HOST,
    MEMBER,
    NOW,
    a_contact,
    a_room,
    a_session,
    a_situation,
    an_event_for,
)

from practio_contracts.links import AFTER_A_SESSION, Link, Links, Purpose
from practio_contracts.membership import MembershipEvent
from practio_contracts.rooms import Coming, Room, SessionAtRisk, SessionEvent, SessionOver
from practio_notifications.delivery.decisions import OutgoingLetter
from practio_notifications.delivery.mail import NoPagesError, compose_mail
from practio_notifications.delivery.settings import MailSettings
from practio_notifications.letters.kinds import INTRODUCE, KIND, LINK, Category, LetterKind
from practio_notifications.letters.links import link_letter_id
from practio_notifications.letters.recipients import Cause
from practio_notifications.store.calendar_entries import NumberedEntry

URL = "https://rooms.example.org"
LINKS = Links(URL, ["k" * 32])
ROOM = a_room()
TODAY = datetime.now(UTC)
SESSION = a_session(room_id=ROOM.room_id, starts_at=TODAY + timedelta(days=1))
_OF_THESE_DAYS: dict[type[Cause], dict[str, Any]] = {
    SessionAtRisk: {"starts_at": TODAY + timedelta(days=2)},
    SessionOver: {"ended_at": TODAY},
}
"""Links to sessions end with them: those of a letter are read while they are good."""
READER = a_contact(locale="it-IT", time_zone="Europe/Rome")
TEMPLATE = "https://other.example.org/stop?letter={letter}&category={category}"
ADDRESS = re.compile(rf"https?://rooms\.example\.org/({'|'.join(Purpose)})/([\w.-]+)")
HREF = re.compile('href="([^"]*)"')
_GATHERED = {"requests-digest": "request-to-decide", "activity-digest": "member-joined", "care-digest": "quiet-room"}
ABOUT_A_ROOM = (
    Purpose.WAY,
    Purpose.DESK,
    Purpose.MEMORY,
    Purpose.QUEUE,
    Purpose.START,
    Purpose.INTRODUCE,
    Purpose.SESSION,
    Purpose.FEEDBACK,
)
EVERY = every_case("kind", KIND.values(), ids=lambda kind: kind.name)
NEVER_ENDED = [kind for kind in KIND.values() if kind.category is Category.TRANSACTIONAL]
CAN_BE_ENDED = [kind for kind in KIND.values() if kind.category is not Category.TRANSACTIONAL]


def leaving(kind: LetterKind, *, room: Room | None = ROOM, items: tuple[OutgoingLetter, ...] = ()) -> OutgoingLetter:
    """Return a letter of this kind to the same reader, in hand."""
    event = an_event_for(kind, **_OF_THESE_DAYS.get(kind.event, {}))
    about = event.membership if isinstance(event, MembershipEvent) else None
    gathered = _GATHERED.get(kind.name)
    return OutgoingLetter(
        letter_id=uuid4(),
        tries=1,
        kind=kind,
        event=event,
        sessions=[SESSION] if issubclass(kind.event, SessionEvent) else [],
        entries={SESSION.session_id: NumberedEntry(1)},
        situation=a_situation(about, reader=READER, room=room, seated=True),
        person_id=MEMBER,
        member_id=MEMBER,
        room_id=room.room_id if room else None,
        created_at=NOW,
        leaves_at=NOW,
        made_at=NOW,
        items=items or ((leaving(KIND[gathered]),) if gathered else ()),
    )


@dataclass(frozen=True)
class Read:
    """A mail as a mail program reads it; its parts are decoded once."""

    message: Message

    @cached_property
    def parts(self) -> dict[str, str]:
        """Return the text of each part by its type."""
        leaves = [part for part in self.message.walk() if not part.is_multipart()]
        decoded = {part.get_content_type(): part.get_payload(decode=True) for part in leaves}
        assert len(decoded) == len(leaves), "each part has a type of its own"
        return {kind: content.decode() for kind, content in decoded.items() if isinstance(content, bytes)}

    def form(self, subtype: str) -> str:
        """Return the letter as ``plain`` text or as ``html``."""
        return self.parts[f"text/{subtype}"]

    def __contains__(self, header: str) -> bool:
        """Return whether the mail has a header."""
        return header in self.message

    def __getitem__(self, header: str) -> str:
        """Return a header on one line."""
        return "".join(str(self.message[header]).splitlines())

    def links(self, subtype: str) -> Iterator[Link]:
        """Yield every link of a form, read as pages reads it."""
        for purpose, token in ADDRESS.findall(self.form(subtype)):
            yield LINKS.read(token, Purpose(purpose))


@cache
def a_letter(kind: LetterKind) -> Read:
    """Return a letter of this kind, as it is sent."""
    return sent(leaving(kind))


def sent(letter: OutgoingLetter, links: Links | None = LINKS, **settings: Any) -> Read:
    usual = {"smtp_host": "mail", "mail_from": "practio@example.org"}
    mail = compose_mail(letter, MailSettings.model_validate(usual | settings), links)
    return Read(email.message_from_bytes(mail.content))


@EVERY
def test_every_link_belongs_to_the_reader_and_has_their_language(kind: LetterKind) -> None:
    mail = a_letter(kind)
    for link in (*mail.links("plain"), *mail.links("html")):
        assert (link.person_id, link.locale, link.time_zone) == (MEMBER, "it-IT", "Europe/Rome")
        assert (link.room_id == ROOM.room_id) is (link.purpose in ABOUT_A_ROOM)
        assert link.category == (kind.category.value if link.purpose is Purpose.STOP else None)


def test_a_link_to_a_session_ends_a_while_after_it() -> None:
    [*answers] = [link for link in a_letter(KIND["session-scheduled"]).links("plain") if link.session_id]
    assert {link.session_id for link in answers} == {SESSION.session_id}
    assert {link.not_after for link in answers} == {(SESSION.ends_at + AFTER_A_SESSION).replace(microsecond=0)}


@every_case("kind", ["session-revised", "session-scheduled"])
def test_a_letter_brings_the_answer_to_each_session_into_the_calendar(kind: str) -> None:
    letter = replace(leaving(KIND[kind]), answers={SESSION.session_id: Coming.MAYBE})
    assert _partstat(sent(letter)) == "TENTATIVE"
    assert _partstat(sent(replace(letter, answers={uuid4(): Coming.YES}))) == "NEEDS-ACTION"


def _partstat(read: Read) -> str:
    return str(Calendar.from_ical(read.parts["text/calendar"]).events[0]["ATTENDEE"].params["PARTSTAT"])


@EVERY
def test_text_and_html_have_the_same_links(kind: LetterKind) -> None:
    mail = a_letter(kind)
    assert list(mail.links("plain")) == list(mail.links("html"))


@EVERY
def test_html_shows_no_token(kind: LetterKind) -> None:
    html = a_letter(kind).form("html")
    assert ADDRESS.search(HREF.sub("", html)) is None


@every_case("kind", [kind for kind in KIND.values() if kind not in (LINK, INTRODUCE)], ids=lambda kind: kind.name)
def test_without_pages_no_letter_has_a_link(kind: LetterKind) -> None:
    mail = sent(leaving(kind), None)
    assert [*mail.links("plain"), *mail.links("html")] == []
    assert "List-Unsubscribe" not in mail


@every_case("kind", CAN_BE_ENDED, ids=lambda kind: kind.name)
def test_optional_letters_have_one_click_unsubscribe_on_pages(kind: LetterKind) -> None:
    mail = a_letter(kind)
    [(purpose, token)] = ADDRESS.findall(mail["List-Unsubscribe"])
    link = LINKS.read(token, Purpose(purpose))
    assert (link.purpose, link.person_id, link.category) == (Purpose.STOP, MEMBER, kind.category.value)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_pages_without_https_have_no_one_click_header() -> None:
    mail = sent(leaving(KIND["member-joined"]), Links("http://rooms.example.org", ["k" * 32]))
    assert mail["List-Unsubscribe"].startswith("<http://rooms.example.org/stop/")
    assert "List-Unsubscribe-Post" not in mail


def test_an_unsubscribe_address_of_the_operator_is_in_the_header() -> None:
    mail = sent(leaving(KIND["member-joined"]), mail_unsubscribe=TEMPLATE)
    assert mail["List-Unsubscribe"].startswith("<https://other.example.org/stop?letter=")


@every_case("kind", NEVER_ENDED, ids=lambda kind: kind.name)
def test_mandatory_letters_have_no_links_to_unsubscribe_or_to_preferences(kind: LetterKind) -> None:
    mail = a_letter(kind)
    assert "List-Unsubscribe" not in mail
    assert not {link.purpose for link in mail.links("plain")} & {Purpose.STOP, Purpose.PREFERENCES}


@every_case(
    ("kind", "room", "purpose"),
    [
        (LINK, ROOM, Purpose.WAY),
        (LINK, None, Purpose.ROOMS),
        (INTRODUCE, ROOM, Purpose.INTRODUCE),
        (INTRODUCE, None, Purpose.INTRODUCE),
    ],
)
def test_a_requested_link_leads_to_the_room_or_to_all_rooms_and_starts_a_thread(
    kind: LetterKind, room: Room | None, purpose: Purpose
) -> None:
    mail = sent(leaving(kind, room=room))
    assert [(link.purpose, link.room_id) for link in mail.links("plain")] == [(purpose, room and room.room_id)]
    assert "References" not in mail
    assert "In-Reply-To" not in mail


@every_case("kind", [LINK, INTRODUCE])
def test_a_requested_link_is_not_sent_without_pages(kind: LetterKind) -> None:
    with pytest.raises(NoPagesError):
        sent(leaving(kind), None)


def test_two_link_requests_at_one_instant_are_one_letter() -> None:
    assert link_letter_id(MEMBER, None) == link_letter_id(MEMBER, None)
    ids: set[UUID] = {link_letter_id(who, at) for who in (MEMBER, HOST) for at in (None, NOW, NOW + timedelta(1))}
    assert len(ids) == 6
