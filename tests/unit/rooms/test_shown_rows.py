"""The rows of a page: how many were looked at, with those that cannot be read and those that do not fit."""

from pydantic import BaseModel

from practio_chassis.handling.paging import PAGE_BYTES
from practio_rooms.queries.reading import shown_of


class Shown(BaseModel):
    text: str


def shown(text: str) -> Shown:
    if text == "?":
        raise ValueError(text)
    return Shown(text=text)


def test_a_row_that_cannot_be_read_is_looked_at_and_left_out() -> None:
    big = "x" * (PAGE_BYTES // 2)
    for texts, expected, count in (
        ("a?b", ["a", "b"], 3),
        ("ab?", ["a", "b"], 3),
        ("??", [], 2),
        ("", [], 0),
        (["?", big, "?", big, "a"], [big], 3),
    ):
        page, looked_at = shown_of(dict(enumerate(texts)), shown, table="example")
        assert ([each.text for each in page], looked_at) == (expected, count)
