import pytest
from tests.campaign.order import OrderBook

pytestmark = pytest.mark.thorough  # it looks at nothing that is shipped


def test_rising_numbers_are_in_order_and_so_is_what_comes_again() -> None:
    assert faults_of(1, 2, 2, 1, 3, 1, 2, 3, 4) == []


def test_a_listener_may_begin_anywhere_and_a_gap_is_for_the_ledger() -> None:
    assert faults_of(5, 7) == []


def test_what_comes_after_a_later_one_is_out_of_order() -> None:
    assert faults_of(1, 3, 2) == ["practio.membership.joined.v1 of ('/practio/membership', 'm'): number 2 came after 3"]


def test_two_ids_under_one_number_are_named() -> None:
    book = OrderBook()
    for identity in ("a", "a", "b"):
        book.arrived(an_event(1, identity=identity))
    assert len(book.faults) == 1
    assert "two ids" in book.faults[0]


def test_each_subject_has_an_order_of_its_own() -> None:
    book = OrderBook()
    for number, subject in ((2, "m"), (1, "n"), (3, "m"), (2, "n")):
        book.arrived(an_event(number, subject=subject))
    assert book.faults == []


def faults_of(*numbers: int) -> list[str]:
    book = OrderBook()
    for number in numbers:
        book.arrived(an_event(number))
    return book.faults


def an_event(number: int, *, subject: str = "m", identity: str | None = None) -> dict[str, str]:
    return {
        "id": identity or f"{subject}{number}",
        "type": "practio.membership.joined.v1",
        "source": "/practio/membership",
        "subject": subject,
        "sequence": f"{number}",
    }
