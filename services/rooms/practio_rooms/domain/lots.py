"""People in reports over many rooms: counted in lots, in months that are fixed once and for all.

Each month of a room is fixed two days after its end, and a fixed month never changes. What is counted of people (that
they were in the room, came to sessions, waited for a seat) joins a lot of the room once it is about four people or
more. What is about fewer waits: for the month after, and meanwhile for others of the same sponsor, whose lot then
counts for the sponsor as a whole and for no room. Each person's part is in one lot, and only whole lots are shown. So
the difference of any two reports, whatever they are about and whenever they are asked for, consists of whole lots.

A lot of people goes on until all of them have left, or a part of it until all of that part have: parts are of four
people or more, too.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from practio_rooms.domain.feedback import LOT

FEWEST = LOT
"""The fewest people that a number may be about."""


class LotKind(StrEnum):
    """What of people is counted."""

    PEOPLE = "people"
    ATTENDED = "attended"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class LotScope:
    """For what a lot counts: a room with its sponsor and format, or the sponsor as a whole (``room_id`` null)."""

    room_id: UUID | None
    sponsor_id: UUID | None
    format: str | None


@dataclass(frozen=True, slots=True)
class InRoom:
    """A person in a room."""

    room_id: UUID
    person_id: UUID


Parts = Mapping[InRoom, int]
"""How much there is of each person in a room."""


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot; ``members`` are known of open lots of people alone: those of them who are not erased."""

    lot_id: UUID
    kind: LotKind
    scope: LotScope
    month: date
    amount: int
    last_month: date | None = None
    members: frozenset[InRoom] = frozenset()


@dataclass(frozen=True, slots=True)
class Collected:
    """What is new after a month, or a part of it: lots (new ones, and those that changed) and what still waits."""

    lots: Sequence[Lot] = ()
    waiting: Mapping[LotKind, Parts] = field(default_factory=dict)


def month_before(month: date) -> date:
    """Return the first day of the month before."""
    return (month - timedelta(days=1)).replace(day=1)


def month_after(month: date) -> date:
    """Return the first day of the month after."""
    return (month + timedelta(days=32)).replace(day=1)


def is_enough(people: Iterable[InRoom]) -> bool:
    """Return whether these are four different people or more."""
    return len({each.person_id for each in people}) >= FEWEST


def collect(waiting: Mapping[LotKind, Parts], new: Mapping[LotKind, Parts], scope: LotScope, month: date) -> Collected:
    """Add what is new to what waits, and make a lot of each kind of which there is enough."""
    lots, left = [], dict[LotKind, Parts]()
    for kind in LotKind:
        parts = Counter(waiting.get(kind, {}))
        parts.update(new.get(kind, {}))
        if is_enough(parts):
            members = frozenset(parts) if kind is LotKind.PEOPLE else frozenset[InRoom]()
            lots.append(Lot(uuid4(), kind, scope, month, parts.total(), members=members))
        elif parts:
            left[kind] = dict(parts)
    return Collected(lots, left)


def gone_on(lots: Iterable[Lot], here: Set[InRoom], month: date, scope: LotScope | None = None) -> list[Lot]:
    """Return the open lots of people that change in a month in which the people of ``here`` were in their rooms.

    A lot whose people have all left ended with the month before. If enough have left and enough have stayed, it is
    parted. A lot whose room has another sponsor or format now, as in ``scope``, goes on as another.
    """
    changed: list[Lot] = []
    for lot in lots:
        parts = _parted(lot, here, month)
        if scope and scope != lot.scope:
            parts = [each for part in parts for each in _continued(part, scope, month)]
        changed += parts if parts != [lot] else []
    return changed


def _parted(lot: Lot, here: Collection[InRoom], month: date) -> list[Lot]:
    stayed = lot.members & set(here)
    left = lot.members - stayed
    if not stayed:
        return [_ended(lot, month)]
    if not (is_enough(stayed) and is_enough(left)):
        return [lot]
    rest = replace(lot, lot_id=uuid4(), amount=len(stayed), members=frozenset(stayed))
    return [replace(_ended(lot, month), amount=lot.amount - len(stayed)), rest]


def _continued(lot: Lot, scope: LotScope, month: date) -> list[Lot]:
    if lot.last_month:
        return [lot]
    return [_ended(lot, month), replace(lot, lot_id=uuid4(), scope=scope, month=month)]


def _ended(lot: Lot, month: date) -> Lot:
    return replace(lot, last_month=month_before(month), members=frozenset())


def newcomers(here: Set[InRoom], lots: Iterable[Lot], waiting: Mapping[LotKind, Parts]) -> Parts:
    """Return the people of a room who are in none of its open lots, and do not wait for one."""
    known = {member for lot in lots if lot.last_month is None for member in lot.members}
    return dict.fromkeys(here - known - waiting.get(LotKind.PEOPLE, {}).keys(), 1)


@dataclass(frozen=True, slots=True)
class MonthInRoom:
    """What happened in a room in a month: who was there, and of what is new, how much of whom."""

    scope: LotScope
    here: frozenset[InRoom] = frozenset()
    attended: Parts = field(default_factory=dict)
    waited: Parts = field(default_factory=dict)


def fix_room(
    happened: MonthInRoom, open_lots: Sequence[Lot], waiting: Mapping[LotKind, Parts], month: date
) -> Collected:
    """Fix a month of a room. ``open_lots`` are its own and those of its sponsor with people of the room.

    Its sponsor's lots are aged by ``fix_sponsor``, once all rooms are fixed.
    """
    own = [lot for lot in open_lots if lot.scope.room_id is not None]
    changed = gone_on(own, happened.here, month, happened.scope)
    replaced = {each.lot_id for each in changed}
    known = [*(lot for lot in open_lots if lot.lot_id not in replaced), *changed]
    new = {
        LotKind.PEOPLE: newcomers(happened.here, known, waiting),
        LotKind.ATTENDED: happened.attended,
        LotKind.WAITING: happened.waited,
    }
    collected = collect(waiting, new, happened.scope, month)
    return Collected([*changed, *collected.lots], collected.waiting)


def fix_sponsor(
    sponsor_id: UUID, open_lots: Sequence[Lot], here: Set[InRoom], waiting: Mapping[LotKind, Parts], month: date
) -> Collected:
    """Fix a month of a sponsor, once it is fixed in its rooms: what waits in them may be enough together.

    ``here`` are the people of the rooms that it has in the month: those of a room that has another sponsor now left.
    """
    changed = gone_on(open_lots, here, month)
    collected = collect(waiting, {}, LotScope(None, sponsor_id, None), month)
    return Collected([*changed, *collected.lots], collected.waiting)


def counts_in(lot: Lot, since: date, until: date) -> bool:
    """Return whether a lot counts in a report from one month to another, both included."""
    if lot.kind is LotKind.PEOPLE:
        return lot.month <= until and (lot.last_month is None or lot.last_month >= since)
    return since <= lot.month <= until
