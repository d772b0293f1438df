"""How many seats can be taken: the capacity limits them, and so do the roles."""

from collections.abc import Iterable


def free_seats(capacity: int, in_use: int, roles: Iterable[tuple[int | None, int]] = ()) -> int:
    """Return the seats that somebody can still take, never less than 0.

    ``roles`` has the seats of each role (None: as many as the room) and how many of them are in use. Without roles only
    the capacity counts. With roles every seat is a seat in one of them, so roles that add up to less than the capacity
    leave the rest of it empty.
    """
    left = [None if seats is None else max(0, seats - used) for seats, used in roles]
    in_roles = [seats for seats in left if seats is not None]
    room = max(0, capacity - in_use)
    return min(room, sum(in_roles)) if left and len(in_roles) == len(left) else room
