"""The promises that hold in a room after every step."""

from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from tests.unit.membership.builders import a_decision_context, a_newcomer
from tests.unit.membership.memory import House

from practio_chassis.context import OutgoingMessage
from practio_contracts.membership import (
    LIVE,
    BarLifted,
    FillSeats,
    How,
    Joined,
    MembershipEvent,
    OccupancyChanged,
    OfferLapsed,
    OfferRevoked,
    Prioritised,
    Removed,
    SeatOffered,
    Status,
)
from practio_contracts.message import Message
from practio_membership.domain.explanation import explain
from practio_membership.domain.membership_state import MembershipState
from practio_membership.domain.room import RoleSeats, capacity_of, occupancy, open_places

AT_ONCE = (How.OPEN, How.APPROVED, How.INVITATION)
"""The ways to a seat that do not lead through the waitlist."""


@dataclass
class Promises:
    """Remembers the state after the last step, and compares it with the state after the next."""

    house: House
    people: dict[UUID, MembershipState] = field(default_factory=dict)
    outgoing: int = 0
    used: int = 0
    used_of_role: dict[str, int] = field(default_factory=dict)
    barred: set[UUID] = field(default_factory=set)
    set_aside: set[UUID] = field(default_factory=set)
    served_the_waitlist: bool = True

    def check(self) -> None:
        """Check all promises; raise AssertionError if one is broken."""
        news = [event for event in map(_event_of_person, self.house.published[self.outgoing :]) if event]
        self._no_more_people_than_seats(news)
        self._no_role_is_given_more_often_than_it_has_seats(news)
        self._counts_match_the_memberships()
        self._one_live_membership_per_person_and_no_membership_with_an_office()
        self._a_seat_goes_to_the_first_on_the_waitlist_who_would_take_it(news)
        self._nobody_overtakes_a_waiting_person(news)
        self._the_order_is_total_and_changes_for_nobody_without_cause(news)
        self._a_barred_person_stays_out(news)
        self._nobody_set_aside_or_without_a_waitlist_gets_an_automatic_seat(news)
        self._each_free_seat_is_given_or_has_a_reason()
        self._every_change_is_published_once_and_in_the_history()
        self._the_last_occupancy_event_is_current()
        self._exactly_what_can_lapse_has_a_timer()
        self._remember()

    def _remember(self) -> None:
        state = self.house.state
        self.people = {each.snapshot.membership_id: each for each in self.house.people}
        self.outgoing = len(self.house.published)
        self.used = state.taken + state.held
        self.served_the_waitlist = self._serves_the_waitlist()
        self.used_of_role = {name: seats.taken + seats.held for name, seats in state.by_role.items()}

    def _no_more_people_than_seats(self, news: list[MembershipEvent]) -> None:
        """More people than the capacity only if a place was given beyond it, or the capacity was lowered."""
        state = self.house.state
        used = state.taken + state.held
        assert used <= state.capacity_in_use
        assert state.capacity_in_use == capacity_of(state.room) or used == state.capacity_in_use
        given = [event for event in news if gives_beyond(event)]
        assert used <= max(capacity_of(state.room), self.used + len(given))

    def _no_role_is_given_more_often_than_it_has_seats(self, news: list[MembershipEvent]) -> None:
        state = self.house.state
        given = Counter(event.membership.role for event in news if gives_beyond(event))
        for role in state.room.roles:
            used = state.by_role.get(role.name, RoleSeats())
            seats = max(role.seats or state.capacity_in_use, self.used_of_role.get(role.name, 0) + given[role.name])
            assert used.taken + used.held <= seats

    def _counts_match_the_memberships(self) -> None:
        state, people = self.house.state, self.house.people
        found = Counter(each.status for each in people)
        assert (state.taken, state.held) == (found[Status.JOINED], found[Status.OFFERED])
        assert (state.waiting, state.pending) == (found[Status.WAITLISTED], found[Status.REQUESTED])
        assert state.beyond == len([each for each in people if each.has_place and each.over_capacity])
        roles = Counter((each.snapshot.role, each.status) for each in people if each.has_place)
        counted = {(name, Status.JOINED): seats.taken for name, seats in state.by_role.items()}
        counted |= {(name, Status.OFFERED): seats.held for name, seats in state.by_role.items()}
        assert {each: count for each, count in counted.items() if count} == {
            each: count for each, count in roles.items() if each[0] is not None
        }

    def _one_live_membership_per_person_and_no_membership_with_an_office(self) -> None:
        live = Counter(each.snapshot.person_id for each in self.house.people if each.is_live)
        assert all(count == 1 for count in live.values())
        assert set(live).isdisjoint(self.house.room.office_ids)

    def _a_seat_goes_to_the_first_on_the_waitlist_who_would_take_it(self, news: list[MembershipEvent]) -> None:
        """Compare with the waitlist before the step, apart from people moved within it.

        An offer may lapse, and go on, before.
        """
        moved = {event.membership.membership_id for event in news if isinstance(event, Prioritised)}
        by_id = {
            each.snapshot.membership_id: each for each in self.house.people if each.snapshot.membership_id not in moved
        }
        for event in news:
            served = by_id.get(event.membership.membership_id)
            if served and event.membership.by == "system" and _is_served_from_the_waitlist(event):
                earlier = [each for each in by_id.values() if _place(each) < _place(served)]
                passed = [each for each in earlier if each.would_take(event.membership.role)]
                assert not [each for each in passed if self._was_on_the_waitlist(each)]

    def _nobody_overtakes_a_waiting_person(self, news: list[MembershipEvent]) -> None:
        """No person who waited before and still waits would have taken the seat of a person who joined at once."""
        still = [each for each in self.house.people if self._was_on_the_waitlist(each)]
        for event in news:
            if isinstance(event, Joined) and event.how in AT_ONCE:
                assert not [each for each in still if each.would_take(event.membership.role)]

    def _was_on_the_waitlist(self, member: MembershipState) -> bool:
        before = self.people.get(member.snapshot.membership_id)
        return before is not None and before.is_waiting_in_order and before.key == member.key

    def _the_order_is_total_and_changes_for_nobody_without_cause(self, news: list[MembershipEvent]) -> None:
        people = self.house.people
        assert len({each.number for each in people}) == len(people)
        sent = {event.membership.membership_id for event in news if isinstance(event, OfferLapsed)}
        moved = {event.membership.membership_id for event in news if isinstance(event, Prioritised)}
        for each in people:
            before = self.people.get(each.snapshot.membership_id, each)
            comes_last = before.snapshot.membership_id in sent or before.status is Status.INVITED
            assert each.number == before.number or (each.number > before.number and comes_last)
            assert each.priority == before.priority or each.snapshot.membership_id in moved

    def _a_barred_person_stays_out(self, news: list[MembershipEvent]) -> None:
        for event in news:
            if isinstance(event, Removed) and event.barred:
                self.barred.add(event.membership.person_id)
            if isinstance(event, BarLifted):
                self.barred.discard(event.membership.person_id)
        assert not [each for each in self.house.people if each.is_live and each.snapshot.person_id in self.barred]

    def _nobody_set_aside_or_without_a_waitlist_gets_an_automatic_seat(self, news: list[MembershipEvent]) -> None:
        may_serve = self.served_the_waitlist or self._serves_the_waitlist()
        for event in news:
            membership_id = event.membership.membership_id
            if isinstance(event, OfferRevoked):
                self.set_aside.add(membership_id)
            elif event.membership.by == "system" and _is_served_from_the_waitlist(event):
                assert may_serve
                assert membership_id not in self.set_aside
            elif isinstance(event, SeatOffered):
                self.set_aside.discard(membership_id)

    def _serves_the_waitlist(self) -> bool:
        room = self.house.room
        return room.status in ("published", "closed") and room.access.waitlist.enabled

    def _each_free_seat_is_given_or_has_a_reason(self) -> None:
        """Every waiting person gets a reason: a full room, a full role, no waitlist, a revoked offer; never nothing."""
        state = self.house.state
        if any(isinstance(command, FillSeats) for command in self.house.internal_commands):
            return
        for each in self.house.people:
            if each.status is Status.WAITLISTED:
                first = explain(
                    a_decision_context(state, each, now=self.house.memory.now), a_newcomer(state.room)
                ).reasons[0]
                assert first.code in ("room-full", "role-full", "waitlist-off", "set-aside")
                if state.serves_its_waitlist:
                    assert not [place for place in open_places(state) if each.would_take(place)]

    def _every_change_is_published_once_and_in_the_history(self) -> None:
        counted: dict[str, list[int]] = {}
        for outgoing in self.house.published:
            if outgoing.sequence:
                counted.setdefault(outgoing.subject, []).append(outgoing.sequence)
        assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in counted.values())
        for each in self.house.people:
            assert len(counted[str(each.snapshot.membership_id)]) == each.snapshot.version
        events = [event.routing_key for event in map(_event_of_person, self.house.published) if event]
        assert [row["fact"] for row in self.house.rows] == events
        ends: dict[UUID, str] = {}
        for row in self.house.rows:
            assert row["from_status"] == ends.get(row["membership_id"])
            ends[row["membership_id"]] = row["to_status"]
        assert ends == {each.snapshot.membership_id: each.snapshot.status.value for each in self.house.people}

    def _the_last_occupancy_event_is_current(self) -> None:
        counted = [
            outgoing.message for outgoing in self.house.published if isinstance(outgoing.message, OccupancyChanged)
        ]
        if counted:
            assert counted[-1] == occupancy(self.house.state)

    def _exactly_what_can_lapse_has_a_timer(self) -> None:
        names = {Status.OFFERED: "offer", Status.REQUESTED: "request", Status.INVITED: "invitation"}
        live = [each for each in self.house.people if each.status in names]
        expected = {f"{names[each.snapshot.status]}:{each.snapshot.membership_id}" for each in live}
        reminders = {f"reminder:{each.snapshot.membership_id}" for each in live if each.status is Status.REQUESTED}
        assert expected <= set(self.house.timers) <= expected | reminders


def _event_of_person(outgoing: OutgoingMessage) -> MembershipEvent | None:
    """Return the event if it is about one person: that of a room's occupancy is none."""
    return outgoing.message if isinstance(outgoing.message, MembershipEvent) else None


def gives_beyond(event: Message) -> bool:
    """Return whether an event gives a place beyond the free seats; accepting an offered one gives no second."""
    if isinstance(event, SeatOffered):
        return event.over_capacity
    return isinstance(event, Joined) and event.how is How.OVER_CAPACITY


def _place(member: MembershipState) -> tuple[int, int]:
    """Return the position on the waitlist: the higher priority first, then the earlier request."""
    return -member.priority, member.number


def _is_served_from_the_waitlist(event: MembershipEvent) -> bool:
    return isinstance(event, SeatOffered) or (isinstance(event, Joined) and event.how is How.AUTOMATIC)


def live_people(house: House) -> list[MembershipState]:
    """Return the people whose membership is live."""
    return [each for each in house.people if each.status in LIVE]
