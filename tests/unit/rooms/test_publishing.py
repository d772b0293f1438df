"""A room states all that it must before it is published; a refusal lists all that is missing."""

from typing import Any

from tests.support.every_case import every_case
from tests.unit.rooms.builders import HOST, NOW, a_state

from practio_contracts.answers import Refusal
from practio_contracts.rooms import PublishRoom, RoomPublished, RoomStatus
from practio_rooms.domain.lifecycle import publish_room
from practio_rooms.domain.room import Decision

DRAFT = RoomStatus.DRAFT
TRIAD = [{"name": "coach", "seats": 2}, {"name": "coachee", "seats": 2}, {"name": "observer", "seats": 2}]
COACHING: dict[str, Any] = {"format": "peer-coaching", "roles": TRIAD, "capacity": 6}


def published(**fields: Any) -> Decision:
    state = a_state(DRAFT, **fields)
    return publish_room(state, PublishRoom(room_id=state.room.room_id), HOST, now=NOW)


def faulty_fields(decision: Decision) -> list[str]:
    assert isinstance(decision, Refusal)
    assert decision.code == "incomplete"
    return [error.field for error in decision.errors]


@every_case(
    ("field", "stated"),
    [
        ("domain", {"domain": None}),
        ("purpose", {"purpose": None}),
        ("purpose", {"purpose": ""}),
        ("format", {"format": None}),
        ("mode", {"mode": None}),
        ("capacity", {"capacity": None}),
        ("roles", {"roles": []}),
        ("time_zone", {"time_zone": None}),
        ("access.policy", {"access": {"policy": None}}),
        ("meeting_url", {"meeting_url": None}),
        ("meeting_url", {"mode": "hybrid", "place": "Via Po 1", "meeting_url": None}),
        ("place", {"mode": "hybrid", "place": None}),
        ("place", {"mode": "in-person", "meeting_url": None}),
        ("roles", {"capacity": 6, "roles": [{"name": "lead", "seats": 3}, {"name": "peer", "seats": 4}]}),
        ("roles", {**COACHING, "roles": [{"name": "participant"}]}),
        ("roles", {**COACHING, "roles": TRIAD[:2]}),
        ("roles", {**COACHING, "roles": [*TRIAD[:2], {"name": "observer", "seats": 1}]}),
        ("capacity", {**COACHING, "capacity": 7}),
    ],
)
def test_one_fault_is_reported_by_its_field(field: str, stated: dict[str, Any]) -> None:
    assert faulty_fields(published(**stated)) == [field]


def test_all_faults_are_reported_at_once() -> None:
    unstated = dict.fromkeys(("domain", "purpose", "format", "mode", "capacity", "time_zone"))
    fields = faulty_fields(published(**unstated, roles=[], access={}))
    assert fields == ["domain", "purpose", "format", "mode", "capacity", "roles", "time_zone", "access.policy"]


@every_case(
    "stated",
    [
        {},
        COACHING,
        {**COACHING, "roles": [{"name": name} for name in ("Coach", "Coachee", "Observer")]},
        {"mode": "in-person", "place": "Via Po 1, Torino", "meeting_url": None},
        {"capacity": 40},
        {"capacity": 7, "roles": [{"name": "lead", "seats": 3}, {"name": "peer", "seats": 4}, {"name": "guest"}]},
        {"for_whom": None, "guidelines": None},
    ],
)
def test_a_room_that_states_all_it_must_is_published(stated: dict[str, Any]) -> None:
    assert isinstance(published(**stated), RoomPublished)
