"""Every refusal that a person's command may get is said in the reader's language, with what to do next."""

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


def said(template: str, language: str, refusal: Refusal) -> str:
    return " ".join(str(words_of(template, language).refusal(refusal)).split())


@every_case("template", TEMPLATES)
def test_every_refusal_of_a_person_is_in_the_language_of_its_reader(template: str) -> None:
    for language in LANGUAGES:
        english = [
            code
            for code in CODES
            for retry_after in (None, NOW)
            if "in English"
            in said(template, language, Refusal(code=code, detail="in English", retry_after=retry_after))
        ]
        assert english == [], language


@every_case("code", ["failed", "unreadable"])
def test_what_failed_on_our_side_can_be_tried_again(code: str) -> None:
    assert "Try again" in said("words", "en", Refusal(code=code, detail="x"))
