"""The letter to a sponsor's delegates: what the last month gave it."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class KnownSponsor:
    """A sponsor as it is registered now."""

    name: str
    delegate_ids: tuple[UUID, ...]
