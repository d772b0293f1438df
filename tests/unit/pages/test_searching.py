"""A search in an address: valid parameters apply, invalid ones are ignored and named."""

from tests.support.every_case import every_case

from practio_contracts.rooms import Format, SearchOrder, SearchRooms
from practio_pages.searching import read_search


def test_every_field_of_a_search_is_read() -> None:
    read = read_search({"text": " cases ", "format": "intervision", "free": "1", "order": "soonest", "language": "de"})
    assert read.ignored == ()
    assert read.query == SearchRooms(
        text="cases", format=Format.INTERVISION, with_free_seats=True, order=SearchOrder.SOONEST, language="de"
    )


def test_empty_and_unknown_parameters_do_not_narrow_the_search() -> None:
    assert read_search({"text": "  ", "format": "", "lang": "it", "utm_source": "x"}).query == SearchRooms()


@every_case(
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
def test_invalid_parameters_are_ignored_and_the_others_apply(wrong: dict[str, str]) -> None:
    read = read_search({"text": "cases", "mode": "online"} | wrong)
    assert read.ignored == tuple(wrong)
    kept = {name: value for name, value in {"text": "cases", "mode": "online"}.items() if name not in wrong}
    assert read.parameters == kept
    assert read.query == SearchRooms.model_validate(kept)


def test_the_next_page_belongs_to_the_same_search() -> None:
    read = read_search({"text": "cases", "after": "p1"})
    assert read.next_page("p2") == {"text": "cases", "after": "p2"}
    assert read.from_start() == {"text": "cases"}
    assert (read.is_narrowed, read_search({"mode": "online"}).is_narrowed) == (False, True)
