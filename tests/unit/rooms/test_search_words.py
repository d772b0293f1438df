"""The words of a search before PostgreSQL reads them."""

from datetime import UTC, datetime, timedelta

import pytest

from practio_rooms.domain.languages import DICTIONARIES, SIMPLE, dictionary_of
from practio_rooms.domain.search_words import beginning, begun_word
from practio_rooms.domain.session_sort_key import NEVER, session_sort_key


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("coach", "coach"),
        ("peer coach", "coach"),
        ('"peer coaching" for nur', "nur"),
        ("nurses or teac", "teac"),
        ("peer -coach", None),
        ("peer or", None),
        ('peer "coaching', None),
        ('"peer coaching for', None),
        ('"peer coaching"', None),
        ("", None),
    ],
)
def test_the_last_word_may_be_only_begun(text: str, word: str | None) -> None:
    assert begun_word(text) == word


def test_quotes_and_backslashes_stay_text() -> None:
    assert beginning("o'bri") == "'o''bri':*"
    assert beginning("a\\' | b") == "'a'' | b':*"


@pytest.mark.parametrize(
    ("language", "dictionary"),
    [("de", "german"), ("pt-BR", "portuguese"), ("EN-gb", "english"), ("nn", "norwegian"), ("cs", SIMPLE)],
)
def test_a_language_has_a_dictionary_whatever_its_region(language: str, dictionary: str) -> None:
    assert dictionary_of(language) == dictionary
    assert dictionary in DICTIONARIES


def test_sooner_is_greater_and_no_session_is_least() -> None:
    now = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
    assert session_sort_key(now) > session_sort_key(now + timedelta(microseconds=1)) > session_sort_key(None) == NEVER
