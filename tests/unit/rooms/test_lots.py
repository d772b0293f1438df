"""Reports over many rooms: no two of them, asked for in any way at any time, tell of fewer than four people."""

import random
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, cached_property, partial
from itertools import product
from uuid import UUID

from tests.support.every_case import every_case
from tests.support.seeds import a_seed
from tests.support.thorough import times

from practio_rooms.domain.lots import (
    FEWEST,
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
    month_after,
    month_before,
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


def test_every_number_that_is_shown_is_made_of_lots_of_four_people_or_more() -> None:
    """And so is every difference: by range, room set or grouping, total minus rows, sponsor beside rooms, over time."""
    for seed, _, ledgers in worlds():
        for ledger in ledgers:
            assert all(value is None or value >= FEWEST for value in ledger.all_shown.values()), seed
            assert all(lot.amount >= FEWEST for lot in ledger.lots.values()), seed
            open_lots = [lot for lot in ledger.lots.values() if lot.kind is LotKind.PEOPLE and lot.last_month is None]
            assert all(len({each.person_id for each in lot.members}) >= FEWEST for lot in open_lots), seed


def test_a_part_of_a_person_is_in_one_lot_at_most() -> None:
    for seed, _, ledgers in worlds():
        for ledger in ledgers:
            members = [each for lot in ledger.lots.values() if lot.last_month is None for each in lot.members]
            assert len(members) == len(set(members)), seed
            waiting = {each for kinds in ledger.waiting.values() for each in kinds.get(LotKind.PEOPLE, {})}
            assert not waiting & set(members), seed


def test_what_was_shown_of_a_month_is_shown_for_ever() -> None:
    for seed, _, ledgers in worlds():
        shown: Mapping[Hashable, int | None] = {}
        for ledger in ledgers:
            now = ledger.all_shown
            assert shown == {name: now[name] for name in shown}, seed
            shown = now


def test_nothing_is_lost_and_few_people_of_a_room_wait() -> None:
    for seed, world, ledgers in worlds():
        last = ledgers[-1]
        visits = sum(world.visits.values())
        in_lots = sum(lot.amount for lot in last.lots.values() if lot.kind is LotKind.ATTENDED)
        waiting = sum(sum(kinds.get(LotKind.ATTENDED, {}).values()) for kinds in last.waiting.values())
        assert in_lots + waiting == visits, seed
        for kinds in last.waiting.values():
            assert all(len({each.person_id for each in parts}) < FEWEST for parts in kinds.values()), seed


def test_one_person_who_waits_for_a_lot_changes_nothing_that_is_shown() -> None:
    """An observer of all reports at all times cannot know of a person whose lot is not full, nor of their leaving."""
    tried = 0
    for seed, world, ledgers in worlds():
        with_them = [people_shown(each) for each in ledgers]
        waiting = {each for kinds in ledgers[-1].waiting.values() for each in kinds.get(LotKind.PEOPLE, {})}
        for hidden in sorted(waiting - ever_in_a_lot(ledgers), key=str):
            other = replace(
                world,
                stays=[stay for stay in world.stays if (stay[0], stay[1]) != (hidden.room_id, hidden.person_id)],
            )
            tried += 1
            assert [people_shown(each) for each in run(other)] == with_them, seed
    assert tried


def ever_in_a_lot(ledgers: Sequence[Ledger]) -> set[InRoom]:
    """Return who was in a full lot: some wait again, since their room left the sponsor that counted them."""
    return {each for ledger in ledgers for lot in ledger.lots.values() for each in lot.members}


def people_shown(ledger: Ledger) -> dict[Hashable, int | None]:
    return {name: value for name, value in ledger.shown([LotKind.PEOPLE]).items() if value}


def test_nobody_can_see_who_of_a_lot_did_what() -> None:
    """People of a room who came in the same month may be exchanged with each other: every report stays the same."""
    for seed, world, ledgers in worlds():
        chance = random.Random(seed)
        same = [(room, since) for room, _, since, _ in world.stays]
        room, since = chance.choice(same) if same else (UUID(int=0), 0)
        group = [stay for stay in world.stays if (stay[0], stay[2]) == (room, since)]
        ends = [stay[3] for stay in group]
        chance.shuffle(ends)
        exchanged = {id(stay): (*stay[:3], until) for stay, until in zip(group, ends, strict=True)}
        other = replace(world, stays=[exchanged.get(id(stay), stay) for stay in world.stays])
        if only_in(room, group, world):
            assert [people_shown(each) for each in run(other)] == [people_shown(each) for each in ledgers], seed


def only_in(room: UUID, group: Sequence[Stay], world: World) -> bool:
    """Return whether the people of a group are in no other room: what they are together with others is the same."""
    people = {stay[1] for stay in group}
    return all(stay[0] == room for stay in world.stays if stay[1] in people)


def in_a_room(number: int, room: int = 1) -> frozenset[InRoom]:
    return frozenset(InRoom(UUID(int=room), UUID(int=10 + each)) for each in range(number))


JANUARY, FEBRUARY, MARCH = MONTHS[:3]
HERE = LotScope(UUID(int=1), SPONSORS[0], FORMATS[0])


@every_case(("people", "shown"), [(0, []), (3, []), (4, [4]), (7, [7])])
def test_a_lot_needs_four_people(people: int, shown: list[int]) -> None:
    found = fix_room(MonthInRoom(HERE, in_a_room(people)), [], {}, JANUARY)
    assert [lot.amount for lot in found.lots] == shown
    assert len(found.waiting.get(LotKind.PEOPLE, {})) == (0 if shown else people)


def test_twelve_visits_of_three_people_are_no_lot() -> None:
    attended = dict.fromkeys(in_a_room(3), 4)
    found = fix_room(MonthInRoom(HERE, attended=attended), [], {}, JANUARY)
    assert (found.lots, found.waiting) == ([], {LotKind.ATTENDED: attended})


def test_a_lot_ends_with_the_month_before_all_of_it_have_left() -> None:
    [lot] = fix_room(MonthInRoom(HERE, in_a_room(5)), [], {}, JANUARY).lots
    assert fix_room(MonthInRoom(HERE, in_a_room(1)), [lot], {}, FEBRUARY).lots == []
    [ended] = fix_room(MonthInRoom(HERE), [lot], {}, MARCH).lots
    assert (ended.lot_id, ended.amount, ended.last_month) == (lot.lot_id, 5, FEBRUARY)


def test_a_lot_is_parted_once_four_have_left_and_four_have_stayed() -> None:
    [lot] = fix_room(MonthInRoom(HERE, in_a_room(8)), [], {}, JANUARY).lots
    assert fix_room(MonthInRoom(HERE, in_a_room(5)), [lot], {}, FEBRUARY).lots == []
    left, stayed = fix_room(MonthInRoom(HERE, in_a_room(4)), [lot], {}, MARCH).lots
    assert [(each.amount, each.month, each.last_month) for each in (left, stayed)] == [
        (4, JANUARY, FEBRUARY),
        (4, JANUARY, None),
    ]


def test_a_lot_goes_on_as_another_when_the_room_changes_its_format() -> None:
    [lot] = fix_room(MonthInRoom(HERE, in_a_room(4)), [], {}, JANUARY).lots
    other = replace(HERE, format=FORMATS[1])
    ended, going_on = fix_room(MonthInRoom(other, in_a_room(4)), [lot], {}, FEBRUARY).lots
    assert (ended.last_month, going_on.scope, going_on.month, going_on.amount) == (JANUARY, other, FEBRUARY, 4)


def test_a_person_in_two_rooms_is_one_person_towards_a_lot() -> None:
    waiting = dict.fromkeys(in_a_room(3) | in_a_room(3, room=2), 1)
    assert not fix_sponsor(SPONSORS[0], [], set(), {LotKind.PEOPLE: waiting}, JANUARY).lots
    more = waiting | dict.fromkeys(in_a_room(4, room=3), 1)
    [lot] = fix_sponsor(SPONSORS[0], [], set(), {LotKind.PEOPLE: more}, JANUARY).lots
    assert (lot.amount, lot.scope) == (10, LotScope(None, SPONSORS[0], None))


def test_months_follow_each_other() -> None:
    assert (month_before(date(2026, 1, 1)), month_after(date(2026, 12, 1))) == (date(2025, 12, 1), date(2027, 1, 1))
