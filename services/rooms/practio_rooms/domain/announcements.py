"""The host's word: who may announce, and how often."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from practio_contracts.answers import NextStep, Refusal
from practio_contracts.rooms import LIVE_ROOM, Announce, RefusalCode, Room
from practio_rooms.domain.room import Actor, leads, not_allowed, not_in_this_state

MOST, WITHIN = 2, timedelta(days=7)
"""How many announcements a room may have in which time."""

ID_TAKEN = Refusal(
    code=RefusalCode.ID_TAKEN, detail="an announcement with this id already exists with other content: use a new id"
)


def not_allowed_to_announce(room: Room, by: Actor) -> Refusal | None:
    """Return why an actor may not announce in a room, or None."""
    if not leads(room, by):
        return not_allowed("only the host and the facilitators can write to the whole room: ask one of them")
    return None if room.status in LIVE_ROOM else not_in_this_state(room, action="written to")


def too_many(recent: Sequence[datetime]) -> Refusal | None:
    """Return the refusal of a further announcement; ``recent`` are those of the last seven days, in any order."""
    if len(recent) < MOST:
        return None
    return Refusal(
        code=RefusalCode.TOO_MANY,
        detail=f"a room may have {MOST} announcements in {WITHIN.days} days: write again later",
        next_step=NextStep.RETRY_AFTER,
        retry_after=sorted(recent)[-MOST] + WITHIN,
    )


def fingerprint(command: Announce) -> str:
    """Return a command's fingerprint; without nulls, so that fields added to the contract do not change it."""
    return sha256(command.model_dump_json(exclude_none=True).encode()).hexdigest()
