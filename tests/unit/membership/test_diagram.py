"""The diagram in the service's README is what the code does: no move too many, none missing."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import product
from pathlib import Path

from tests.unit.membership.builders import ADA
from tests.unit.membership.memory import House
from tests.unit.membership.test_walk import BUILT, COMMANDS, KINDS, a_house, wished

from practio_contracts.rooms import AfterLapse, Promotion, RoomStatus

README = Path(__file__).parents[3] / "services" / "membership" / "README.md"

Move = tuple[str | None, str]


def _time_passes(house: House) -> None:
    """Let everything be over that ends by itself; what was decided by timers alone is set by hand first."""
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


def _moves_of(house: House) -> Iterator[Move]:
    for row in house.rows:
        if row["from_status"] != row["to_status"]:
            yield row["from_status"], row["to_status"]


def moves_of_the_code() -> set[Move]:
    """Give every move that any command or event makes of any state, in any kind of room."""
    found: set[Move] = set()
    for kind, status in product(KINDS, BUILT):
        for command in COMMANDS:
            house = a_house(kind, status)
            wished(house, command)
            found |= set(_moves_of(house))
        for happens in EVENTS:
            house = a_house(kind, status)
            if house.state.has_not_ended:
                happens(house)
            found |= set(_moves_of(house))
    return found


def moves_of_the_diagram() -> set[Move]:
    text = README.read_text(encoding="utf-8")
    drawn = re.findall(r"^ +(\S+) --> (\S+): .+$", text, re.MULTILINE)
    return {(None if before == "[*]" else before, after) for before, after in drawn}


def test_the_diagram_shows_the_moves_of_the_code() -> None:
    assert moves_of_the_diagram() == moves_of_the_code()
