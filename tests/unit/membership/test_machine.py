"""Any interleaving of wishes, timers and edits of the room: what must always hold, holds after every step."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.unit.membership.builders import HOST, a_room
from tests.unit.membership.memory import House

from practio_chassis.work import Done
from practio_contracts.membership import (
    LIVE,
    AcceptOffer,
    ApproveRequest,
    DeclineOffer,
    DeclineRequest,
    How,
    Joined,
    OccupancyChanged,
    OfferLapsed,
    RequestToJoin,
    SeatOffered,
    Status,
    Withdraw,
)
from practio_contracts.rooms import RoomStatus
from practio_membership.domain.room import RoleSeats, capacity_of, occupancy, offices_of, open_places

PEOPLE = [UUID(int=number) for number in range(100, 107)]
ROLES = [
    [],
    [{"name": "participant", "seats": None}],
    [{"name": "coach", "seats": 1}, {"name": "coachee", "seats": 2}, {"name": "observer", "seats": None}],
]

GONE = sorted(set(Status) - LIVE)
IN_LINE = (Status.WAITLISTED, Status.OFFERED, Status.REQUESTED)

picks = st.integers(0, len(PEOPLE) - 1)
waitlists = st.fixed_dictionaries(
    {
        "enabled": st.sampled_from([True] * 5 + [False]),
        "limit": st.sampled_from([None, None, 3]),
        "promotion": st.sampled_from(["offer", "automatic"]),
        "after_lapse": st.sampled_from(["leave", "requeue"]),
        "offer_window_hours": st.sampled_from([1, 24]),
    }
)
# One in six rooms keeps no waitlist, so that most have somebody in line.
accesses = st.fixed_dictionaries(
    {
        "policy": st.sampled_from(["open", "open", "approval"]),
        "waitlist": waitlists,
        "reapply_after_days": st.sampled_from([0, 1, None]),
        "request_expires_after_days": st.just(2),
    }
)


def somebody(*statuses: Status | None) -> Callable[["Workflow"], bool]:
    """Give the condition that somebody stands there."""
    return lambda machine: any(machine.house.status(person) in statuses for person in PEOPLE)


class Workflow(RuleBasedStateMachine):
    """One room, seven people, everything that is built."""

    @initialize(
        capacity=st.integers(1, 3), roles=st.sampled_from(ROLES), access=accesses, asking=st.integers(3, len(PEOPLE))
    )
    def people_have_asked(
        self, capacity: int, roles: list[dict[str, Any]], access: dict[str, Any], asking: int
    ) -> None:
        self.house = House.opened(a_room(capacity, roles=roles, access=access, facilitator_ids=[], steward_ids=[]))
        self.numbers: dict[UUID, int] = {}
        self.looked_at = 0
        self.most_of_role: dict[str, int] = {}
        for number, person in enumerate(PEOPLE[:asking]):
            self.asks(person, number % 3)
            self.house.wish(ApproveRequest, person, by=HOST)

    @precondition(somebody(None, *GONE))
    @rule(who=picks, wished=st.integers(0, 3))
    def somebody_new_asks(self, who: int, wished: int) -> None:
        self.asks(self.pick(who, None, *GONE), wished)

    @rule(who=picks, wished=st.integers(0, 3))
    def anybody_asks(self, who: int, wished: int) -> None:
        self.asks(PEOPLE[who], wished)

    @precondition(somebody(Status.REQUESTED))
    @rule(who=picks)
    def the_host_approves(self, who: int) -> None:
        self.wish(ApproveRequest, self.pick(who, Status.REQUESTED), by=HOST)

    @precondition(somebody(Status.REQUESTED))
    @rule(who=picks)
    def the_host_declines(self, who: int) -> None:
        self.wish(DeclineRequest, self.pick(who, Status.REQUESTED), by=HOST)

    @precondition(somebody(Status.JOINED))
    @rule(who=picks)
    def somebody_leaves_the_room(self, who: int) -> None:
        self.wish(Withdraw, self.pick(who, Status.JOINED))

    @precondition(somebody(*IN_LINE))
    @rule(who=picks)
    def somebody_leaves_the_line(self, who: int) -> None:
        self.wish(Withdraw, self.pick(who, *IN_LINE))

    @precondition(somebody(Status.OFFERED))
    @rule(who=picks)
    def somebody_accepts(self, who: int) -> None:
        self.wish(AcceptOffer, self.pick(who, Status.OFFERED))

    @precondition(somebody(Status.OFFERED))
    @rule(who=picks)
    def somebody_declines_an_offer(self, who: int) -> None:
        self.wish(DeclineOffer, self.pick(who, Status.OFFERED))

    @rule(hours=st.sampled_from([1, 12, 30, 60]), timers_fire=st.booleans())
    def time_passes(self, hours: int, timers_fire: bool) -> None:
        self.house.memory.now += timedelta(hours=hours)
        if timers_fire:
            self.house.fire_timers()

    @rule(capacity=st.integers(1, 5))
    def the_capacity_changes(self, capacity: int) -> None:
        self.edit(capacity=capacity)

    @rule(access=accesses)
    def the_rules_of_access_change(self, access: dict[str, Any]) -> None:
        self.edit(access=access)

    @rule(roles=st.sampled_from(ROLES), status=st.sampled_from([RoomStatus.PUBLISHED, RoomStatus.CLOSED]))
    def the_roles_change_and_the_room_closes_or_opens(self, roles: list[dict[str, Any]], status: RoomStatus) -> None:
        self.edit(roles=roles, status=status)

    @rule(who=picks, erased=st.booleans())
    def somebody_is_appointed_or_erased(self, who: int, erased: bool) -> None:
        if erased:
            self.house.erase(PEOPLE[who])
            assert self.house.status(PEOPLE[who]) not in LIVE
        else:
            self.edit(facilitator_ids=[PEOPLE[who]])

    @precondition(lambda self: len(self.house.rows) > 30)
    @rule()
    def the_room_is_cancelled(self) -> None:
        self.edit(status=RoomStatus.CANCELLED)
        assert not [each for each in self.house.people if each.is_live]

    def pick(self, who: int, *statuses: Status | None) -> UUID:
        """Give somebody who stands there, where anybody does."""
        found = [person for person in PEOPLE if self.house.status(person) in statuses] or PEOPLE
        return found[who % len(found)]

    def asks(self, person: UUID, wished: int) -> None:
        names = [role.name for role in self.house.room.roles]
        self.wish(RequestToJoin, person, roles=names[wished:][:2] or None)

    def wish(self, kind: Any, person: UUID, **fields: Any) -> None:
        line = {each.shown.membership_id for each in self.house.people if each.is_in_line}
        over = self.house.memory.over(self.house.room.room_id)
        before = self.seen()
        result = self.house.wish(kind, person, **fields)
        if isinstance(result, Done):
            self.passes_nobody(line, result)
        elif not over:
            assert self.seen() == before, "a refusal changes nothing, but for offers that were over"

    def passes_nobody(self, line: set[UUID], result: Done) -> None:
        """See that who got a seat at once, rather than from the line, left nobody waiting who would have taken it."""
        facts = [said.message for said in self.house.said if isinstance(said.message, Joined)]
        if not result.changed or not facts or facts[-1].membership != result.state:
            return
        if facts[-1].how in (How.OPEN, How.APPROVED):
            passed = [each for each in self.house.people if each.would_take(facts[-1].membership.role)]
            assert not [each for each in passed if each.shown.membership_id in line]

    def edit(self, **changes: Any) -> None:
        if self.house.state.goes_on:
            self.house.edit(**changes)

    def seen(self) -> tuple[Any, ...]:
        house = self.house
        return house.state, house.people, len(house.said), len(house.rows), dict(house.timers)

    @invariant()
    def no_more_people_than_seats(self) -> None:
        state = self.house.state
        assert state.taken + state.held <= state.most
        assert state.most == capacity_of(state.room) or state.taken + state.held == state.most

    @invariant()
    def no_role_is_given_more_often_than_it_has_seats(self) -> None:
        state = self.house.state
        for role in state.room.roles:
            used = state.by_role.get(role.name, RoleSeats())
            seats = max(role.seats or state.most, self.most_of_role.get(role.name, 0))
            assert used.taken + used.held <= seats
            self.most_of_role[role.name] = used.taken + used.held

    @invariant()
    def what_is_counted_is_there(self) -> None:
        state, people = self.house.state, self.house.people
        found = Counter(each.status for each in people)
        assert (state.taken, state.held) == (found[Status.JOINED], found[Status.OFFERED])
        assert (state.waiting, state.pending) == (found[Status.WAITLISTED], found[Status.REQUESTED])
        roles = Counter((each.shown.role, each.status) for each in people if each.status in LIVE)
        told = {(name, Status.JOINED): seats.taken for name, seats in state.by_role.items()}
        told |= {(name, Status.OFFERED): seats.held for name, seats in state.by_role.items()}
        assert {each: count for each, count in told.items() if count} == {
            each: count for each, count in roles.items() if each[0] is not None
        }

    @invariant()
    def one_live_membership_a_person_and_none_with_an_office(self) -> None:
        live = Counter(each.shown.person_id for each in self.house.people if each.is_live)
        assert all(count == 1 for count in live.values())
        assert not offices_of(self.house.room) & set(live)

    @invariant()
    def nobody_in_line_would_take_a_seat_that_is_free(self) -> None:
        state = self.house.state
        if state.serves_its_queue and not self.house.wished:
            places = open_places(state)
            assert not [each for each in self.house.people if any(each.would_take(place) for place in places)]

    @invariant()
    def a_seat_goes_to_the_first_in_line_who_would_take_it(self) -> None:
        news, self.looked_at = self.house.said[self.looked_at :], len(self.house.said)
        by_id = {each.shown.membership_id: each for each in self.house.people}
        for said in news:
            fact = said.message
            if isinstance(fact, SeatOffered) or (isinstance(fact, Joined) and fact.how is How.AUTOMATIC):
                key = by_id[fact.membership.membership_id].key
                earlier = [each for each in self.house.people if each.key < key]
                assert not [each for each in earlier if each.would_take(fact.membership.role)]

    @invariant()
    def the_order_is_total_and_changes_for_nobody_but_who_is_sent_to_the_end(self) -> None:
        people = self.house.people
        assert len({each.number for each in people}) == len(people)
        sent = {
            said.message.membership.membership_id
            for said in self.house.said
            if isinstance(said.message, OfferLapsed) and said.message.membership.status is Status.WAITLISTED
        }
        for each in people:
            known = self.numbers.setdefault(each.shown.membership_id, each.number)
            assert each.number == known or (each.number > known and each.shown.membership_id in sent)
        self.numbers = {each.shown.membership_id: each.number for each in people}

    @invariant()
    def every_change_is_told_once_and_kept_in_the_history(self) -> None:
        told: dict[str, list[int]] = {}
        for said in self.house.said:
            if said.sequence:
                told.setdefault(said.subject, []).append(said.sequence)
        assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in told.values())
        for each in self.house.people:
            assert len(told[str(each.shown.membership_id)]) == each.shown.version
        facts = [said for said in self.house.said if not isinstance(said.message, OccupancyChanged)]
        assert [row["fact"] for row in self.house.rows] == [said.message.routing_key for said in facts]

    @invariant()
    def how_full_the_room_is_was_told_last_as_it_is(self) -> None:
        told = [said.message for said in self.house.said if isinstance(said.message, OccupancyChanged)]
        if told:
            assert told[-1] == occupancy(self.house.state)

    @invariant()
    def every_offer_and_request_has_its_timer_and_nothing_else_has(self) -> None:
        people = self.house.people
        offers = {f"offer:{each.shown.membership_id}" for each in people if each.status is Status.OFFERED}
        requests = {f"request:{each.shown.membership_id}" for each in people if each.status is Status.REQUESTED}
        assert set(self.house.timers) == offers | requests


TestWorkflow = Workflow.TestCase
TestWorkflow.settings = settings(
    max_examples=50, stateful_step_count=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
