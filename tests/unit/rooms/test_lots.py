"""Reports over many rooms: no two of them, asked for in any way at any time, tell of fewer than four people."""

import random
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from tests.support.every_case import every_case
from tests.unit.rooms.lot_worlds import FORMATS, MONTHS, SPONSORS, Ledger, Stay, World, run, worlds

from practio_rooms.domain.lots import (
    FEWEST,
    InRoom,
    LotKind,
    LotScope,
    MonthInRoom,
    fix_room,
    fix_sponsor,
    month_after,
    month_before,
)


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
