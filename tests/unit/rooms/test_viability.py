"""A room is viable once the people in it can run its format."""

from tests.support.every_case import every_case
from tests.unit.rooms.builders import a_room

from practio_rooms.domain.viability import is_viable, missing_roles

TRIAD = [{"name": name, "seats": 2} for name in ("Coach", "coachee", "observer")]


@every_case(
    ("taken", "missing"),
    [
        ({}, ["Coach", "coachee", "observer"]),
        ({"coachee": 2, "observer": 2}, ["Coach"]),
        ({"Coach": 0, "coachee": 1, "observer": 1}, ["Coach"]),
        ({"Coach": 1, "participant": 4}, ["coachee", "observer"]),
        ({"Coach": 1, "coachee": 1, "observer": 2}, []),
    ],
)
def test_a_triad_needs_somebody_in_each_of_its_roles(taken: dict[str, int], missing: list[str]) -> None:
    room = a_room(format="peer-coaching", roles=TRIAD)
    assert missing_roles(room, taken) == missing
    assert is_viable(room, taken) == (not missing)


@every_case("room_format", ["intervision", "peer-supervision", "method-practice", None])
def test_any_other_format_needs_one_participant(room_format: str | None) -> None:
    room = a_room(format=room_format, roles=[{"name": "lead"}, {"name": "peer"}])
    assert not is_viable(room, {})
    assert not is_viable(room, {"peer": 0})
    assert is_viable(room, {"peer": 1})
    assert missing_roles(room, {}) == []
