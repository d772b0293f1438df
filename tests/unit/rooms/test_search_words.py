"""The words of a search before PostgreSQL reads them."""

from datetime import UTC, datetime, timedelta

from tests.support.every_case import every_case

from practio_rooms.domain.languages import DICTIONARIES, SIMPLE, dictionary_of
from practio_rooms.domain.search_words import read_terms
from practio_rooms.domain.session_sort_key import NEVER, session_sort_key


def written(typed: str) -> list[list[str]]:
    """Return the terms of a text: excluded ones after a minus, begun ones before dots."""
    return [["-" * term.excluded + term.text + "…" * term.begun for term in terms] for terms in read_terms(typed)]


@every_case(
    ("typed", "terms"),
    [
        ("coach", [["coach…"]]),
        ('"peer coaching" for nur', [["peer coaching", "for", "nur…"]]),
        ("nurses or teac", [["nurses"], ["teac…"]]),
        ("peer -coach", [["peer", "-coach"]]),
        ('peer -"for nurses"', [["peer", "-for nurses"]]),
        ("peer or", [["peer", "or"]]),
        ("or", [["or"]]),
        ("or peer", [["or", "peer…"]]),
        ("peer OR or nurses", [["peer"], ["or", "nurses…"]]),
        ('peer "coaching', [["peer", "coaching"]]),
        ('"peer coaching for', [["peer coaching for"]]),
        ('"peer coaching"', [["peer coaching"]]),
        ('צה"ל', [['צה"ל…']]),
        ("o'bri", [["o'bri…"]]),
        ("peer ???", [["peer"]]),
        ('??? - "" !', []),
        ("", []),
    ],
)
def test_a_text_is_read_as_terms(typed: str, terms: list[list[str]]) -> None:
    assert written(typed) == terms


@every_case(
    ("language", "dictionary"),
    [("de", "german"), ("pt-BR", "portuguese"), ("EN-gb", "english"), ("nn", "norwegian"), ("cs", SIMPLE)],
)
def test_a_language_has_a_dictionary_whatever_its_region(language: str, dictionary: str) -> None:
    assert dictionary_of(language) == dictionary
    assert dictionary in DICTIONARIES


def test_sooner_is_greater_and_no_session_is_least() -> None:
    now = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
    assert session_sort_key(now) > session_sort_key(now + timedelta(microseconds=1)) > session_sort_key(None) == NEVER
