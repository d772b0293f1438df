"""What letters promise: nothing is asked or offered that no page does, and every call to action has its link.

A page that comes takes its line out of ``NOTHING_DOES``, and its words get one in ``LEADS_TO``.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from babel.messages.pofile import read_po
from starlette.routing import Match
from tests.support.every_case import every_case
from tests.support.promises import FOR_SURE
from tests.unit.notifications.builders import PAGES as PAGES_URL
from tests.unit.notifications.builders import (
    STEWARD,
    a_contact,
    a_room,
    a_session,
    a_situation,
    an_event_for,
    quiet_by,
    some_pages,
)

from practio_contracts.links import Purpose
from practio_contracts.membership import MembershipEvent
from practio_contracts.rooms import SessionEvent
from practio_notifications.gallery.sample import Sample
from practio_notifications.gallery.samples import samples
from practio_notifications.letters.kinds import DIGEST_NAMES, INTRODUCE, KIND, LINK, Category, LetterKind
from practio_notifications.letters.recipients import (
    Audience,
    concerned,
    deciders,
    host,
    offices_under_the_host,
    unconcerned_stewards,
)
from practio_notifications.rendering.text import draft, rendered
from practio_pages.app import PAGES

NOTHING_DOES = {
    "a message to the host": r"(let|ask|tell|write to|talk to|contact) (the|your) hosts?\b|host will let you know",
    "a message to the others": r"let the others|tell the others",
    "a place that has no link": r"where you (find|manage|sent|joined|found)|cannot find the place",
}
NOBODY_READS = ("a message to the host", "a message to the others")
"""What nothing does without pages either; other actions are then offered by the system that members use."""

ON_PAGES_ALONE = r"\bnotes?\b|run the room:|share this address|see all sessions|coming\?|whether you are coming"
"""What letters without pages do not speak of, since it is known from nowhere that members' own system has it."""

LEADS_TO = {
    r"(you can|to) request to join|send a request": "way",
    r"leave (it|the room|the waitlist)": "way",
    r"withdraw your request": "way",
    r"if you accept|you can accept it|also decline": "way",
    r"rooms may suit": "rooms",
    r"approve or decline the|decline the request|decide instead": "queue",
    r"decide on requests|decide on their requests": "desk",
    r"plan sessions|invite people|run the room:": "desk",
    r"step down from your office": "desk",
    r"hand it over|close it": "desk",
    r"see all sessions|call off the session": "desk",
    r"plan a session:|hand the room over:|write to everybody": "desk",
    r"rooms you look after:": "care",
    r"are you coming|whether you are coming|you are coming|you might come|who is coming": "session",
    r"days to record who came|record who came:": "session",
    r"not this time:|maybe:": "session",
    r"how useful|give feedback": "feedback",
    r"\bnotes\b": "memory",
    r"publish it|publish the draft": "start",
    r"share this address": "room",
}
OPENS = {
    "Record who came": "session/.+/attendance",
    "Step down from your office": "desk/.+/offices/dismiss/[0-9a-f-]{36}",
    "Hand the room over": "desk/.+/offices/hand-over",
    "Close or archive the room": "desk/.+/life",
    "Plan a session": "desk/.+/sessions/plan",
    "See all sessions": "desk/.+/sessions",
    "Write to everybody in the room": "desk/.+/announce",
    "Read the concern": "desk/.+/concerns",
    "See this person’s offer": "desk/.+/people/[0-9a-f-]{36}",
}
"""Links that open the very page on which their words are done, not one that has the same words as a link again."""

STOPPED = {
    "request-to-decide": "new requests to join",
    "requests-digest": "new requests to join",
    "member-joined": "who joins, leaves or declines",
    "member-left": "who joins, leaves or declines",
    "member-declined-offer": "who joins, leaves or declines",
    "member-declined-invitation": "who joins, leaves or declines",
    "announced": "what hosts and facilitators write to everybody",
    "thanked": "thanks",
    "activity-digest": "news from any of your rooms",
    "session-reminder": "reminders of sessions",
    "session-over": "how they were",
    "session-to-record": "who came",
    "room-quiet": "quiet rooms",
    "room-long-quiet": "quiet rooms",
    "quiet-room": "quiet rooms",
    "care-digest": "quiet rooms",
    "sponsor-report": "reports for sponsors",
}
"""The words by which all letters of a category name each kind of them: stopping one stops all."""

SAMPLES = samples()
NO_OFFICE = ("office-taken", "hand-over-proposed", "handed-over")
"""Letters about an office that their readers do not hold."""

ELSEWHERE = (*NO_OFFICE, "room-drafted", "room-archived", "room-cancelled", *DIGEST_NAMES)
"""Letters that lead an office to another page: to the draft, to the notes that a room leaves; digests have samples."""

ROOM = a_room()
LABELLED = re.compile(r"^(\S[^\n]*):\nhttps://rooms\.example\.org/([^\s?]+)", re.MULTILINE)

TO_EVERYBODY = tuple(f"activity-digest.{each}" for each in ("written", "written-about-a-session", "thanked"))
TO_OFFICES = [
    each
    for each in SAMPLES
    if each.has_pages
    and each.kind.recipients in (host, deciders, offices_under_the_host, concerned, unconcerned_stewards)
    and each.kind.name not in (*NO_OFFICE, "room-drafted")  # which leads to where the draft is completed
    and each.name not in TO_EVERYBODY
]
ROOT = Path(__file__).parents[3]
CATALOGUES = sorted((ROOT / "services").glob("*/practio_*/locales/*.pot"))


def words_of(sample: Sample) -> str:
    """Return the sentences of a letter on one line, without what people typed."""
    rendered = sample.written("en")
    body = (line for line in rendered.text.split("\n--\n")[0].splitlines() if not line.startswith(">"))
    return re.sub(r"\s+", " ", f"{rendered.subject} {' '.join(body)}")


def pages_in(words: str) -> set[str]:
    """Return the pages to which a letter links."""
    return set(re.findall(r"https://rooms\.example\.org/([a-z]+)/", words))


@every_case("sample", SAMPLES, ids=lambda sample: sample.name)
def test_no_letter_speaks_of_what_nothing_does(sample: Sample) -> None:
    absent = [name for name in NOTHING_DOES if sample.has_pages or name in NOBODY_READS]
    words = words_of(sample)
    assert {name: found[0] for name in absent if (found := re.search(NOTHING_DOES[name], words, re.IGNORECASE))} == {}


@every_case("sample", [each for each in SAMPLES if each.has_pages], ids=lambda sample: sample.name)
def test_every_call_to_action_has_a_link_to_the_page_that_does_it(sample: Sample) -> None:
    words = words_of(sample)
    wanted = {page for call, page in LEADS_TO.items() if re.search(call, words, re.IGNORECASE)}
    assert wanted - pages_in(words) == set()


@every_case("sample", [each for each in SAMPLES if each.has_pages], ids=lambda sample: sample.name)
def test_a_link_opens_the_page_on_which_its_words_are_done(sample: Sample) -> None:
    links = LABELLED.findall(sample.written("en").text)
    assert [(label, path) for label, path in links if not re.fullmatch(OPENS.get(label, ".*"), path)] == []


def test_every_label_that_opens_one_page_is_in_a_letter() -> None:
    found = {label for sample in SAMPLES for label, _ in LABELLED.findall(sample.written("en").text)}
    assert OPENS.keys() - found == set()


@every_case("sample", [each for each in SAMPLES if each.has_pages], ids=lambda sample: sample.name)
def test_every_address_in_a_letter_is_a_page(sample: Sample) -> None:
    paths = re.findall(r"https://rooms\.example\.org(/[^\s?]*)", sample.written("en").text)
    assert [path for path in paths if not is_page(path)] == []


@every_case(
    "kind", [kind for kind in KIND.values() if kind.category is not Category.TRANSACTIONAL], ids=lambda kind: kind.name
)
def test_a_letter_that_can_be_stopped_names_all_that_stop_with_it(kind: LetterKind) -> None:
    of_category = {STOPPED[each.name] for each in KIND.values() if each.category is kind.category}
    foot = next(foot_of(sample) for sample in SAMPLES if sample.kind is kind and sample.has_pages)
    assert [words for words in of_category if words not in foot] == []


def test_no_other_letter_speaks_of_being_stopped() -> None:
    lasting = [each for each in SAMPLES if each.kind.category is Category.TRANSACTIONAL or not each.has_pages]
    assert [each.name for each in lasting if "If you stop" in foot_of(each)] == []


def foot_of(sample: Sample) -> str:
    """Return the foot of a letter, on one line."""
    return " ".join(sample.written("en").text.split("\n--\n")[-1].split())


def is_page(path: str) -> bool:
    """Return whether pages shows something at a path."""
    asked = {"type": "http", "method": "GET", "path": path}
    return any(route.matches(asked)[0] is Match.FULL for route in PAGES)


@every_case("sample", TO_OFFICES, ids=lambda sample: sample.name)
def test_every_letter_to_an_office_leads_to_the_desk(sample: Sample) -> None:
    assert "desk" in pages_in(words_of(sample))


def offices_written_to(kind: LetterKind) -> set[UUID]:
    """Return the offices of a room who get a letter of this kind, whether the host caused it or somebody else."""
    event = an_event_for(kind)
    return set(kind.recipients(Audience(ROOM), event)) & {*ROOM.office_ids}


@every_case("kind", [kind for kind in KIND.values() if kind.name not in ELSEWHERE], ids=lambda kind: kind.name)
def test_every_letter_that_an_office_may_get_leads_it_to_the_desk(kind: LetterKind) -> None:
    event = an_event_for(kind)
    for office in offices_written_to(kind):
        pages, leads = some_pages(office), office != STEWARD
        known = a_situation(event.membership if isinstance(event, MembershipEvent) else None, room=ROOM, leads=leads)
        sessions = [event.session] if isinstance(event, SessionEvent) else [a_session()] if kind.calendar else []
        text = rendered(draft(kind, event, a_contact(), replace(known, **quiet_by(event)), sessions, pages)).text
        assert f"{PAGES_URL}/{Purpose.DESK}/" in text, office


@every_case("sample", [each for each in SAMPLES if each.kind not in (LINK, INTRODUCE)], ids=lambda sample: sample.name)
def test_without_pages_no_letter_speaks_of_what_only_pages_have(sample: Sample) -> None:
    assert re.findall(ON_PAGES_ALONE, words_of(replace(sample, has_pages=False)), re.IGNORECASE) == []


@every_case("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_letter_asks_to_keep_only_what_it_brings_to_oneself(sample: Sample) -> None:
    words = words_of(sample)
    if "keep the place and the link" in words:
        assert "Place:" in words or "Online:" in words


@every_case("sample", SAMPLES, ids=lambda sample: sample.name)
def test_no_letter_gives_a_seat_to_somebody_who_may_not_be_there(sample: Sample) -> None:
    assert re.findall(FOR_SURE, words_of(sample), re.IGNORECASE) == []


@every_case("catalogue", CATALOGUES, ids=lambda path: path.stem)
def test_no_sentence_of_letters_or_pages_asks_for_a_message_that_nobody_can_send(catalogue: Path) -> None:
    with catalogue.open("rb") as file:
        sentences = [text for message in read_po(file) for text in as_many(message.id)]
    asks = "|".join(NOTHING_DOES[name] for name in ("a message to the host", "a message to the others"))
    assert sentences
    assert [sentence for sentence in sentences if re.search(asks, sentence, re.IGNORECASE)] == []


def as_many(text: str | tuple[str, ...] | list[str]) -> Sequence[str]:
    return (text,) if isinstance(text, str) else text
