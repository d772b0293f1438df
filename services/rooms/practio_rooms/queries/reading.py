"""What is shown of the rows of a page: a row that this release cannot read is left out, and stops no page."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import TypeVar

from pydantic import BaseModel

from practio_chassis.database.reading import readable
from practio_chassis.handling.paging import fitting

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")
P = TypeVar("P", bound=BaseModel)


def shown_of(rows: Mapping[K, R], shown: Callable[[R], P], *, table: str) -> tuple[list[P], int]:
    """Return what is shown of rows of a table, by id, as many as fit, and how many rows were looked at for it.

    Those that are left out were looked at.
    """
    places: list[int] = []

    def parts() -> Iterator[P]:
        for place, (identity, row) in enumerate(rows.items()):
            for part in readable({identity: row}, shown, set(), table=table).values():
                places.append(place)
                yield part

    page = list(fitting(parts()))
    return page, places[len(page)] if len(page) < len(places) else len(rows)
