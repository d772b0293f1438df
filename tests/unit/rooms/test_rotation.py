"""Whose turn it is in a triad: fair over the dates."""

from collections import Counter
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from practio_contracts.rooms import TRIAD, PlannedRole
from practio_rooms.domain.rotation import rotation

PEOPLE = [UUID(int=number) for number in range(1, 7)]


def over(dates: int, people: list[UUID]) -> list[list[PlannedRole]]:
    """Return who has which role on each of so many dates, if each follows what is proposed for it."""
    held: list[list[PlannedRole]] = []
    for _ in range(dates):
        held.append(rotation(TRIAD, people, held, planned=[], declined=[]))
    return held


@given(st.integers(3, 6), st.integers(1, 30))
def test_over_many_dates_everybody_has_every_role_equally_often(count: int, dates: int) -> None:
    people = PEOPLE[:count]
    held = over(dates, people)
    turns = Counter(each.person_id for date in held for each in date)
    assert max(turns[each] for each in people) - min(turns[each] for each in people) <= 1
    if count == 3:
        for role in TRIAD:
            times = Counter(each.person_id for date in held for each in date if each.name == role)
            assert max(times[each] for each in people) - min(times[each] for each in people) <= 1


@given(st.integers(0, 12))
def test_a_date_without_a_plan_counts_as_held_by_whose_turn_it_was(dates: int) -> None:
    people = PEOPLE[:3]
    proposals = over(dates + 1, people)
    assert rotation(TRIAD, people, [[]] * dates, planned=[], declined=[]) == proposals[-1]


@given(st.sets(st.sampled_from(PEOPLE)), st.sets(st.sampled_from(PEOPLE)), st.integers(0, 5))
def test_nobody_has_two_roles_and_nobody_who_declined_has_one(here: set[UUID], declined: set[UUID], dates: int) -> None:
    people = sorted(here)
    proposed = rotation(TRIAD, people, over(dates, people), planned=[], declined=declined)
    taken = [each.person_id for each in proposed]
    assert len(set(taken)) == len(taken) == min(3, len(here - declined))
    assert set(taken) <= here - declined


def test_a_plan_is_kept_and_what_a_person_who_declined_was_to_do_is_open_again() -> None:
    ada, ben, cleo, dora = PEOPLE[:4]
    planned = [PlannedRole(name="Coach", person_id=ada), PlannedRole(name="observer", person_id=ben)]
    proposed = rotation(TRIAD, PEOPLE[:4], [], planned=planned, declined=[ben])
    assert [each.name for each in proposed] == ["coachee", "observer"]
    assert {each.person_id for each in proposed} == {cleo, dora}


def test_in_a_large_room_those_who_had_fewest_roles_are_compared() -> None:
    people = [UUID(int=number) for number in range(1, 12)]
    held = [
        [
            PlannedRole(name=role, person_id=person)
            for role, person in zip(TRIAD, people[start : start + 3], strict=True)
        ]
        for start in (0, 3, 5)
    ]
    newest = rotation(TRIAD, people, held, planned=[], declined=[])
    assert {each.person_id for each in newest} == set(people[8:])


def test_a_part_outside_the_triad_keeps_nobody_from_a_role_in_it() -> None:
    people = PEOPLE[:3]
    planned = [PlannedRole(name="timekeeper", person_id=people[0])]
    proposed = rotation(TRIAD, people, [], planned=planned, declined=[])
    assert {each.person_id for each in proposed} == set(people)
