"""What a search asks for: read from an address, and written into the address of its next page."""

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
"""The names of an address, and of the question's fields."""

_FREE: Mapping[str, object] = {"1": True}


@dataclass(frozen=True, slots=True)
class Search:
    """A question, how it stands in an address, and which names of the address said nothing that can be asked for."""

    query: SearchRooms
    parameters: Mapping[str, str]
    ignored: tuple[str, ...] = ()

    @property
    def is_narrowed(self) -> bool:
        """Say whether something besides words is asked for."""
        return bool(self.parameters.keys() - {"text", "after"})

    def from_start(self) -> dict[str, str]:
        """Give the address of its first page."""
        return {name: value for name, value in self.parameters.items() if name != "after"}

    def next_page(self, after: str) -> dict[str, str]:
        """Give the address of the page that begins ``after`` the last."""
        return self.from_start() | {"after": after}


def read_search(address: Mapping[str, str]) -> Search:
    """Read a search; what cannot be asked for is left out and named, and the rest holds."""
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
