"""Whose turn it is: the roles of a triad, fair over the dates."""

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import permutations
from uuid import UUID

from practio_contracts.rooms import TRIAD, Format, PlannedRole, Room

Held = Counter[tuple[str, UUID]]
"""How often a person had a role, by the role's folded name."""

_MOST_COMPARED = 8
"""People whose turns are compared as a whole: those who had fewest roles."""


def rotating_roles(room: Room) -> list[str]:
    """Return the roles, as the room names them, that go round: those of a triad."""
    if room.format is not Format.PEER_COACHING:
        return []
    return [role.name for role in room.roles if role.name.casefold() in TRIAD]


def proposed(roles: Sequence[str], people: Collection[UUID], held: Held) -> list[PlannedRole]:
    """Return who takes which of ``roles``: those who had it least, then those who had fewest roles; then by id.

    Fewer people than roles take the first ones. Nobody takes two.
    """
    total: Counter[UUID] = Counter()
    for (_, person), times in held.items():
        total[person] += times
    candidates = sorted(people, key=lambda each: (total[each], each))[:_MOST_COMPARED]
    taken = list(roles[: len(candidates)])
    if not taken:
        return []

    def cost(order: Sequence[UUID]) -> tuple[int, int, Sequence[UUID]]:
        turns = sum(held[name.casefold(), person] for name, person in zip(taken, order, strict=True))
        return turns, sum(total[person] for person in order), order

    best = min(permutations(candidates, len(taken)), key=cost)
    return [PlannedRole(name=name, person_id=person) for name, person in zip(taken, best, strict=True)]


def rotation(
    roles: Sequence[str],
    people: Collection[UUID],
    earlier: Sequence[Sequence[PlannedRole]],
    *,
    planned: Sequence[PlannedRole],
    declined: Collection[UUID],
) -> list[PlannedRole]:
    """Return who takes the roles that the plan of a date leaves open.

    ``earlier`` are the planned roles of the dates before, oldest first; a date without counts as held by whose turn
    it was. A person who declined has no role: what was planned for them is open again.
    """
    held: Held = Counter()
    for date in earlier:
        done = [each for each in date if each.name.casefold() in TRIAD] or proposed(roles, people, held)
        held.update((each.name.casefold(), each.person_id) for each in done)
    kept = [each for each in planned if each.person_id not in declined]
    taken = {each.name.casefold() for each in kept}
    busy = {each.person_id for each in kept if each.name.casefold() in TRIAD}
    open_roles = [name for name in roles if name.casefold() not in taken]
    return proposed(open_roles, [each for each in people if each not in busy and each not in declined], held)
