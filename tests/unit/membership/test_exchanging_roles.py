"""Several people exchange their roles in one move: all or none, and no role has more people than seats."""

from itertools import pairwise
from uuid import UUID

import pytest
from pydantic import ValidationError
from tests.support.every_case import every_case
from tests.unit.membership.builders import ADA, BEA, CARL, DORA, FACILITATOR, HOST, STEWARD, a_room
from tests.unit.membership.memory import House

from practio_chassis.context import Done
from practio_contracts.answers import Refusal
from practio_contracts.membership import (
    ChangeRole,
    ExchangeRoles,
    OccupancyChanged,
    OfferSeat,
    RequestToJoin,
    RoleChanged,
    Status,
    Withdraw,
)

TRIAD = ("coach", "coachee", "observer")


def a_triad(*people: UUID, seats: int = 1, capacity: int = 3, **fields: object) -> House:
    """Return a room of triads in which these people have taken the roles in turn."""
    roles = [{"name": name, "seats": seats} for name in TRIAD]
    house = House.opened(a_room(capacity, roles=roles, format="peer-coaching", **fields))  # type: ignore[arg-type]
    for index, person in enumerate(people):
        house.send(RequestToJoin, person, roles=[TRIAD[index % 3]])
    return house


def roles_of(house: House) -> dict[UUID, str | None]:
    return {each.snapshot.person_id: each.snapshot.role for each in house.people if each.status is Status.JOINED}


def refusal_of(result: Done | Refusal) -> tuple[str, list[str]]:
    assert isinstance(result, Refusal)
    return result.code, [error.field for error in result.errors]


def test_two_people_exchange_roles_that_are_full() -> None:
    house = a_triad(ADA, BEA, CARL)
    before = len(house.published)
    result = house.exchange({ADA: "coachee", BEA: "coach"}, by=FACILITATOR)
    assert isinstance(result, Done)
    assert [each["role"] for each in result.state.model_dump()["memberships"]] == ["coachee", "coach"]
    events = [outgoing.message for outgoing in house.published[before:]]
    assert [(event.membership.person_id, event.from_role) for event in events if isinstance(event, RoleChanged)] == [
        (ADA, "coach"),
        (BEA, "coachee"),
    ]
    assert len(events) == 2, "as many people have each role as before, so the occupancy has not changed"


def test_a_triad_rotates_its_roles_every_meeting() -> None:
    house = a_triad(ADA, BEA, CARL)
    for turn in range(1, 4):
        house.exchange({person: TRIAD[(index + turn) % 3] for index, person in enumerate((ADA, BEA, CARL))}, by=HOST)
        assert sorted(filter(None, roles_of(house).values())) == sorted(TRIAD)
    assert roles_of(house) == {ADA: "coach", BEA: "coachee", CARL: "observer"}


def test_people_who_keep_their_role_are_left_as_they_are() -> None:
    house = a_triad(ADA, BEA, CARL)
    events, versions = len(house.published), [each.snapshot.version for each in house.people]
    result = house.exchange({ADA: "coach", BEA: "coachee"}, by=HOST)
    assert isinstance(result, Done)
    assert (result.changed, len(house.published)) == (False, events)
    assert [each.snapshot.version for each in house.people] == versions


@every_case(
    ("assignments", "refused"),
    [
        ({ADA: "coachee", CARL: "coach"}, ("role-full", ["assignments.0.role"])),
        ({ADA: "observer", BEA: "observer"}, ("role-full", ["assignments.0.role", "assignments.1.role"])),
        ({ADA: "coachee", BEA: "judge"}, ("role-unknown", ["assignments.1.role"])),
        ({ADA: "coachee", DORA: "coach"}, ("not-a-member", ["assignments.1.person_id"])),
    ],
)
def test_one_impossible_assignment_refuses_them_all(
    assignments: dict[UUID, str], refused: tuple[str, list[str]]
) -> None:
    house = a_triad(ADA, BEA, CARL)
    before = roles_of(house)
    assert refusal_of(house.exchange(assignments, by=HOST)) == refused
    assert roles_of(house) == before


@every_case("by", [STEWARD, ADA])
def test_roles_are_exchanged_by_host_and_facilitators_alone(by: UUID) -> None:
    house = a_triad(ADA, BEA, CARL)
    assert refusal_of(house.exchange({ADA: "coachee", BEA: "coach"}, by=by))[0] == "not-allowed"
    house.edit(status="cancelled")
    assert refusal_of(house.exchange({ADA: "coachee", BEA: "coach"}, by=HOST))[0] == "room-not-open"


def test_a_seat_that_an_exchange_frees_goes_to_the_waitlist() -> None:
    house = a_triad(ADA, BEA, seats=2, capacity=6)
    house.send(RequestToJoin, CARL, roles=["coach"])
    house.send(RequestToJoin, DORA, roles=["coach"])
    assert house.status(DORA) is Status.WAITLISTED
    house.exchange({ADA: "observer", BEA: "coachee"}, by=HOST)
    assert (roles_of(house)[ADA], house.status(DORA)) == ("observer", Status.OFFERED)
    occupancies = [each.message for each in house.published if isinstance(each.message, OccupancyChanged)]
    assert all(
        role.seats is None or role.taken + role.held <= role.seats
        for event in occupancies
        for role in event.by_role.values()
    )
    assert all(earlier != later for earlier, later in pairwise(occupancies))


def test_a_role_with_more_people_than_seats_may_be_exchanged_but_not_grow() -> None:
    house = a_triad(ADA, BEA, CARL)
    house.send(RequestToJoin, DORA, roles=["coach"])
    house.send(OfferSeat, DORA, by=HOST, over_capacity=True)
    house.edit(capacity=6)
    assert isinstance(house.exchange({ADA: "coachee", BEA: "coach"}, by=HOST), Done)
    assert refusal_of(house.exchange({CARL: "coach", BEA: "coach"}, by=HOST))[0] == "role-full"


def test_each_person_is_assigned_once() -> None:
    twice = [{"person_id": ADA, "role": role} for role in ("coach", "coachee")]
    with pytest.raises(ValidationError, match="one role"):
        ExchangeRoles.model_validate({"room_id": ADA, "assignments": twice})


def test_a_seat_that_somebody_waits_for_is_not_taken_by_an_exchange() -> None:
    house = a_triad(ADA, BEA, CARL)
    house.send(RequestToJoin, DORA, roles=["coach"])
    house.edit(access={"policy": "open", "waitlist": {"enabled": False}})
    house.send(Withdraw, ADA)
    assert house.status(DORA) is Status.WAITLISTED, "nobody is served while the waitlist is switched off"
    assert refusal_of(house.exchange({BEA: "coach", CARL: "coachee"}, by=HOST)) == ("role-full", ["assignments.0.role"])
    assert refusal_of(house.send(ChangeRole, BEA, by=HOST, role="coach"))[0] == "role-full"
