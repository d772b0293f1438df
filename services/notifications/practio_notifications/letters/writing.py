"""From fact to letters: pure, so that the same fact always gives the same letters."""

from dataclasses import dataclass
from uuid import UUID, uuid5

from practio_contracts.membership import MembershipFact
from practio_contracts.rooms import Room
from practio_notifications.letters.kinds import KINDS, Kind

_LETTERS = UUID("6f1f0f7e-3f3c-5b0e-9c39-0d1f8a1c5a77")
_WAYS = UUID("0b0c1a52-6a38-5c60-8f0b-6a3b8a1e7d41")


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter to be: which kind, and to whom."""

    letter_id: UUID
    kind: Kind
    person_id: UUID


def letters_from(fact_id: UUID, fact: MembershipFact, room: Room) -> list[Letter]:
    """Give the letters that ``fact`` asks for; none to somebody who is told it in another role already."""
    return [
        Letter(letter_id(fact_id, person_id, kind.name), kind, person_id)
        for kind in KINDS
        if isinstance(fact, kind.fact)
        for person_id in kind.recipients(room, fact.membership)
        if kind.confirms or fact.membership.by != str(person_id)
    ]


def letter_id(fact_id: UUID, person_id: UUID, kind: str) -> UUID:
    """Give the id of the one letter of this kind that this fact sends to this person."""
    return uuid5(_LETTERS, f"{fact_id}/{person_id}/{kind}")


def way_id(room_id: UUID, person_id: UUID) -> UUID:
    """Give the id of one person's way in one room: what a mail program threads letters by."""
    return uuid5(_WAYS, f"{room_id}/{person_id}")
