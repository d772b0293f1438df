"""What letters promise: nothing is asked or offered that no page does, and every call to action has its link.

A page that comes takes its line out of ``NOTHING_DOES``, and its words get one in ``LEADS_TO``.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from babel.messages.pofile import read_po
from tests.support.every_case import every_case

from practio_notifications.gallery.sample import Sample
from practio_notifications.gallery.samples import samples
from practio_notifications.letters.kinds import INTRODUCE, LINK
from practio_notifications.letters.recipients import (
    concerned,
    deciders,
    host,
    offices_under_the_host,
    unconcerned_stewards,
)

NOTHING_DOES = {
    "a message to the host": r"(let|ask|tell|write to|talk to|contact) (the|your) hosts?\b|host will let you know",
    "a message to the others": r"let the others|tell the others",
    "a place that has no link": r"where you (find|manage|sent|joined|found)|cannot find the place",
}
NOBODY_READS = ("a message to the host", "a message to the others")
"""What nothing does without pages either; other actions are then offered by the system that members use."""

ON_PAGES_ALONE = r"\bnotes?\b|run the room:|pass this address|see all sessions|coming\?|whether you are coming"
"""What letters without pages do not speak of, since it is known from nowhere that members' own system has it."""

LEADS_TO = {
    r"(you can|to) request to join|send a request": "way",
    r"leave (it|the room|the waitlist)": "way",
    r"withdraw your request": "way",
    r"if you accept|you can accept it|also decline": "way",
    r"rooms may suit": "rooms",
    r"approve or decline the|decide instead": "queue",
    r"decide on requests|decide on their requests": "desk",
    r"plan sessions|invite people|run the room:": "desk",
    r"lay down your office": "desk",
    r"hand it over|close it": "desk",
    r"see all sessions|call off the session": "desk",
    r"plan a session:|hand the room over:|write to everybody": "desk",
    r"rooms you look after:": "care",
    r"are you coming|whether you are coming|you are coming|you might come|who is coming|record who came": "session",
    r"not this time:|maybe:": "session",
    r"how useful|give feedback": "feedback",
    r"\bnotes\b": "memory",
    r"publish it|publish the draft": "start",
    r"pass this address": "room",
}
FOR_SURE = r"next person|goes to someone|is (?:now )?offered to|offered the seat automatically"
"""Words that give a seat to somebody who waits, whether anybody does or not."""

SAMPLES = samples()
NO_OFFICE = ("office-taken", "hand-over-proposed")
"""Letters about an office that their readers do not hold."""

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


@every_case("sample", TO_OFFICES, ids=lambda sample: sample.name)
def test_every_letter_to_an_office_leads_to_the_desk(sample: Sample) -> None:
    assert "desk" in pages_in(words_of(sample))


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
