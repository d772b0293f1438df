"""Free seats are those that somebody can take: what is counted is what people who accept any role would get."""

from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from tests.support.every_case import every_case
from tests.unit.membership.builders import ADA, BEA, CARL, HOST, a_room, a_state
from tests.unit.membership.memory import House

from practio_contracts.answers import Refusal
from practio_contracts.membership import OccupancyChanged, OfferSeat, RequestToJoin, Status, Withdraw
from practio_membership.domain.room import RoleSeats, RoomState, occupancy, open_places

SHORT = [{"name": "coach", "seats": 1}, {"name": "coachee", "seats": 1}]
"""Two roles of one seat each, in a room of six."""

roles = st.lists(st.none() | st.integers(1, 4), max_size=3).map(
    lambda seats: [{"name": f"role {number}", "seats": each} for number, each in enumerate(seats)]
)
in_use = st.dictionaries(st.sampled_from(["role 0", "role 1", "role 2", "gone"]), st.integers(0, 5))


def places_given(state: RoomState) -> int:
    """Seat people who accept any role, one after the other; return how many found a seat."""
    given = 0
    while places := open_places(state):
        used = state.by_role.get(places[0] or "", RoleSeats())
        by_role = {**state.by_role, places[0]: RoleSeats(used.taken + 1)} if places[0] else state.by_role
        state, given = a_state(state.room, taken=state.taken + 1, by_role=by_role), given + 1
    return given


@given(capacity=st.integers(1, 8), roles=roles, used=in_use)
def test_as_many_people_find_a_seat_as_are_free(
    capacity: int, roles: list[dict[str, object]], used: dict[str, int]
) -> None:
    by_role = {name: RoleSeats(taken) for name, taken in used.items()}
    state = a_state(a_room(capacity, roles=roles), taken=sum(used.values()), by_role=by_role)
    assert state.free == places_given(state)
    published = occupancy(state)
    assert published.free == published.seats_free == state.free
    earlier = OccupancyChanged.model_validate(published.model_dump(exclude={"seats_free"}))
    assert earlier.free == state.free, "the release before publishes the figures alone"


def a_room_short_of_roles(*people: UUID, **fields: Any) -> House:
    house = House.opened(a_room(6, roles=SHORT, **fields))
    for person in people:
        house.send(RequestToJoin, person)
    return house


def test_a_room_whose_roles_are_full_is_full_whatever_its_capacity() -> None:
    house = a_room_short_of_roles(ADA, BEA, CARL)
    assert (house.status(CARL), house.state.free) == (Status.WAITLISTED, 0)
    house.send(Withdraw, ADA)
    assert (house.status(CARL), house.state.free) == (Status.OFFERED, 0)


def test_more_seats_for_a_role_are_free_at_once() -> None:
    house = a_room_short_of_roles(ADA, BEA, CARL)
    house.edit(roles=[SHORT[0], {"name": "coachee", "seats": None}])
    assert (house.status(CARL), house.state.free) == (Status.OFFERED, 3)


def test_without_a_waitlist_a_room_short_of_roles_refuses_as_a_full_one() -> None:
    house = a_room_short_of_roles(ADA, BEA, waitlist={"enabled": False})
    result = house.send(RequestToJoin, CARL)
    assert isinstance(result, Refusal)
    assert result.code == "waitlist-closed"


@every_case("over_capacity", [False, True])
def test_a_place_in_a_room_short_of_roles_is_given_only_beyond_its_seats(*, over_capacity: bool) -> None:
    house = a_room_short_of_roles(ADA, BEA, CARL)
    house.send(OfferSeat, CARL, by=HOST, over_capacity=over_capacity)
    assert (house.status(CARL), house.state.beyond) == (
        (Status.OFFERED, 1) if over_capacity else (Status.WAITLISTED, 0)
    )
