"""What letters promise: nothing is asked or offered that no page does, and every call to action has its link.

A page that comes (notes, offices, answers to sessions) takes its line out of ``NOTHING_DOES``.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from babel.messages.pofile import read_po
from tests.support.every_case import every_case

from practio_notifications.gallery.sample import Sample
from practio_notifications.gallery.samples import samples

NOTHING_DOES = {
    "a message to the host": r"(let|ask|tell|write to|talk to|contact) (the|your) hosts?\b|host will let you know",
    "a message to the others": r"let the others|tell the others",
    "an answer to a session": r"cannot come|can(not)? make it",
    "notes": r"\bnotes?\b|written there",
    "leaving an office": r"step down|lay down",
    "handing a room over, closing it": r"hand it over|close (it|the room)|can close|end it",
    "planning sessions": r"plans? (its|the) sessions",
    "a place that has no link": r"where you (find|manage|sent|joined|found)|cannot find the place",
}
NOBODY_READS = ("a message to the host", "a message to the others", "an answer to a session", "notes")
"""What nothing does without pages either; other actions are then offered by the system that members use."""

LEADS_TO = {
    r"(you can|to) request to join|send a request": "way",
    r"leave (it|the room|the waitlist)": "way",
    r"withdraw your request": "way",
    r"if you accept|you can accept it|also decline": "way",
    r"rooms may suit": "rooms",
    r"approve or decline the|decide on requests|decide instead": "queue",
}
SAMPLES = samples()
ROOT = Path(__file__).parents[3]
CATALOGUES = sorted((ROOT / "services").glob("*/practio_*/locales/*.pot"))


def words_of(sample: Sample) -> str:
    """Return the sentences of a letter on one line, without what people typed."""
    rendered = sample.written("en")
    body = (line for line in rendered.text.split("\n--\n")[0].splitlines() if not line.startswith(">"))
    return re.sub(r"\s+", " ", f"{rendered.subject} {' '.join(body)}")


@every_case("sample", SAMPLES, ids=lambda sample: sample.name)
def test_no_letter_speaks_of_what_nothing_does(sample: Sample) -> None:
    absent = [name for name in NOTHING_DOES if sample.has_pages or name in NOBODY_READS]
    words = words_of(sample)
    assert {name: found[0] for name in absent if (found := re.search(NOTHING_DOES[name], words, re.IGNORECASE))} == {}


@every_case("sample", [each for each in SAMPLES if each.has_pages], ids=lambda sample: sample.name)
def test_every_call_to_action_has_a_link_to_the_page_that_does_it(sample: Sample) -> None:
    words = words_of(sample)
    wanted = {page for call, page in LEADS_TO.items() if re.search(call, words, re.IGNORECASE)}
    linked = {page for page in LEADS_TO.values() if f"/{page}/" in words or f"/{page}?" in words}
    assert wanted - linked == set()


@every_case("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_letter_asks_to_keep_only_what_it_brings_to_oneself(sample: Sample) -> None:
    words = words_of(sample)
    if "keep the place and the link" in words:
        assert "Place:" in words or "Online:" in words


@every_case("catalogue", CATALOGUES, ids=lambda path: path.stem)
def test_no_sentence_of_letters_or_pages_asks_for_a_message_that_nobody_can_send(catalogue: Path) -> None:
    with catalogue.open("rb") as file:
        sentences = [text for message in read_po(file) for text in as_many(message.id)]
    asks = "|".join(NOTHING_DOES[name] for name in ("a message to the host", "a message to the others"))
    assert sentences
    assert [sentence for sentence in sentences if re.search(asks, sentence, re.IGNORECASE)] == []


def as_many(text: str | tuple[str, ...] | list[str]) -> Sequence[str]:
    return (text,) if isinstance(text, str) else text
