"""Whose turn it is in a triad: fair over the dates."""

from collections import Counter
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from practio_contracts.rooms import TRIAD, PlannedRole
from practio_rooms.domain.rotation import Date, rotation, still_open

PEOPLE = [UUID(int=number) for number in range(1, 10)]
Held = list[list[PlannedRole]]


def over(dates: int, people: list[UUID]) -> Held:
    """Return who has which role on each of so many dates, if each follows what is proposed for it."""
    held: Held = []
    for _ in range(dates):
        held.append(rotation(TRIAD, Date(people), [Date(people, planned=each) for each in held]))
    return held


def turns_of(held: Held, role: str | None = None) -> Counter[UUID]:
    """Return how often each person had a role, or ``role``."""
    return Counter(each.person_id for date in held for each in date if role in (None, each.name))


def apart(turns: Counter[UUID], people: list[UUID]) -> int:
    """Return by how many turns the people differ at most."""
    return max(turns[each] for each in people) - min(turns[each] for each in people)


@given(st.integers(3, 9), st.integers(1, 30))
def test_over_many_dates_everybody_has_every_role_equally_often(count: int, dates: int) -> None:
    people = PEOPLE[:count]
    held = over(dates, people)
    assert apart(turns_of(held), people) <= 1
    for role in TRIAD:
        assert apart(turns_of(held, role), people) <= 1


@given(st.integers(0, 12), st.integers(3, 7))
def test_a_date_without_a_plan_counts_as_held_by_whose_turn_it_was(dates: int, count: int) -> None:
    people = PEOPLE[:count]
    assert rotation(TRIAD, Date(people), [Date(people)] * dates) == over(dates + 1, people)[-1]


@given(st.sets(st.sampled_from(PEOPLE)), st.sets(st.sampled_from(PEOPLE)), st.integers(0, 5))
def test_nobody_has_two_roles_and_nobody_who_declined_has_one(here: set[UUID], declined: set[UUID], dates: int) -> None:
    people = sorted(here)
    earlier = [Date(people, planned=each) for each in over(dates, people)]
    taken = [each.person_id for each in rotation(TRIAD, Date(people, declined), earlier)]
    coming = here - declined
    assert len(set(taken)) == len(taken) == (3 * (len(coming) // 3) or len(coming))
    assert set(taken) <= coming


def test_two_triads_have_all_their_roles() -> None:
    proposed = rotation(TRIAD, Date(PEOPLE[:6]), [])
    assert [each.name for each in proposed] == [*TRIAD, *TRIAD]
    assert {each.person_id for each in proposed} == set(PEOPLE[:6])


def test_people_who_fill_no_triad_have_no_role_this_time_and_one_the_next() -> None:
    people = PEOPLE[:5]
    first = rotation(TRIAD, Date(people), [])
    second = rotation(TRIAD, Date(people), [Date(people)])
    assert len(first) == len(second) == 3
    assert {each.person_id for each in (*first, *second)} == set(people)


def test_a_person_who_was_away_has_held_no_role_then_nor_owes_one() -> None:
    ada, ben, cleo, dora = PEOPLE[:4]
    people, others = [ada, ben, cleo, dora], [ben, cleo, dora]
    missed = Date(people, away=[ada])
    [[first, *_]] = [rotation(TRIAD, missed, [])]
    assert (first.name, first.person_id) == ("coach", ben)
    next_time = rotation(TRIAD, Date([ada, *others[:2]]), [missed])
    assert next_time[0] == PlannedRole(name="coach", person_id=ada)
    years = [Date(people, away=[ada])] * 40
    after = [rotation(TRIAD, Date(people), [*years, *[Date(people)] * number]) for number in range(4)]
    assert [turns_of(after)[each] for each in people] == [3, 3, 3, 3]


def test_a_person_who_joins_later_has_no_turns_to_catch_up_with() -> None:
    before = PEOPLE[:4]
    after = PEOPLE[:5]
    earlier = [Date(before)] * 20
    dates = [rotation(TRIAD, Date(after), [*earlier, *[Date(after)] * number]) for number in range(5)]
    assert apart(turns_of(dates), after) <= 1


def test_a_role_planned_for_a_person_who_was_absent_counts_as_held_by_whose_turn_it_was() -> None:
    ada, ben, cleo, dora = PEOPLE[:4]
    planned = [PlannedRole(name=role, person_id=who) for role, who in zip(TRIAD, (ada, ben, cleo), strict=True)]
    absent = Date(PEOPLE[:4], away=[ada], planned=planned)
    proposed = rotation(TRIAD, Date([ada, ben, dora]), [absent])
    assert {each.name: each.person_id for each in proposed}["coach"] != dora
    assert rotation(TRIAD, absent, []) == [PlannedRole(name="coach", person_id=dora)]


def test_a_plan_is_kept_and_what_a_person_who_declined_was_to_do_is_open_again() -> None:
    ada, ben, cleo, dora = PEOPLE[:4]
    planned = [PlannedRole(name="Coach", person_id=ada), PlannedRole(name="observer", person_id=ben)]
    proposed = rotation(TRIAD, Date(PEOPLE[:4], [ben], planned), [])
    assert [each.name for each in proposed] == ["coachee", "observer"]
    assert {each.person_id for each in proposed} == {cleo, dora}


def test_the_plan_of_one_of_two_triads_leaves_the_other_open() -> None:
    planned = [PlannedRole(name=role, person_id=who) for role, who in zip(TRIAD, PEOPLE[:3], strict=True)]
    proposed = rotation(TRIAD, Date(PEOPLE[:6], planned=planned), [])
    assert [each.name for each in proposed] == list(TRIAD)
    assert {each.person_id for each in proposed} == set(PEOPLE[3:6])


def test_a_part_outside_the_triad_keeps_nobody_from_a_role_in_it() -> None:
    people = PEOPLE[:3]
    planned = [PlannedRole(name="timekeeper", person_id=people[0])]
    proposed = rotation(TRIAD, Date(people, planned=planned), [])
    assert {each.person_id for each in proposed} == set(people)


def test_a_plan_that_is_made_once_a_date_has_begun_replaces_what_was_proposed() -> None:
    ada, ben, cleo, dora = PEOPLE[:4]
    proposed = [PlannedRole(name=role, person_id=who) for role, who in zip(TRIAD, (ada, ben, cleo), strict=True)]
    assert still_open(proposed, proposed) == []
    assert still_open(proposed, proposed[:1]) == proposed[1:]
    assert still_open(proposed, [PlannedRole(name="Coach", person_id=dora)]) == proposed[1:]
    assert still_open(proposed, [PlannedRole(name="coach", person_id=ben)]) == proposed[2:]
    two = [*proposed, PlannedRole(name="coach", person_id=dora)]
    assert still_open(two, two[3:]) == proposed
