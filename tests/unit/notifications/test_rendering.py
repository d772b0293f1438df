"""Letters in words: each reader's language and time zone, and that typed text is never markup."""

import re
from datetime import timedelta

from tests.support.every_case import every_case
from tests.unit.notifications.builders import (
    NOW,
    a_contact,
    a_membership,
    a_room,
    a_situation,
    an_event,
    an_event_for,
)
from tests.unit.notifications.html_document import visible
from tests.unit.notifications.written import written

from practio_contracts.membership import (
    Joined,
    MembershipEvent,
    Requested,
    RoleChanged,
    SeatOffered,
    Status,
)
from practio_contracts.rooms import SessionEvent
from practio_notifications.gallery.sample import Sample
from practio_notifications.gallery.samples import samples
from practio_notifications.letters.kinds import INTRODUCE, KIND, LINK, LetterKind
from practio_notifications.rendering.text import draft, rendered

HREF = re.compile('href="([^"]*)"')
MARKUP = '<script>alert("x")</script>'


def _typed(kind: LetterKind) -> dict[str, object]:
    """Return the texts that people typed for an event: markup, wherever possible."""
    event = an_event_for(kind)
    if isinstance(event, MembershipEvent):
        typed = event.membership.model_copy(update={"reason": MARKUP, "role": MARKUP})
        return {"membership": typed, "answers": {"why": MARKUP}, "message": MARKUP}
    if isinstance(event, SessionEvent):
        places = {"topic": MARKUP, "place": MARKUP, "meeting_url": "javascript:alert(1)"}
        return {"session": event.session.model_copy(update=places), "reason": MARKUP}
    return {"reason": MARKUP}


@every_case("kind", KIND.values(), ids=lambda kind: kind.name)
def test_typed_text_is_never_markup(kind: LetterKind) -> None:
    room = a_room(
        title=MARKUP,
        purpose=MARKUP,
        place=MARKUP,
        meeting_url="javascript:alert(1)",
        guidelines={"version": 1, "text": MARKUP},
        access={"questions": [{"key": "why", "text": MARKUP}]},
    )
    event = an_event_for(kind, **_typed(kind))
    somebody = a_contact(MARKUP)
    letter = written(kind.name, event, somebody, member=somebody, host=somebody, room=room)
    assert "<script" not in letter.html
    page = {LINK: "way/the-room", INTRODUCE: "introduce/the-room"}.get(kind)
    assert HREF.findall(letter.html) == ([f"https://rooms.example.org/{page}"] if page else [])


@every_case("kind", KIND.values(), ids=lambda kind: kind.name)
def test_text_and_html_have_the_same_content(kind: LetterKind) -> None:
    letter = written(kind.name, an_event_for(kind))
    for sentence in ("Hello Ada Moretti,", "Kind regards", "You are receiving this email"):
        assert sentence in letter.text
        assert sentence in visible(letter.html)


@every_case("sample", samples(), ids=lambda sample: sample.name)
def test_text_and_html_have_the_same_words(sample: Sample) -> None:
    letter = sample.written("en")
    in_text = re.sub("^(> ?|-+$)", "", letter.text, flags=re.MULTILINE)
    text, html = (re.sub(r"https?://\S+|:", " ", form).split() for form in (in_text, visible(letter.html)))
    assert text == html[len(html) - len(text) :]


@every_case("kind", KIND.values(), ids=lambda kind: kind.name)
def test_names_and_titles_stay_on_one_line_and_change_no_direction(kind: LetterKind) -> None:
    tricky = "Ada\r\nBcc: all@example.org\u202egnp.exe\u2028"
    letter = written(
        kind.name, an_event_for(kind), a_contact(tricky), member=a_contact(tricky), room=a_room(title=tricky * 40)
    )
    for character in "\r\n\u202e\u2028":
        assert character not in letter.subject
    assert "\u202e" not in letter.text + letter.html
    assert len(letter.subject) <= 200


@every_case(("locale", "language"), [("en", "en"), ("zz", "en"), ("pt-BR-x-abc", "en")])
def test_a_reader_of_an_unsupported_language_reads_english(locale: str, language: str) -> None:
    letter = written("requested", an_event(Requested), a_contact(locale=locale))
    assert letter.language == language
    assert "Tuesday, 31 March 2026" in letter.text


@every_case(("locale", "greeting"), [("it-IT", "Ciao Ada"), ("de-CH", "Guten Tag Ada"), ("fr", "Bonjour Ada")])
def test_a_reader_gets_letters_in_their_language(locale: str, greeting: str) -> None:
    letter = written("requested", an_event(Requested), a_contact(locale=locale))
    assert greeting in letter.text
    assert f'lang="{letter.language}"' in letter.html
    assert letter.language == locale[:2]


def test_a_reader_of_an_unsupported_language_gets_the_language_of_the_room() -> None:
    letter = written("requested", an_event(Requested), a_contact(locale="pt"), room=a_room(language="es"))
    assert letter.language == "es"


def test_no_line_breaks_between_french_signs_and_their_words() -> None:
    joined, reader = an_event(Joined), a_contact(locale="fr")
    letter = rendered(draft(KIND["joined"], joined, reader, a_situation(reader=reader)))
    assert letter.subject == "Vous faites partie de «\u00a0Intervision for school heads\u00a0»"
    assert "Lieu\u00a0: Via Roma 1" in letter.text
    assert "« " not in letter.text


@every_case(("role", "words"), [("coachee", "Coachee"), ("observer", "Beobachtung"), ("Gastgeberin", "Gastgeberin")])
def test_roles_of_formats_are_translated_and_others_stay(role: str, words: str) -> None:
    event = an_event(RoleChanged, a_membership(Status.JOINED, role=role))
    assert f"Ihre Rolle: {words}" in written("role-changed", event, a_contact(locale="de")).text


def test_an_american_reads_dates_as_americans_do() -> None:
    american = a_contact(locale="en-US", time_zone="America/New_York")
    assert "Monday, March 2, 2026, 1:00" in written("seat-offered", an_event(SeatOffered), american).text


def test_the_next_session_is_shown_in_the_reader_s_time_zone() -> None:
    letter = written("joined", an_event(Joined), room=a_room(next_session_at=NOW + timedelta(days=7)))
    assert "Next session: Sunday, 8 March 2026, 19:00 (Central European Standard Time, Europe/Rome)" in letter.text


def test_an_offer_states_its_end_in_the_reader_s_time_zone() -> None:
    in_rome = written("seat-offered", an_event(SeatOffered))
    in_tokyo = written("seat-offered", an_event(SeatOffered), a_contact(time_zone="Asia/Tokyo"))
    assert "Monday, 2 March 2026, 19:00 (Central European Standard Time, Europe/Rome)" in in_rome.text
    assert "Tuesday, 3 March 2026, 03:00 (Japan Standard Time, Asia/Tokyo)" in in_tokyo.text
