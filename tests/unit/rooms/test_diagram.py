"""The lifecycle that README.md draws is the one that the domain implements."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.unit.rooms.builders import HOST, a_state
from tests.unit.rooms.room_history import DECIDE, RoomHistory

from practio_contracts.message import Command
from practio_contracts.rooms import RoomEvent, RoomStatus

README = Path(__file__).parents[3] / "services" / "rooms" / "README.md"
NOWHERE = "[*]"
ARROW = re.compile(r"^\s*(\S+) --> (\S+?)(?:: (\w+).*)?$", re.MULTILINE)

Step = tuple[str, str, str]
"""Source, target, and the first word of the arrow's label."""

_FIELDS: dict[str, Any] = {"reason": "no interest", "person_id": HOST, "office": "steward", "title": "Another"}


def drawn() -> set[Step]:
    [diagram] = re.findall(r"```mermaid\nstateDiagram-v2\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    return set(ARROW.findall(diagram))


def walked() -> Iterator[Step]:
    yield NOWHERE, RoomHistory.drafted(HOST).room.status, "create"
    for status in RoomStatus:
        steps = [*_by_commands(status), *_erased(status)]
        yield from steps
        if not steps:
            yield status, NOWHERE, ""


def _by_commands(status: RoomStatus) -> Iterator[Step]:
    """Yield the steps of every command by the host, each in a room of its own."""
    for kind in DECIDE:
        history = RoomHistory(a_state(status))
        history.send(kind, HOST, **{name: value for name, value in _FIELDS.items() if name in kind.model_fields})
        if history.events and (to := _where(history, history.events[-1])) != status:
            yield status, to, _verb(kind)


def _erased(status: RoomStatus) -> Iterator[Step]:
    """Yield the steps of erasing the host of a room without a successor."""
    history = RoomHistory(a_state(status, facilitator_ids=[], steward_ids=[]))
    for event in history.erase(HOST):
        if (to := _where(history, event)) != status:
            yield status, to, "erase"


def _where(history: RoomHistory, event: RoomEvent) -> str:
    return NOWHERE if history.state.is_discarded else event.room.status


def _verb(kind: type[Command]) -> str:
    return kind.routing_key.split(".")[1].split("-")[0]


def test_the_diagram_has_every_step_that_a_room_can_take_and_no_other() -> None:
    assert drawn() == set(walked())
