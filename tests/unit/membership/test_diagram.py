"""The diagram in the service's README equals the code: no transition too many, none missing."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

from tests.unit.membership.builders import ADA
from tests.unit.membership.memory import House
from tests.unit.membership.test_command_matrix import BUILT, COMMANDS, KINDS, a_house, met

from practio_contracts.rooms import AfterLapse, Promotion, RoomStatus

README = Path(__file__).parents[3] / "services" / "membership" / "README.md"

Transition = tuple[str | None, str]


def _time_passes(house: House) -> None:
    """Let everything expire that has an end; what only timers decide is set by hand first."""
    house.memory.now += timedelta(days=400)
    for person in house.people:
        house.let_timers_of(person)
    house.fire_timers()


def _waitlist(house: House, **rules: object) -> None:
    access = house.room.access.model_dump()
    house.edit(access=access | {"waitlist": access["waitlist"] | rules})


def _requeue(house: House) -> None:
    _waitlist(house, after_lapse=AfterLapse.REQUEUE)
    _time_passes(house)


def _raise_capacity(house: House) -> None:
    house.edit(capacity=9)


def _raise_capacity_where_promotion_is_automatic(house: House) -> None:
    _waitlist(house, promotion=Promotion.AUTOMATIC)
    house.edit(capacity=9)


EVENTS: list[Callable[[House], None]] = [
    _time_passes,
    _requeue,
    _raise_capacity,
    _raise_capacity_where_promotion_is_automatic,
    lambda house: _waitlist(house, enabled=False),
    lambda house: house.edit(access=house.room.access.model_dump() | {"policy": "open"}),
    lambda house: house.edit(facilitator_ids=[ADA]),
    lambda house: house.erase(ADA),
    lambda house: house.edit(status=RoomStatus.CANCELLED),
    lambda house: house.edit(status=RoomStatus.ARCHIVED),
]


def _transitions_of(rows: Iterable[Mapping[str, Any]]) -> Iterator[Transition]:
    for row in rows:
        if row["from_status"] != row["to_status"]:
            yield row["from_status"], row["to_status"]


def transitions_of_the_code() -> set[Transition]:
    """Return every transition that any command or event causes from any state, in any kind of room."""
    found: set[Transition] = set()
    for kind, status in product(KINDS, BUILT):
        for command in COMMANDS:
            found |= set(_transitions_of(met(kind, status, command).rows))
        for happens in EVENTS:
            house = a_house(kind, status)
            if house.state.has_not_ended:
                happens(house)
            found |= set(_transitions_of(house.rows))
    return found


def transitions_of_the_diagram() -> set[Transition]:
    text = README.read_text(encoding="utf-8")
    drawn = re.findall(r"^ +(\S+) --> (\S+): .+$", text, re.MULTILINE)
    return {(None if before == "[*]" else before, after) for before, after in drawn}


def test_the_diagram_shows_the_transitions_of_the_code() -> None:
    assert transitions_of_the_diagram() == transitions_of_the_code()
