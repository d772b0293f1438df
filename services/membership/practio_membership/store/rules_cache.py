"""The rules of rooms, read once for each text, since most rooms change far less often than they are read."""

from collections import OrderedDict

from practio_contracts.rooms import Room

MOST_BYTES = 4 << 20
"""The size of the texts that are kept, in UTF-8: 5,000 rooms of 800 bytes, or 10 of the largest (400 kB).

Measured with what they are read into, a small room takes 7.5 kB and the largest 1.25 MB: below 40 MB in all.
"""


class RulesCache:
    """Rules by their text, the least recently used forgotten first; ``most`` is the size of all texts, in bytes."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self.size = 0
        self._most = most
        self._rooms: OrderedDict[str, tuple[Room, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._rooms)

    def of(self, snapshot: str) -> Room:
        """Return the rules of a room from their text."""
        if known := self._rooms.get(snapshot):
            self._rooms.move_to_end(snapshot)
            return known[0]
        room, size = Room.model_validate_json(snapshot), len(snapshot.encode())
        self._rooms[snapshot] = room, size
        self.size += size
        while self.size > self._most:
            _, (_, forgotten) = self._rooms.popitem(last=False)
            self.size -= forgotten
        return room
