"""A search: read from an address, and written into the address of its next page."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from practio_contracts.rooms import SearchRooms

_FIELDS = {
    "text": "text",
    "format": "format",
    "mode": "mode",
    "language": "language",
    "policy": "policy",
    "free": "with_free_seats",
    "order": "order",
    "after": "after",
}
"""The query parameters of an address, and the fields of the query that they set."""

_FREE: Mapping[str, object] = {"1": True}


@dataclass(frozen=True, slots=True)
class Search:
    """A query, its parameters in an address, and the names of the parameters that were ignored as invalid."""

    query: SearchRooms
    parameters: Mapping[str, str]
    ignored: tuple[str, ...] = ()

    @property
    def is_narrowed(self) -> bool:
        """Return whether the search has filters besides words."""
        return bool(self.parameters.keys() - {"text", "after"})

    def from_start(self) -> dict[str, str]:
        """Return the parameters of its first page."""
        return {name: value for name, value in self.parameters.items() if name != "after"}

    def next_page(self, after: str) -> dict[str, str]:
        """Return the parameters of the page that begins ``after`` the last."""
        return self.from_start() | {"after": after}


def read_search(address: Mapping[str, str]) -> Search:
    """Read a search; an invalid parameter is ignored and named, the others apply."""
    parameters = {name: address[name].strip() for name in _FIELDS if address.get(name, "").strip()}
    wrong = _wrong(parameters)
    valid = {name: value for name, value in parameters.items() if name not in wrong}
    return Search(SearchRooms.model_validate(_query_fields(valid)), valid, tuple(sorted(wrong)))


def _wrong(parameters: Mapping[str, str]) -> set[str]:
    try:
        SearchRooms.model_validate(_query_fields(parameters))
    except ValidationError as error:
        wrong = {each["loc"][0] for each in error.errors()}
        return {name for name, field in _FIELDS.items() if field in wrong}
    return set()


def _query_fields(parameters: Mapping[str, str]) -> dict[str, object]:
    return {_FIELDS[name]: _FREE.get(value, value) if name == "free" else value for name, value in parameters.items()}
