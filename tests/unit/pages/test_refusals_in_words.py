"""Every refusal that a person's command may get is said in the reader's language, with what to do next."""

import re
from functools import cache
from typing import Any

from tests.support.every_case import every_case
from tests.unit.pages.builders import NOW

from practio_contracts import membership, notifications, rooms
from practio_contracts.answers import Refusal
from practio_pages.rendering import _environment

OF_OPERATORS = {
    notifications.RefusalCode.LETTER_UNKNOWN,
    notifications.RefusalCode.LETTER_ON_ITS_WAY,
    notifications.RefusalCode.LETTER_EMPTIED,
    notifications.RefusalCode.ADDRESS_SUPPRESSED,
    notifications.RefusalCode.REPLY_UNKNOWN,
    notifications.RefusalCode.OTHER_SESSION,
    notifications.RefusalCode.OTHER_ADDRESS,
    notifications.RefusalCode.OUTDATED,
}
"""The codes of commands that pages never send: those about letters, and the answers of calendars."""

CODES = sorted(
    {str(code) for each in (membership, rooms, notifications) for code in each.RefusalCode}
    - {str(code) for code in OF_OPERATORS}
)
TEMPLATES = ("words", "desk-words", "person-words", "session-words")
LANGUAGES = ("en", "de", "es", "fr", "it")


@cache
def words_of(template: str, language: str) -> Any:
    return _environment(language).get_template(f"{template}.jinja").make_module({"when": str})


def in_words(template: str, language: str, refusal: Refusal) -> str:
    given = (refusal, str) if template == "words" else (refusal,)  # the words for all pages get their clock as well
    return " ".join(str(words_of(template, language).refusal(*given)).split())


@every_case("template", TEMPLATES)
def test_every_refusal_of_a_person_is_in_the_language_of_its_reader(template: str) -> None:
    for language in LANGUAGES:
        english = [
            code
            for code in CODES
            for retry_after in (None, NOW)
            if "in English"
            in in_words(template, language, Refusal(code=code, detail="in English", retry_after=retry_after))
        ]
        assert english == [], language


@every_case("code", ["failed", "unreadable"])
def test_what_failed_on_our_side_can_be_tried_again(code: str) -> None:
    assert "Try again" in in_words("words", "en", Refusal(code=code, detail="x"))


NOTHING_TO_DO = {
    "already-given": "it cannot be given again",
    "holds-office": "no seat is needed",
    "not-a-member": "there is nothing to leave",
    "person-erased": "nobody is left to whom it could be done",
    "no-hand-over": "the person is no longer asked",
    "reapply-later": "the room takes no second request, or the sentence has the day",
    "room-not-open": "the room alone can open again",
}
NEXT_STEP = re.compile(
    r"\b(ask|add|answer|check|choose|dismiss|go back|hand|look|open|plan|read|send|tell|tick|try|use|wait)\b"
    r"|current status is below|see how things stand|from this time on|can let you|can lift|can request"
)


@every_case("template", TEMPLATES)
def test_every_refusal_leads_on(template: str) -> None:
    """What can be done next, or how things stand now, is said of all but those to whom nothing is left to do."""
    without = {
        (code, sentence)
        for code in set(CODES) - NOTHING_TO_DO.keys()
        for retry_after in (None, NOW)
        for sentence in [in_words(template, "en", Refusal(code=code, detail="x", retry_after=retry_after))]
        if not NEXT_STEP.search(sentence.lower())
    }
    assert without == set()
