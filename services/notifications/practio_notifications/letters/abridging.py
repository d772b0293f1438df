"""The part of a digest that is shown: its first items, and how many more there are in which room."""

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

MOST_SHOWN = 50
"""How many items, and rooms, a digest shows; the others are counted."""


@dataclass(frozen=True, slots=True)
class RoomItems(Generic[T]):
    """The items of one room: the ``shown`` ones, and how many more it has; ``first`` is there even if none is shown."""

    first: T
    shown: tuple[T, ...]
    besides: int


@dataclass(frozen=True, slots=True)
class Abridged(Generic[T]):
    """Items by room, in the order of each room's first; ``elsewhere`` are the items of rooms that are not listed."""

    rooms: tuple[RoomItems[T], ...]
    elsewhere: int


class Counted(Generic[T]):
    """Thousands of items, of which only those are kept that may be shown.

    ``items`` are the first ones and the first of each room, at most ``most`` of either. ``besides`` are the numbers of
    all others by room, and under None those of rooms without an item in ``items``.
    """

    def __init__(self, room_of: Callable[[T], Hashable], *, most: int = MOST_SHOWN) -> None:
        self.items: list[T] = []
        self.besides: Counter[Hashable] = Counter()
        self._room_of, self._most = room_of, most
        self._rooms: set[Hashable] = set()

    def add(self, item: T) -> None:
        """Keep or count an item that comes after all others."""
        room = self._room_of(item)
        is_first_of_room = room not in self._rooms and len(self._rooms) < self._most
        if len(self.items) < self._most or is_first_of_room:
            self._rooms.add(room)
            self.items.append(item)
        else:
            self.besides[room if room in self._rooms else None] += 1


def abridged(
    items: Sequence[T],
    room_of: Callable[[T], Hashable],
    *,
    most: int = MOST_SHOWN,
    besides: Mapping[Hashable, int] | None = None,
) -> Abridged[T]:
    """Return ``items`` by room: the first ``most`` of them are shown, and as many rooms are listed, at least one.

    ``besides`` are the numbers of items that are only counted, as ``Counted`` has them.
    """
    besides = besides or {}
    by_room: dict[Hashable, list[T]] = {}
    for item in items:
        by_room.setdefault(room_of(item), []).append(item)
    shown: dict[Hashable, list[T]] = {}
    for item in items[:most]:
        shown.setdefault(room_of(item), []).append(item)
    listed = list(by_room)[: max(most, 1)]
    rooms = [(by_room[room], shown.get(room, [])) for room in listed]
    return Abridged(
        rooms=tuple(
            RoomItems(every[0], tuple(part), len(every) - len(part) + besides.get(room_of(every[0]), 0))
            for every, part in rooms
        ),
        elsewhere=sum(len(every) + besides.get(room, 0) for room, every in by_room.items() if room not in listed)
        + besides.get(None, 0),
    )
