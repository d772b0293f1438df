"""Whether a published room has become quiet: its signs, and what is published of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from practio_contracts.rooms import Room, RoomAwake, RoomQuiet, Sign
from practio_rooms.domain.risk import fewest

WITHOUT_DATE_FOR = timedelta(days=7)
"""How long after its last session, or after it was opened, a room may have none to come."""

NONE_HELD_FOR = timedelta(days=60)
"""How long after its last session, or after it was opened, a room is taken to meet no more."""

UNANSWERED_FOR = timedelta(days=10)
"""How long a request may wait: its host was reminded after 3 days, and the other offices after 7.

In a room whose requests lapse within less than twice as long, half of that time: they are to be seen before they end.
"""

LOOKED_BACK_AT = 3
"""How many of the latest sessions with recorded attendance show whether few come; fewer show nothing."""

TURNOUTS_FROM = timedelta(days=180)
"""How long ago the earliest of these sessions began, at most: in a room that was opened again, since then."""

LOOKS_EVERY = timedelta(days=1)
"""How long after a look the next one is."""

LOOKS_SOONER = timedelta(hours=1)
"""The same for a room whose requests wait: they are decided in membership, which causes no look here."""


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many people with a seat were recorded as present at a session, and how many were in the room then."""

    present: int
    in_room: int


@dataclass(frozen=True, slots=True)
class RoomLife:
    """What is known about how a room lives.

    ``opened_at`` is when it was published, or reopened. ``has_coming``: a session takes place that is not over.
    ``last_held_at`` is the end of the last one since it was published. ``turnouts`` are the latest, newest first.
    ``oldest_request_at`` is of those that wait for a decision.
    """

    opened_at: datetime
    has_coming: bool = False
    last_held_at: datetime | None = None
    turnouts: Sequence[Turnout] = ()
    oldest_request_at: datetime | None = None
    is_without_host: bool = False


@dataclass(frozen=True, slots=True)
class Care:
    """The signs of a room that were published, and since when it has any."""

    signs: tuple[Sign, ...] = ()
    since: datetime | None = None


def signs_of(room: Room, life: RoomLife, now: datetime) -> tuple[Sign, ...]:
    """Return the signs that a published room is quiet, in the order of the contract."""
    lived_until = max(life.opened_at, life.last_held_at or life.opened_at)
    seen = {
        Sign.NO_COMING_SESSION: not life.has_coming and lived_until + WITHOUT_DATE_FOR <= now,
        Sign.NONE_HELD: lived_until + NONE_HELD_FOR <= now,
        Sign.FEW_COME: _few_come(room, life.turnouts),
        Sign.REQUESTS_UNANSWERED: _are_unanswered(room, life.oldest_request_at, now),
        Sign.NO_HOST: life.is_without_host,
    }
    return tuple(sign for sign in Sign if seen[sign])


def _are_unanswered(room: Room, oldest: datetime | None, now: datetime) -> bool:
    lapse = timedelta(days=room.access.request_expires_after_days)
    return oldest is not None and oldest + min(UNANSWERED_FOR, lapse / 2) <= now


def _few_come(room: Room, turnouts: Sequence[Turnout]) -> bool:
    """Return whether to each of the latest sessions too few came: for the format, or of the people in the room."""
    latest = turnouts[:LOOKED_BACK_AT]
    return len(latest) == LOOKED_BACK_AT and all(
        each.present < fewest(room) or each.present * 2 < each.in_room for each in latest
    )


def looked_after(
    before: Care, signs: tuple[Sign, ...], room: Room, now: datetime
) -> tuple[Care, RoomQuiet | RoomAwake | None]:
    """Return what is known after a look, and the event: one for each new sign, and one when no sign is left."""
    if not signs:
        return Care(), RoomAwake(room_id=room.room_id) if before.signs else None
    after = Care(signs, before.since or now)
    assert after.since is not None
    is_new = set(signs) - set(before.signs)
    return after, RoomQuiet(room_id=room.room_id, signs=list(signs), since=after.since) if is_new else None


def next_look(care: Care, now: datetime) -> datetime:
    """Return when a room is looked at next, unless something happens in it before."""
    return now + (LOOKS_SOONER if Sign.REQUESTS_UNANSWERED in care.signs else LOOKS_EVERY)


def rank(care: Care) -> int:
    """Return how much care a room needs: 0 without a sign; one without a host comes before all others."""
    return len(care.signs) + (len(Sign) if Sign.NO_HOST in care.signs else 0)
