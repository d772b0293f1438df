"""The order in which one listener received the events of each subject."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any


class OrderBook:
    """Notes each event on arrival; ``faults`` has a sentence for each that came out of order.

    The same event may come again: delivery is at least once. What has not been seen before must come after everything
    of its subject that has.
    """

    def __init__(self) -> None:
        self.faults: list[str] = []
        self._ids: dict[tuple[str, str], dict[int, str]] = defaultdict(dict)

    def arrived(self, event: Mapping[str, Any]) -> None:
        """Note an event, which has a number of its (source, subject)."""
        about = (event["source"], event["subject"])
        number, seen = int(event["sequence"]), self._ids[about]
        if number in seen:
            if seen[number] != event["id"]:
                self.faults.append(f"{event['type']} of {about}: number {number} came with two ids")
            return
        if seen and number < max(seen):
            self.faults.append(f"{event['type']} of {about}: number {number} came after {max(seen)}")
        seen[number] = event["id"]

    def forget(self) -> None:
        """Forget all events, whose subjects come no more."""
        self._ids.clear()
