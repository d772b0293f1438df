"""Random rooms with people who come and go over months, and the numbers that reports show of them."""

import random
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, cached_property, partial
from itertools import product
from uuid import UUID

from tests.support.seeds import a_seed
from tests.support.thorough import times

from practio_rooms.domain.lots import (
    Collected,
    InRoom,
    Lot,
    LotKind,
    LotScope,
    MonthInRoom,
    Parts,
    counts_in,
    fix_room,
    fix_sponsor,
)

SPONSORS = [UUID(int=900 + number) for number in range(2)]
FORMATS = ["intervision", "peer-coaching"]
MONTHS = [date(2026, number, 1) for number in range(1, 8)]

Stay = tuple[UUID, UUID, int, int | None]
"""A person in a room, from the month of a number to that of another."""


@dataclass(frozen=True)
class World:
    """What happened: rooms with a sponsor (by month) and a format, stays in them, and who came to how many sessions."""

    rooms: Mapping[UUID, tuple[Sequence[UUID | None], str]]
    stays: Sequence[Stay]
    visits: Mapping[tuple[int, InRoom], int]
    waits: Mapping[int, Sequence[InRoom]]

    def here(self, month: int) -> frozenset[InRoom]:
        """Return who is in which room in a month."""
        return frozenset(
            InRoom(room, person)
            for room, person, since, until in self.stays
            if since <= month and (until is None or month <= until)
        )


def a_world(chance: random.Random) -> World:
    """Return rooms of zero to nine people, who come and go one by one."""
    rooms = {}
    for number in range(chance.randrange(2, 7)):
        first, later = chance.choice(SPONSORS), chance.choice([*SPONSORS, None])
        moved = chance.choice([len(MONTHS), chance.randrange(len(MONTHS))])
        sponsors = [first if month < moved else later for month in range(len(MONTHS))]
        rooms[UUID(int=100 + number)] = (sponsors, chance.choice(FORMATS))
    people = [UUID(int=1_000 + number) for number in range(30)]
    stays = []
    for room in rooms:
        for person in chance.sample(people, chance.randrange(10)):
            since = chance.choice([0, 0, chance.randrange(len(MONTHS))])
            until = chance.choice([None, None, chance.randrange(since, len(MONTHS))])
            stays.append((room, person, since, until))
    world = World(rooms, stays, {}, {})
    visits = {
        (month, each): chance.randrange(1, 4)
        for month in range(len(MONTHS))
        for each in sorted(world.here(month), key=str)
        if chance.random() < 0.7
    }
    waits = {month: [InRoom(room, person) for room, person, since, _ in stays if since == month] for month in range(7)}
    return replace(world, visits=visits, waits=waits)


@dataclass
class Ledger:
    """The lots of all rooms, month by month, as the service keeps them; ``parts`` are what each lot is made of."""

    lots: dict[UUID, Lot] = field(default_factory=dict)
    waiting: dict[UUID, Mapping[LotKind, Parts]] = field(default_factory=dict)
    parts: dict[UUID, frozenset[tuple[LotKind, int, InRoom]]] = field(default_factory=dict)
    fixed: int = 0

    @cached_property
    def all_shown(self) -> Mapping[Hashable, int | None]:
        """Return every number that is shown, of a ledger that stays as it is."""
        return self.shown()

    def fix(self, world: World) -> None:
        """Fix the next month."""
        number, month = self.fixed, MONTHS[self.fixed]
        here = world.here(number)
        for room, (sponsors, form) in sorted(world.rooms.items()):
            attended = {
                each: visits for (at, each), visits in world.visits.items() if at == number and each.room_id == room
            }
            waited = dict.fromkeys((each for each in world.waits.get(number, ()) if each.room_id == room), 1)
            happened = MonthInRoom(
                LotScope(room, sponsors[number], form),
                frozenset(each for each in here if each.room_id == room),
                attended,
                waited,
            )
            collected = fix_room(happened, self._open(partial(_concerns, room)), self._of(room), month)
            self._keep(collected)
            self.waiting[room] = collected.waiting
        for sponsor in SPONSORS:
            self._fix_sponsor(world, sponsor, number, here)
        self.fixed += 1

    def _fix_sponsor(self, world: World, sponsor: UUID, number: int, here: Set[InRoom]) -> None:
        rooms = [room for room, (sponsors, _) in world.rooms.items() if sponsors[number] == sponsor]
        together = {
            kind: {each: amount for room in rooms for each, amount in self._of(room).get(kind, {}).items()}
            for kind in LotKind
        }
        own = self._open(lambda lot: lot.scope.room_id is None and lot.scope.sponsor_id == sponsor)
        in_its_rooms = frozenset(each for each in here if each.room_id in rooms)
        collected = fix_sponsor(sponsor, own, in_its_rooms, together, MONTHS[number])
        self._keep(collected)
        for room in rooms:
            self.waiting[room] = {k: p for k, p in self._of(room).items() if k in collected.waiting}

    def _of(self, room: UUID) -> Mapping[LotKind, Parts]:
        return self.waiting.get(room, {})

    def _open(self, which: Callable[[Lot], bool]) -> list[Lot]:
        return [lot for lot in self.lots.values() if lot.kind is LotKind.PEOPLE and not lot.last_month and which(lot)]

    def _keep(self, collected: Collected) -> None:
        self.lots |= {lot.lot_id: lot for lot in collected.lots}

    def shown(self, kinds: Iterable[LotKind] = LotKind) -> dict[Hashable, int | None]:
        """Return every number of every report that can be asked for now, by its name."""
        return {name: sum(lot.amount for lot in lots) or None for name, lots in self.reports(kinds)}

    def reports(self, kinds: Iterable[LotKind]) -> Iterator[tuple[Hashable, list[Lot]]]:
        """Yield the name of every number of every report, with the lots that it sums."""
        months = MONTHS[: self.fixed]
        rooms = sorted(self.waiting)
        spans = [(a, b) for a, b in product(range(len(rooms)), range(1, len(rooms) + 1)) if a < b]
        about = {f"sponsor {each}": partial(_is_about, sponsor=each) for each in SPONSORS}
        about |= {
            f"sponsor {each} {form}": partial(_is_about, sponsor=each, form=form)
            for each, form in product(SPONSORS, FORMATS)
        }
        about |= {f"rooms {start}:{end}": partial(_is_about, rooms=rooms[start:end]) for start, end in spans}
        periods = [(since, until) for since, until in product(months, months) if since <= until]
        for (name, is_in_it), kind in product(about.items(), kinds):
            in_it = [lot for lot in self.lots.values() if lot.kind is kind and is_in_it(lot)]
            for since, until in periods:
                yield (name, since, until, kind), [lot for lot in in_it if counts_in(lot, since, until)]


def _concerns(room: UUID, lot: Lot) -> bool:
    is_the_sponsors = lot.scope.room_id is None
    return lot.scope.room_id == room or (is_the_sponsors and any(each.room_id == room for each in lot.members))


def _is_about(
    lot: Lot, *, sponsor: UUID | None = None, form: str | None = None, rooms: Sequence[UUID] | None = None
) -> bool:
    return (
        (sponsor is None or lot.scope.sponsor_id == sponsor)
        and (form is None or lot.scope.format == form)
        and (rooms is None or lot.scope.room_id in rooms)
    )


@cache
def worlds() -> Sequence[tuple[int, World, Sequence[Ledger]]]:
    """Return random worlds with their seeds and what became of them, for tests that look at them."""
    first = a_seed()
    random_worlds = ((seed, a_world(random.Random(seed))) for seed in (first + at for at in times(10, thoroughly=15)))
    return [(seed, world, run(world)) for seed, world in random_worlds]


def run(world: World) -> list[Ledger]:
    """Return the ledger after each month."""
    ledgers, ledger = [], Ledger()
    for _ in MONTHS:
        ledger.fix(world)
        ledgers.append(Ledger(dict(ledger.lots), dict(ledger.waiting), {}, ledger.fixed))
    return ledgers
