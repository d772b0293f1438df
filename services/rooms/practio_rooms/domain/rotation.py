"""Whose turn it is: the roles of a triad, fair over the dates."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from uuid import UUID

from practio_contracts.rooms import MOST_ROLES, TRIAD, Format, PlannedRole, Room

_MOST_TRIADS = MOST_ROLES // len(TRIAD)
"""The most triads of a date that roles are proposed for: a plan has no more roles."""

_EXACTLY = 6
"""Decimal places by which turns are compared."""


@dataclass(frozen=True, slots=True)
class Date:
    """One date: the people in the room, those of all who are away, and the roles that are planned.

    Away is a person who declined, or who is recorded as absent. What was planned for them is open again.
    """

    people: Collection[UUID]
    away: Collection[UUID] = ()
    planned: Sequence[PlannedRole] = ()

    @property
    def kept(self) -> list[PlannedRole]:
        """Return the planned roles of people who are not away."""
        return [each for each in self.planned if each.person_id not in self.away]

    @property
    def there(self) -> list[UUID]:
        """Return the people who are not away."""
        return [each for each in self.people if each not in self.away]


@dataclass(slots=True)
class _Turns:
    """How often each person had a role, beyond an equal share of those of the dates that they were there for."""

    total: defaultdict[UUID, float] = field(default_factory=lambda: defaultdict(float))
    by_role: defaultdict[tuple[str, UUID], float] = field(default_factory=lambda: defaultdict(float))

    def count(self, date: Date, done: Sequence[PlannedRole]) -> None:
        """Count who had which role on a date."""
        there = set(date.there)
        held = [(each.name.casefold(), each.person_id) for each in done if each.person_id in there]
        for name, times in Counter(name for name, _ in held).items():
            for person in there:
                self.by_role[name, person] -= times / len(there)
                self.total[person] -= times / len(there)
        for name, person in held:
            self.by_role[name, person] += 1
            self.total[person] += 1

    def order(self, person: UUID) -> tuple[float, UUID]:
        """Return the key of those who come first: they had fewest roles; then by id."""
        return round(self.total[person], _EXACTLY), person

    def given(self, names: Sequence[str], people: Sequence[UUID]) -> list[PlannedRole]:
        """Return who of ``people`` takes which role, so that together they had theirs least."""

        def cost(order: Sequence[UUID]) -> tuple[float, list[tuple[float, UUID]]]:
            pairs = zip(names, order, strict=True)
            had = sum(self.by_role[name.casefold(), person] for name, person in pairs)
            return round(had, _EXACTLY), [self.order(person) for person in order]

        best = min(permutations(people, len(names)), key=cost)
        return [PlannedRole(name=name, person_id=person) for name, person in zip(names, best, strict=True)]


def rotating_roles(room: Room) -> list[str]:
    """Return the roles, as the room names them, that go round: those of a triad."""
    if room.format is not Format.PEER_COACHING:
        return []
    return [role.name for role in room.roles if role.name.casefold() in TRIAD]


def rotation(roles: Sequence[str], date: Date, earlier: Sequence[Date]) -> list[PlannedRole]:
    """Return who takes the roles that the plan of a date leaves open, triad by triad.

    ``earlier`` are the dates before, oldest first: what their plans left open counts as held by whose turn it was. The
    roles go to people who had fewest, as a share of the dates that they were there for; among these, each to a person
    who had it least. Fewer people than roles take the first ones. Nobody takes two.
    """
    turns = _Turns()
    for each in earlier:
        turns.count(each, [*_in_triads(roles, each), *_proposed(roles, each, turns)])
    return _proposed(roles, date, turns)


def still_open(proposed: Sequence[PlannedRole], planned: Sequence[PlannedRole]) -> list[PlannedRole]:
    """Return the proposed roles that a plan made afterwards leaves open."""
    busy = {each.person_id for each in planned}
    taken = Counter(each.name.casefold() for each in planned)
    others = []
    for each in proposed:
        if any((each.name.casefold(), each.person_id) == (one.name.casefold(), one.person_id) for one in planned):
            taken[each.name.casefold()] -= 1
        else:
            others.append(each)
    left: list[PlannedRole] = []
    for each in others:
        if taken[each.name.casefold()] > 0:
            taken[each.name.casefold()] -= 1
        elif each.person_id not in busy:
            left.append(each)
    return left


def _proposed(roles: Sequence[str], date: Date, turns: _Turns) -> list[PlannedRole]:
    busy = {each.person_id for each in _in_triads(roles, date)}
    people = sorted((each for each in date.there if each not in busy), key=turns.order)
    proposed: list[PlannedRole] = []
    for names in _open_roles(roles, date, people):
        taking = people[: len(names)]
        proposed += turns.given(names[: len(taking)], taking)
        del people[: len(names)]
    return proposed


def _open_roles(roles: Sequence[str], date: Date, people: Collection[UUID]) -> list[list[str]]:
    """Return the roles that are open in each triad: as many triads as the people can fill, at least one."""
    kept = _in_triads(roles, date)
    taken = Counter(each.name.casefold() for each in kept)
    there = len(people) + len({each.person_id for each in kept})
    triads = min(_MOST_TRIADS, max(1, there // len(TRIAD)))
    return [[name for name in roles if taken[name.casefold()] <= number] for number in range(triads)]


def _in_triads(roles: Sequence[str], date: Date) -> list[PlannedRole]:
    """Return the planned roles that go round, of people who are not away."""
    names = {name.casefold() for name in roles}
    return [each for each in date.kept if each.name.casefold() in names]
