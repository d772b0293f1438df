"""A search in an address: what can be asked for is, what cannot is left out and named."""

import pytest

from practio_contracts.rooms import Format, SearchOrder, SearchRooms
from practio_pages.searching import search_in


def test_every_field_of_a_search_is_read() -> None:
    read = search_in({"text": " cases ", "format": "intervision", "free": "1", "order": "soonest", "language": "de"})
    assert read.ignored == ()
    assert read.asked == SearchRooms(
        text="cases", format=Format.INTERVISION, with_free_seats=True, order=SearchOrder.SOONEST, language="de"
    )


def test_what_is_empty_or_unknown_asks_for_nothing() -> None:
    assert search_in({"text": "  ", "format": "", "lang": "it", "utm_source": "x"}).asked == SearchRooms()


@pytest.mark.parametrize(
    "wrong",
    [
        {"format": "choir"},
        {"mode": "by-post"},
        {"language": "!"},
        {"policy": "nobody"},
        {"free": "yes"},
        {"order": "oldest"},
        {"text": "x" * 201},
        {"text": "a\x00b"},
        {"after": "x" * 501},
    ],
)
def test_what_cannot_be_asked_for_is_left_out_and_the_rest_holds(wrong: dict[str, str]) -> None:
    read = search_in({"text": "cases", "mode": "online"} | wrong)
    assert read.ignored == tuple(wrong)
    kept = {name: value for name, value in {"text": "cases", "mode": "online"}.items() if name not in wrong}
    assert read.written == kept
    assert read.asked == SearchRooms.model_validate(kept)


def test_the_next_page_is_of_the_same_search() -> None:
    read = search_in({"text": "cases", "after": "p1"})
    assert read.following("p2") == {"text": "cases", "after": "p2"}
    assert read.from_start() == {"text": "cases"}
    assert (read.is_narrowed, search_in({"mode": "online"}).is_narrowed) == (False, True)
