"""Links to people's own pages, which they ask for by their address: to how many people, which, and how often."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from practio_contracts.message import Part

MOST_PEOPLE = 3
"""How many people with the same address are written to, at most."""

PAUSE = timedelta(minutes=10)
"""How long after a link was sent to a person no other is, however often it is asked for."""

_LINKS = UUID("c1b7a6de-90a4-5c55-9b1e-6f0d6a3f2b18")


class LinkCause(Part):
    """The cause of a letter with a link: a request for one by this person's address."""

    person_id: UUID


@dataclass(frozen=True, slots=True)
class Asking:
    """A person whose address asked for a link, and when a letter with one was last written to them.

    ``only_asks``: nobody knows more of them than that their address asked.
    """

    person_id: UUID
    registered: bool
    only_asks: bool
    last_at: datetime | None


def to_link(people: Sequence[Asking], now: datetime) -> list[Asking]:
    """Return those who are written to now, with a link to their pages."""
    return [each for each in people if not each.only_asks and _has_paused(each, now)]


def to_introduce(people: Sequence[Asking], now: datetime) -> list[Asking]:
    """Return those who are asked now who they are: of an address that no registered person has."""
    if any(each.registered for each in people):
        return []
    return [each for each in people if each.only_asks and _has_paused(each, now)]


def _has_paused(asking: Asking, now: datetime) -> bool:
    return asking.last_at is None or asking.last_at <= now - PAUSE


def link_letter_id(person_id: UUID, last_at: datetime | None) -> UUID:
    """Return the id of the one letter that follows the link letter of ``last_at``; None: it is the first.

    Two simultaneous requests lead to the same letter.
    """
    return uuid5(_LINKS, f"{person_id}/{last_at.astimezone(UTC).isoformat() if last_at else ''}")
