"""What follows for whom from a change of what a room states, with figures: said before the change is made. Pure.

The rules are membership's (``practio_membership.domain.room_changes``) and those of letters. Who takes a free seat also
depends on the roles that people want, so their number is an upper bound.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from practio_contracts.membership import Roster, Status
from practio_contracts.rooms import Format, Policy, Promotion, Room, RoomStatus
from practio_pages.pages.revision_form import Revision, is_registered


class Follows(StrEnum):
    """A consequence of a change."""

    NO_SEAT_UNTIL = "no-seat-until"
    NOBODY_LOSES = "nobody-loses"
    MORE_SEATS = "more-seats"
    OFFERED = "offered"
    SEATED = "seated"
    ROLES_FOLLOW = "roles-follow"
    ROLES_STAY = "roles-stay"
    WAITLIST_STOPS = "waitlist-stops"
    STILL_WAITING = "still-waiting"
    REVOKED = "revoked"
    WAITLIST_STARTS = "waitlist-starts"
    WAITLIST_LONGER = "waitlist-longer"
    LET_IN = "let-in"
    LET_IN_WITHOUT_WAITLIST = "let-in-without-waitlist"
    OPEN = "open"
    OPEN_LATER = "open-later"
    BY_DECISION = "by-decision"
    BY_INVITATION = "by-invitation"
    STILL_PENDING = "still-pending"
    QUESTIONS = "questions"
    GUIDELINES = "guidelines"
    NO_GUIDELINES = "no-guidelines"
    MOVED = "moved"
    RENAMED = "renamed"
    ZONE = "zone"
    AUTOMATIC = "automatic"
    BY_OFFER = "by-offer"
    WINDOW = "window"
    AFTER_LAPSE = "after-lapse"
    EXPIRY = "expiry"
    REAPPLY = "reapply"
    SHOWN = "shown"
    SPONSORED = "sponsored"
    NO_LONGER_SPONSORED = "no-longer-sponsored"
    NO_LETTER = "no-letter"


_CAUSES_LETTERS = frozenset(
    {
        Follows.OFFERED,
        Follows.SEATED,
        Follows.REVOKED,
        Follows.LET_IN,
        Follows.LET_IN_WITHOUT_WAITLIST,
        Follows.MOVED,
        Follows.RENAMED,
    }
)


@dataclass(frozen=True, slots=True)
class Consequence:
    """A consequence; ``count`` people or seats are concerned, of ``among``."""

    code: Follows
    count: int = 0
    among: int = 0


@dataclass(frozen=True, slots=True)
class _Change:
    """A revision of a room whose people are counted by ``roster``."""

    room: Room
    revision: Revision
    roster: Roster

    def has(self, *names: str) -> bool:
        return any(name in self.revision.changed for name in names)

    def after(self, name: str) -> str:
        return self.revision.content.get(name, self.revision.now[name])

    def people(self, status: Status) -> int:
        return self.roster.counts.get(status, 0)

    @property
    def capacity(self) -> int:
        return int(self.after("capacity") or 0)

    @property
    def in_use(self) -> int:
        """Return the seats in use after the change: without a waitlist, no offer stands."""
        held = 0 if self.has("waitlist") and not self.after("waitlist") else self.roster.seats_held
        return self.roster.seats_taken + held

    @property
    def others(self) -> int:
        """Return how many people are in the room or run it, without the one who changes it: they get no letter."""
        room = self.room
        return self.roster.seats_taken + len(room.office_ids) - 1


def consequences(room: Room, revision: Revision, roster: Roster) -> list[Consequence]:
    """Return what follows from a revision whose fields have no fault, for the people that ``roster`` counts."""
    change = _Change(room, revision, roster)
    found = [
        *_of_seats(change),
        *_of_waitlist(change),
        *_of_policy(change),
        *_of_rules(change),
        *_of_texts(change),
    ]
    if _CAUSES_LETTERS.isdisjoint(each.code for each in found):
        found.append(Consequence(Follows.NO_LETTER))
    return found


def _of_seats(change: _Change) -> Iterator[Consequence]:
    former = change.room.capacity or 0
    if change.capacity < former:
        yield _of_fewer_seats(change)
    elif change.capacity > former:
        yield Consequence(Follows.MORE_SEATS, max(0, change.capacity - change.in_use))
    if change.has("roles"):
        yield Consequence(Follows.ROLES_STAY, change.people(Status.WAITLISTED))
    elif change.has("capacity", "format") and Format.PEER_COACHING in (change.room.format, change.after("format")):
        yield Consequence(Follows.ROLES_FOLLOW)
    has_news = change.capacity > former or change.has("roles", "format", "waitlist")
    waiting = change.people(Status.WAITLISTED)
    seats = min(waiting, change.capacity - change.in_use)
    if has_news and change.after("waitlist") and seats > 0:
        is_automatic = change.after("promotion") == Promotion.AUTOMATIC
        yield Consequence(Follows.SEATED if is_automatic else Follows.OFFERED, seats, waiting)


def _of_fewer_seats(change: _Change) -> Consequence:
    if change.capacity > change.in_use:
        return Consequence(Follows.NOBODY_LOSES, change.capacity - change.in_use)
    return Consequence(Follows.NO_SEAT_UNTIL, change.in_use - change.capacity + 1, change.in_use)


def _of_waitlist(change: _Change) -> Iterator[Consequence]:
    waiting = change.people(Status.WAITLISTED)
    if change.has("waitlist"):
        if change.after("waitlist"):
            yield Consequence(Follows.WAITLIST_STARTS)
        else:
            yield Consequence(Follows.WAITLIST_STOPS)
            yield from _if_any(Follows.REVOKED, change.people(Status.OFFERED))
            yield from _if_any(Follows.STILL_WAITING, waiting)
    limit = change.after("waitlist_limit")
    if change.has("waitlist_limit") and limit and waiting > int(limit):
        yield Consequence(Follows.WAITLIST_LONGER, waiting)


def _of_policy(change: _Change) -> Iterator[Consequence]:
    if not change.has("policy"):
        return
    pending = change.people(Status.REQUESTED)
    match change.after("policy"):
        case Policy.OPEN:
            yield Consequence(Follows.OPEN_LATER if change.room.status is RoomStatus.CLOSED else Follows.OPEN)
            has_waitlist = bool(change.after("waitlist"))
            yield from _if_any(Follows.LET_IN if has_waitlist else Follows.LET_IN_WITHOUT_WAITLIST, pending)
        case Policy.APPROVAL:
            yield Consequence(Follows.BY_DECISION)
        case _:
            yield Consequence(Follows.BY_INVITATION)
            yield from _if_any(Follows.STILL_PENDING, pending)


_OF_RULE: Mapping[str, Follows] = {
    "questions": Follows.QUESTIONS,
    "time_zone": Follows.ZONE,
    "offer_window_hours": Follows.WINDOW,
    "after_lapse": Follows.AFTER_LAPSE,
    "request_expires_after_days": Follows.EXPIRY,
    "reapply_after_days": Follows.REAPPLY,
}


def _of_rules(change: _Change) -> Iterator[Consequence]:
    for name, code in _OF_RULE.items():
        if change.has(name):
            yield Consequence(code)
    if change.has("promotion"):
        is_automatic = change.after("promotion") == Promotion.AUTOMATIC
        yield Consequence(Follows.AUTOMATIC if is_automatic else Follows.BY_OFFER)
    if change.has("guidelines_text"):
        yield Consequence(Follows.GUIDELINES if change.after("guidelines_text") else Follows.NO_GUIDELINES)


_SHOWN = ("title", "domain", "purpose", "for_whom", "format", "mode", "language", "sponsor_kind", "sponsor_name")


def _of_texts(change: _Change) -> Iterator[Consequence]:
    if change.has("place", "meeting_url"):
        yield from _if_any(Follows.MOVED, change.others)
    elif change.has("title") and change.room.next_session_at:
        yield from _if_any(Follows.RENAMED, change.others)
    if change.has(*_SHOWN):
        yield Consequence(Follows.SHOWN)
    if change.has("sponsor_kind") and change.room.sponsor.sponsor_id:
        yield Consequence(Follows.NO_LONGER_SPONSORED)
    if change.has("sponsor_kind") and is_registered(change.after("sponsor_kind")):
        yield Consequence(Follows.SPONSORED)


def _if_any(code: Follows, count: int) -> Iterator[Consequence]:
    if count:
        yield Consequence(code, count)
