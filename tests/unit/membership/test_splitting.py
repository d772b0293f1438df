"""Splitting a room under any interleaving: nobody in two places, nobody loses one before, order and capacity kept."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

from hypothesis import example, given
from hypothesis import strategies as st
from tests.support.thorough import examples
from tests.unit.membership.builders import HOST
from tests.unit.membership.splitting import Split

from practio_contracts.membership import (
    HAS_SEAT_ELSEWHERE,
    AcceptInvitation,
    AcceptOffer,
    DeclineInvitation,
    DeclineOffer,
    RequestToJoin,
    Status,
    Withdraw,
    Withdrawn,
)

WAITING = 6
STEPS = (
    *("invite", "invite all", "yes", "yes", "no", "take the offer", "refuse the offer", "leave the second"),
    *("leave the first", "ask again", "erase", "arrive", "arrive", "time", "more seats", "fewer seats"),
)
Step = tuple[str, int]


class Path:
    """A split, and the people who gave up their place themselves; each step is checked."""

    def __init__(self, seats: int, promotion: str, enabled: bool) -> None:
        second = {"waitlist": {"enabled": enabled, "promotion": promotion}}
        self.split = Split(WAITING, seats=seats, first={"waitlist": {"promotion": promotion}}, **second)
        self.own_will: set[UUID] = set()
        self.asked_again: set[UUID] = set()

    def take(self, step: Step) -> None:
        """Take a step, a second after the last one."""
        name, index = step
        self.split.first.memory.now += timedelta(seconds=1)
        getattr(self, name.replace(" ", "_"))(self.split.waiting[index])

    def invite(self, one: UUID) -> None:
        self.split.invite(one)

    def invite_all(self, _one: UUID) -> None:
        self.split.invite()

    def yes(self, one: UUID) -> None:
        self.split.second.send(AcceptInvitation, one)

    def no(self, one: UUID) -> None:
        self.split.second.send(DeclineInvitation, one)

    def take_the_offer(self, one: UUID) -> None:
        self.split.first.send(AcceptOffer, one)
        self.split.second.send(AcceptOffer, one)

    def refuse_the_offer(self, one: UUID) -> None:
        self._leaves(DeclineOffer, one)

    def leave_the_second(self, one: UUID) -> None:
        self.split.second.send(Withdraw, one)

    def leave_the_first(self, one: UUID) -> None:
        self._leaves(Withdraw, one)

    def ask_again(self, one: UUID) -> None:
        if self.split.first.status(one) in (Status.WITHDRAWN, Status.LAPSED):
            self.asked_again.add(one)
        self.split.first.send(RequestToJoin, one)

    def erase(self, one: UUID) -> None:
        self.split.first.erase(one)
        self.own_will.add(one)

    def arrive(self, _one: UUID) -> None:
        self.split.arrive()

    def time(self, _one: UUID) -> None:
        self.split.first.memory.now += timedelta(hours=30)
        self.split.first.fire_timers()
        self.split.second.fire_timers()

    def more_seats(self, _one: UUID) -> None:
        self._seats(1)

    def fewer_seats(self, _one: UUID) -> None:
        self._seats(-1)

    def _seats(self, more: int) -> None:
        self.split.second.edit(capacity=max(1, (self.split.second.room.capacity or 0) + more))

    def _leaves(self, kind: type[Withdraw] | type[DeclineOffer], one: UUID) -> None:
        self.split.first.send(kind, one)
        self.own_will.add(one)

    def check(self) -> None:
        """Check what holds at every moment."""
        split = self.split
        for house in (split.first, split.second):
            state = house.state
            assert state.taken + state.held <= max(state.room.capacity or 0, state.capacity_in_use)
            live = Counter(each.snapshot.person_id for each in house.people if each.is_live)
            assert set(live.values()) <= {1}
        moved = [each for each in self._left() if each.membership.reason == HAS_SEAT_ELSEWHERE]
        for person in split.waiting:
            gone = split.first.status(person) in (Status.WITHDRAWN, Status.REMOVED, Status.DECLINED, Status.ENDED)
            was_seated = any(
                each["person_id"] == person
                and each["room_id"] == split.second.room.room_id
                and each["to_status"] == "joined"
                for each in [*split.first.rows, *split.second.rows]  # whichever handled what gave them the seat
            )
            assert not gone or was_seated or person in self.own_will, "a place ended without a seat"
        assert {each.membership.person_id for each in moved} <= set(split.waiting)
        never_back = [each for each in split.waiting if each not in self.asked_again]
        waiting = [each for each in split.on_the_waitlist() if each in never_back]
        assert waiting == [each for each in never_back if each in waiting], "the order of the waitlist"

    def _left(self) -> list[Withdrawn]:
        published = [*self.split.first.published, *self.split.second.published]
        return [each.message for each in published if isinstance(each.message, Withdrawn)]

    def check_at_rest(self) -> None:
        """Check what holds once every message has arrived."""
        split = self.split
        split.arrive()
        self.check()
        for place in split.first.people:
            person = place.snapshot.person_id
            seat = split.first.memory.member(split.second.room.room_id, person)
            if seat is None or seat.status is not Status.JOINED or seat.snapshot.from_room_id is None:
                continue
            asked = place.snapshot.requested_at
            waits = place.status in (Status.REQUESTED, Status.WAITLISTED, Status.OFFERED)
            assert not waits or (asked and asked > seat.snapshot.since), "in two places"
        moved = Counter(
            each.membership.membership_id for each in self._left() if each.membership.reason == HAS_SEAT_ELSEWHERE
        )
        assert set(moved.values()) <= {1}
        assert split.invite(split.waiting[0], by=HOST)


@examples(15, thoroughly=100)
@given(
    steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, WAITING - 1)), max_size=30),
    seats=st.integers(1, 4),
    promotion=st.sampled_from(["offer", "automatic"]),
    enabled=st.booleans(),
)
@example(steps=[("yes", 1), ("yes", 0), ("erase", 1)], seats=1, promotion="automatic", enabled=True)
def test_nobody_is_in_two_places_or_loses_one(steps: list[Step], seats: int, promotion: str, enabled: bool) -> None:
    path = Path(seats, promotion, enabled)
    for step in (("invite all", 0), *steps):
        path.take(step)
        path.check()
    path.check_at_rest()
