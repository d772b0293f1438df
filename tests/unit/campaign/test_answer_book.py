"""First answers are owed to the connection on which a command was published."""

import pytest
from tests.campaign.answers import AnswerBook

pytestmark = pytest.mark.thorough  # it looks at nothing that is shipped


def a_book() -> AnswerBook:
    book = AnswerBook()
    book.connected()
    return book


def test_an_answer_is_owed_until_it_comes_even_if_it_is_faster_than_the_confirm() -> None:
    book = a_book()
    book.published("one", 1)
    book.answered("two")
    book.published("two", 1)
    assert book.owed() == ["one"]
    book.answered("one")
    assert book.owed() == []


def test_what_was_owed_to_a_connection_that_was_cut_is_lost_with_it_and_owed_again_once_it_is_asked_again() -> None:
    book = a_book()
    book.published("one", 1)
    book.connected()
    assert (book.owed(), book.lost_with_connections()) == ([], {1: 1})
    book.published("one", 2)
    assert (book.owed(), book.lost_with_connections()) == (["one"], {1: 1})
    book.answered("one")
    assert (book.owed(), book.lost_with_connections()) == ([], {1: 1})


def test_what_is_forgotten_is_neither_owed_nor_lost() -> None:
    book = a_book()
    book.published("one", 1)
    book.connected()
    book.forget()
    assert (book.owed(), book.lost_with_connections()) == ([], {})
