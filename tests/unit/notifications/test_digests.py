"""Digests in words, and how readers unsubscribe."""

import email
import email.policy
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError
from tests.support.every_case import every_case
from tests.unit.notifications.builders import (
    GUEST,
    HOST,
    NOW,
    a_contact,
    a_membership,
    a_room,
    a_situation,
    an_event,
    an_event_for,
    an_occupancy,
    some_pages,
)

from practio_contracts.membership import (
    Joined,
    MembershipEvent,
    OfferDeclined,
    Requested,
    SeatOffered,
    Status,
    Withdrawn,
)
from practio_notifications.delivery.mail import AboutLetter, address_of, assemble
from practio_notifications.delivery.settings import MailSettings
from practio_notifications.letters.kinds import KIND
from practio_notifications.rendering.encoding import encoded
from practio_notifications.rendering.text import Rendered, draft, render_digest, rendered

LETTER = UUID(int=7)
HEADS, COACHES = a_room(), a_room(title="Peer coaching", capacity=8)
WEB = "https://rooms.example.org/stop?letter={letter}&category={category}"


def digest(kind: str, *entries: tuple[str, MembershipEvent, str, object]) -> Rendered:
    """Return a digest of letters of these kinds, each about somebody of this name in this room, unwrapped."""
    items = []
    for name, event, member, room in entries:
        taken = an_occupancy(taken=1)
        items.append(
            (KIND[name], event, a_situation(event.membership, member=a_contact(member), room=room, occupancy=taken))
        )
    letter = render_digest(KIND[kind], items)
    return Rendered(letter.language, letter.subject, " ".join(letter.text.split()), letter.html)


def test_a_digest_of_requests_has_names_answers_and_free_seats() -> None:
    asked = an_event(Requested, answers={"why": "I lead a small school."}, message="Gladly online.")
    letter = digest(
        "requests-digest",
        ("request-to-decide", asked, "Bruno Riva", HEADS),
        ("request-to-decide", an_event(Requested), "Chiara Sala", HEADS),
        ("request-to-decide", an_event(Requested), "Dora Neri", COACHES),
    )
    assert letter.subject == "3 requests are waiting for your answer"
    for sentence in ("Bruno Riva", "> Gladly online.", "Why this room? > I lead a small school.", "Dora Neri"):
        assert sentence in letter.text
    assert letter.text.count("Intervision for school heads") == letter.text.count("Peer coaching") == 1
    assert letter.text.count("2 of 3 seats are free at the moment.") == 1


def test_a_digest_of_one_request_is_in_the_singular() -> None:
    letter = digest("requests-digest", ("request-to-decide", an_event(Requested), "Bruno Riva", HEADS))
    assert letter.subject == "One request is waiting for your answer"


def test_a_digest_of_activity_names_people_who_joined_left_or_declined() -> None:
    left = an_event(Withdrawn, a_membership(Status.WITHDRAWN))
    letter = digest(
        "activity-digest",
        ("member-joined", an_event(Joined), "Bruno Riva", HEADS),
        ("member-left", left, "Chiara Sala", HEADS),
        ("member-declined-offer", an_event(OfferDeclined, a_membership(Status.WITHDRAWN)), "Dora Neri", HEADS),
    )
    assert letter.subject == "News from “Intervision for school heads”"
    assert "Bruno Riva now has a seat. Chiara Sala has left, and a seat has become free." in letter.text
    assert "Dora Neri has declined the seat they were offered." in letter.text


def test_a_digest_of_what_a_host_reads_leads_to_the_desk_only_in_their_own_rooms() -> None:
    """The reader hosts one room, and is only in the other, whose host wrote."""
    theirs = a_room(title="Peer coaching", capacity=8, host_id=GUEST, facilitator_ids=[], steward_ids=[])
    joined, word = an_event(Joined), an_event_for(KIND["announced"], room_id=theirs.room_id)
    full = an_occupancy(taken=1)
    items = [
        (KIND["member-joined"], joined, a_situation(joined.membership, room=HEADS, occupancy=full)),
        (KIND["announced"], word, a_situation(room=theirs, occupancy=full, seated=True)),
    ]
    letter = render_digest(KIND["activity-digest"], items, some_pages(HOST))
    text = " ".join(letter.text.split())
    own, other = text.split("Peer coaching")
    assert "Run the room" in own
    assert "2 of 3 seats are free" in own
    assert "Run the room" not in other
    assert "seats are free" not in other
    assert "See your status" in other
    assert "nothing you need to do" not in text
    assert "because you host or help run these rooms, are in them, or are waiting for a seat" in text


@every_case(
    ("kinds", "situation", "why"),
    [
        (["member-joined"], {}, "because you host “Intervision for school heads”."),
        (["announced"], {}, "because you are in “Intervision for school heads” or help run it."),
        (["announced"], {"waiting": True}, "because you are waiting for a seat in “Intervision for school heads”."),
        (["thanked"], {}, "because you are in “Intervision for school heads” or help run it."),
        (["member-joined", "announced"], {}, "because you host “Intervision for school heads”."),
    ],
)
def test_a_digest_from_one_room_says_why_by_its_name(kinds: list[str], situation: dict[str, Any], why: str) -> None:
    known = a_situation(room=HEADS, **situation)
    letter = render_digest(KIND["activity-digest"], [(KIND[kind], an_event_for(KIND[kind]), known) for kind in kinds])
    assert why in " ".join(letter.text.split())


@every_case(
    ("digest", "kind", "why"),
    [
        ("requests-digest", "request-to-decide", "because you help run “Intervision for school heads” and want"),
        ("care-digest", "quiet-room", "because you look after “Intervision for school heads” as a steward"),
    ],
)
def test_other_digests_from_one_room_say_why_by_its_name(digest: str, kind: str, why: str) -> None:
    letter = render_digest(KIND[digest], [(KIND[kind], an_event_for(KIND[kind]), a_situation(room=HEADS))])
    assert why in " ".join(letter.text.split())


def headers(kind: str, unsubscribe: str | None) -> email.message.Message:
    about = AboutLetter(letter_id=LETTER, kind=KIND[kind], room_id=uuid4(), member_id=uuid4(), leaves_at=NOW)
    words = encoded(digest("activity-digest", ("member-joined", an_event(Joined), "Bruno Riva", HEADS)))
    settings = a_mailer()
    mail = assemble(words, about, reader=address_of(a_contact()), sender=settings.sender, unsubscribe=unsubscribe)
    return email.message_from_bytes(mail.content, policy=email.policy.default)


def a_mailer(**settings: object) -> MailSettings:
    return MailSettings.model_validate({"smtp_host": "mail", "mail_from": "practio@example.org"} | settings)


@every_case(
    ("kind", "category"),
    [
        ("requests-digest", "digest"),
        ("request-to-decide", "digest"),
        ("activity-digest", "activity"),
        ("member-joined", "activity"),
        ("session-reminder", "reminder"),
    ],
)
def test_optional_letters_have_one_click_unsubscribe_for_their_category(kind: str, category: str) -> None:
    mail = headers(kind, WEB)
    assert mail["List-Unsubscribe"] == f"<https://rooms.example.org/stop?letter={LETTER}&category={category}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_mailto_address_has_no_one_click_header() -> None:
    mail = headers("activity-digest", "mailto:stop+{letter}+{category}@example.org")
    assert mail["List-Unsubscribe"] == f"<mailto:stop+{LETTER}+activity@example.org>"
    assert "List-Unsubscribe-Post" not in mail


@every_case(("kind", "unsubscribe"), [("joined", WEB), ("seat-offered", WEB), ("activity-digest", None)])
def test_mandatory_letters_and_installations_without_an_address_have_no_unsubscribe_header(
    kind: str, unsubscribe: str | None
) -> None:
    assert "List-Unsubscribe" not in headers(kind, unsubscribe)


def test_a_digest_answers_no_other_letter() -> None:
    assert "In-Reply-To" not in headers("activity-digest", None)
    assert "In-Reply-To" in headers("member-joined", None)


def test_the_return_address_names_its_letter() -> None:
    settings = a_mailer(mail_bounces="bounces+{letter}@example.org")
    assert settings.envelope_sender(LETTER) == f"bounces+{LETTER}@example.org"
    assert a_mailer().envelope_sender(LETTER) == "practio@example.org"


@every_case(
    "settings",
    [
        {"mail_bounces": "bounces@example.org"},
        {"mail_bounces": "{letter}"},
        {"mail_unsubscribe": "https://example.org/{letter}"},
        {"mail_unsubscribe": "http://example.org/{letter}/{category}"},
        {"mail_unsubscribe": "https://example.org/{letter}/{category} <x>"},
    ],
)
def test_unusable_return_addresses_are_refused(settings: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        a_mailer(**settings)


def test_a_host_reads_the_name_of_the_person_whose_offer_did_not_arrive() -> None:
    event = an_event(SeatOffered, a_membership(Status.OFFERED, offer_expires_at=NOW + timedelta(days=1)))
    situation = a_situation(event.membership)
    letter = rendered(draft(KIND["offer-undelivered"], event, a_contact(), situation))
    assert letter.subject == "Bruno Riva may not know about the seat in “Intervision for school heads”"
    assert "could not be delivered" in " ".join(letter.text.split())
