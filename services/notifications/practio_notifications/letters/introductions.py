"""How many people may be introduced, and by whom; by themselves too. Pure."""

from datetime import datetime, timedelta
from uuid import UUID

from practio_contracts.answers import FieldError, NextStep, Refusal, room_unknown
from practio_contracts.notifications import RefusalCode
from practio_contracts.rooms import Room
from practio_notifications.letters.visible_names import is_known_to

MOST = 50
"""Introductions by one actor within ``COUNTED_FOR``."""

MOST_OF_ADDRESS = 10
"""Introductions of one address within ``COUNTED_FOR``, by everybody together: each leads to a letter."""

COUNTED_FOR = timedelta(days=1)

MOST_LETTERS = 3
"""How often an address that nobody knows is asked within ``COUNTED_FOR`` who it belongs to."""

ASKING_KEPT_FOR = timedelta(days=7)
"""How long an address is kept whose owner was asked and has not answered: longer than their letter and link last."""

_NOT_ALLOWED = Refusal(
    code=RefusalCode.NOT_ALLOWED,
    detail="only those who hold an office of a room can introduce people to it: name the room in room_id",
)


UNREACHABLE = Refusal(
    code=RefusalCode.INVALID,
    detail="no letter can leave to this address: check how it is written",
    errors=(FieldError(field="email", message="is not an address to which letters can leave"),),
)


def may_introduce(room_id: UUID | None, room: Room | None, actor: UUID | None, *, now: datetime) -> Refusal | None:
    """Return why ``actor``, or the system if it is None, may not introduce people to a room; None if they may.

    ``room`` is what is known of the room with ``room_id``. Without a room only the system may.
    """
    if room_id is not None and (room is None or not is_known_to(room, actor)):
        return room_unknown(now)
    if actor is None or (room is not None and actor in room.office_ids):
        return None
    return _NOT_ALLOWED


def may_ask(*, to_address: int, in_all: int, most_in_all: int) -> bool:
    """Return whether one more letter may ask who an address belongs to, after these within ``COUNTED_FOR``."""
    return to_address < MOST_LETTERS and in_all < most_in_all


def too_many(first_at: datetime | None) -> Refusal | None:
    """Return a refusal if as many introductions as there may be were made since ``first_at``; None if it is None.

    It is the same whether an actor, an address or everybody together had too many.
    """
    if first_at is None:
        return None
    return Refusal(
        code=RefusalCode.TOO_MANY,
        detail="this would be more introductions in one day than there may be: wait until retry_after",
        next_step=NextStep.RETRY_AFTER,
        retry_after=first_at + COUNTED_FOR,
    )
