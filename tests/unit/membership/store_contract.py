"""What handlers may expect of a store: the one in memory and the one in the database pass the same cases."""

from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid4

import pytest
from tests.support.stack.example_service import received
from tests.unit.membership.builders import HOST, NOW, a_membership_state, a_room, a_state_with

from practio_chassis.context import ReceivedMessage
from practio_contracts.membership import LIVE, DecideRequests, FillSeats, Status, Withdraw
from practio_contracts.message import Message
from practio_contracts.people import PersonErased
from practio_contracts.rooms import Room
from practio_membership.domain.changes import Changes, Transition
from practio_membership.domain.membership_state import Key, MembershipState
from practio_membership.domain.room import RoomState
from practio_membership.store import Loaded

NO_EVENT: Any = None
ROLES = [{"name": "coach", "seats": 1}, {"name": "coachee", "seats": 3}]


class Store(Protocol):
    """A store of rooms and memberships."""

    def batch(self, *messages: Message, now: datetime = NOW) -> AbstractAsyncContextManager[Loaded]:
        """Begin a batch of these messages; what it records is kept when the block ends."""


def placed(room: Room, *people: MembershipState) -> Changes:
    """Return the changes that put people into a room, each in the state given."""
    transitions = (Transition(replace(each, snapshot=_before(each)), each, NO_EVENT) for each in people)
    return Changes(a_state_with(room, *people), tuple(transitions))


def _before(member: MembershipState) -> Any:
    return member.snapshot.model_copy(update={"version": 0})


def about(room: Room, *people: MembershipState) -> Message:
    """Return a message that concerns a room and these people."""
    if not people:
        return FillSeats(room_id=room.room_id)
    decisions = [{"person_id": each.snapshot.person_id, "approve": True} for each in people]
    return DecideRequests.model_validate({"room_id": room.room_id, "decisions": decisions})


def cause() -> ReceivedMessage[Message]:
    """Return a message that changes may be caused by."""
    return received(FillSeats(room_id=uuid4()), actor=HOST)


def ids(members: Iterable[MembershipState]) -> list[UUID]:
    """Return the ids of memberships, in order."""
    return [each.snapshot.membership_id for each in members]


def content(member: MembershipState | None) -> object:
    """Return all that a member consists of, to be compared."""
    return member and replace(member, snapshot=NO_EVENT, preferred_roles=tuple(member.preferred_roles)), (
        member and member.snapshot.model_dump()
    )


def waiting(room: Room, *priorities: int, **fields: Any) -> list[MembershipState]:
    """Return people on the waitlist with these priorities, numbered from 1."""
    return [
        a_membership_state(room, Status.WAITLISTED, uuid4(), number=number, priority=priority, **fields)
        for number, priority in enumerate(priorities, 1)
    ]


async def keep(store: Store, room: Room, *people: MembershipState) -> None:
    """Put a room and people into the store, in a batch of their own."""
    async with store.batch(about(room)) as loaded:
        loaded.record(placed(room, *people), cause())


async def _keys_of(members: Awaitable[list[MembershipState]]) -> list[Key]:
    return [each.key for each in await members]


READINGS: dict[str, Callable[[Loaded, RoomState], Awaitable[object]]] = {
    "front": lambda loaded, state: _keys_of(loaded.front(state, most=9)),
    "keys": lambda loaded, state: loaded.keys(state),
    "people": lambda loaded, state: _keys_of(loaded.people(state.room.room_id, LIVE)),
    "behind newcomers": lambda loaded, state: loaded.behind_newcomers(state),
}


class StoreContract:
    """The cases; a test module derives a class from it and provides the fixture ``store``."""

    async def test_a_room_and_a_person_that_nobody_recorded_are_none(self, store: Store) -> None:
        room = a_room()
        async with store.batch(about(room)) as loaded:
            assert loaded.state(room.room_id) is None
            assert loaded.member(room.room_id, uuid4()) is None
            assert loaded.over(room.room_id) == []

    async def test_what_a_batch_records_is_there_at_once_and_in_the_next_batch(self, store: Store) -> None:
        room = a_room(3, roles=ROLES)
        person = a_membership_state(room, Status.OFFERED, uuid4(), number=4, priority=2, roles=["coach", "coachee"])
        person = replace(person, decided_by=str(HOST), decided_at=NOW, lapsed_at=NOW, set_aside=True)
        changes = placed(room, person)
        async with store.batch(about(room, person)) as loaded:
            loaded.record(changes, cause())
            assert loaded.state(room.room_id) == changes.state
            assert content(loaded.member(room.room_id, person.snapshot.person_id)) == content(person)
        async with store.batch(about(room, person)) as loaded:
            assert loaded.state(room.room_id) == changes.state
            assert content(loaded.member(room.room_id, person.snapshot.person_id)) == content(person)

    async def test_a_person_is_in_the_state_of_the_latest_membership(self, store: Store) -> None:
        room, person_id = a_room(), uuid4()
        first = a_membership_state(room, Status.WITHDRAWN, person_id, number=1)
        second = a_membership_state(room, Status.LAPSED, person_id, number=2)
        await keep(store, room, second, first)
        async with store.batch(about(room, first)) as loaded:
            found = loaded.member(room.room_id, person_id)
            assert found
            assert ids([found]) == ids([second])
            third = a_membership_state(room, Status.REQUESTED, person_id, number=3)
            loaded.record(placed(room, third), cause())
            assert content(loaded.member(room.room_id, person_id)) == content(third)

    async def test_overdue_offers_are_found_in_the_order_of_their_expiry(self, store: Store) -> None:
        room = a_room(4)
        minutes = [-5, 0, -90, 1]
        people = [
            _offered(room, number=number, at=NOW + timedelta(minutes=each)) for number, each in enumerate(minutes, 1)
        ]
        await keep(store, room, *people)
        async with store.batch(about(room), now=NOW) as loaded:
            assert ids(loaded.over(room.room_id)) == ids([people[2], people[0], people[1]])

    async def test_overdue_people_are_in_their_latest_state(self, store: Store) -> None:
        room = a_room(2)
        offered = _offered(room, number=1, at=NOW)
        await keep(store, room, offered)
        lapsed = replace(
            offered, snapshot=offered.snapshot.model_copy(update={"status": Status.LAPSED, "offer_expires_at": None})
        )
        async with store.batch(about(room), now=NOW) as loaded:
            loaded.record(_changed(room, offered, lapsed), cause())
            assert [each.status for each in loaded.over(room.room_id)] == [Status.LAPSED]

    async def test_the_front_of_the_waitlist_is_in_order_and_bounded(self, store: Store) -> None:
        room = a_room(9)
        people = waiting(room, 0, 5, -1, 0)
        changes = placed(room, *people)
        await keep(store, room, *people)
        async with store.batch(about(room)) as loaded:
            front = await loaded.front(changes.state, most=9)
            assert ids(front) == ids([people[1], people[0], people[3], people[2]])
            assert ids(await loaded.front(changes.state, most=2)) == ids([people[1], people[0]])

    async def test_the_front_passes_over_those_who_would_take_no_open_place(self, store: Store) -> None:
        room = a_room(3, roles=ROLES)
        joined = a_membership_state(room, Status.JOINED, uuid4(), number=1)
        coach = a_membership_state(room, Status.WAITLISTED, uuid4(), number=2, roles=["coach"])
        aside = replace(a_membership_state(room, Status.WAITLISTED, uuid4(), number=3), set_aside=True)
        either = a_membership_state(room, Status.WAITLISTED, uuid4(), number=4, roles=["coach", "coachee"])
        anything = a_membership_state(room, Status.WAITLISTED, uuid4(), number=5)
        pending = a_membership_state(room, Status.REQUESTED, uuid4(), number=6)
        people = [joined, coach, aside, either, anything, pending]
        state = placed(room, *people).state
        await keep(store, room, *people)
        async with store.batch(about(room)) as loaded:
            assert ids(await loaded.front(state, most=9)) == ids([either, anything])
            assert ids(await loaded.front(replace(state, by_role={}), most=9)) == ids([coach, either, anything])

    async def test_preferred_roles_mean_nothing_in_a_room_without_roles(self, store: Store) -> None:
        room = a_room(3, roles=[])
        people = waiting(room, 0, roles=["coach"])
        state = placed(room, *people).state
        await keep(store, room, *people)
        async with store.batch(about(room)) as loaded:
            assert ids(await loaded.front(state, most=9)) == ids(people)
            assert await loaded.contested(state) == {None}

    @pytest.mark.parametrize("name", READINGS)
    async def test_what_is_read_is_as_earlier_messages_of_the_batch_left_it(self, store: Store, name: str) -> None:
        room = a_room(3)
        first, second = waiting(room, -1, -1)
        await keep(store, room, first, second)
        gone = replace(first, snapshot=first.snapshot.model_copy(update={"status": Status.WITHDRAWN}))
        async with store.batch(about(room)) as loaded:
            changes = _changed(room, first, gone, second)
            loaded.record(changes, cause())
            assert await READINGS[name](loaded, changes.state) == (1 if name == "behind newcomers" else [second.key])

    async def test_a_place_is_contested_if_somebody_in_order_would_take_it(self, store: Store) -> None:
        room = a_room(4, roles=ROLES)
        coachee = a_membership_state(room, Status.WAITLISTED, uuid4(), number=1, roles=["coachee"])
        aside = replace(a_membership_state(room, Status.WAITLISTED, uuid4(), number=2), set_aside=True)
        state = placed(room, coachee, aside).state
        await keep(store, room, coachee, aside)
        async with store.batch(about(room)) as loaded:
            assert await loaded.contested(state) == {"coachee"}
            assert await loaded.contested(replace(state, taken=4)) == frozenset(), "no place is open"

    async def test_the_keys_of_the_waitlist_are_in_order_and_hold_those_set_aside(self, store: Store) -> None:
        room = a_room()
        people = waiting(room, 0, 3, -2)
        people[0] = replace(people[0], set_aside=True)
        await keep(store, room, *people)
        state = placed(room, *people).state
        async with store.batch(about(room)) as loaded:
            assert await loaded.keys(state) == [people[1].key, people[0].key, people[2].key]

    async def test_those_behind_newcomers_are_counted_and_followed_through_the_batch(self, store: Store) -> None:
        room = a_room()
        low, usual = waiting(room, -1, 0)
        await keep(store, room, low, usual)
        async with store.batch(about(room)) as loaded:
            assert await loaded.behind_newcomers(placed(room, low, usual).state) == 1
            lower = replace(usual, priority=-3)
            changes = _changed(room, usual, lower, low)
            loaded.record(changes, cause())
            assert await loaded.behind_newcomers(changes.state) == 2

    async def test_people_are_found_by_status_and_by_name_if_live(self, store: Store) -> None:
        room = a_room(5)
        joined = a_membership_state(room, Status.JOINED, uuid4(), number=1)
        pending = a_membership_state(room, Status.REQUESTED, uuid4(), number=2)
        gone = a_membership_state(room, Status.WITHDRAWN, uuid4(), number=3)
        other = a_membership_state(room, Status.JOINED, uuid4(), number=4)
        first = a_membership_state(room, Status.JOINED, uuid4(), number=5, priority=1)
        await keep(store, room, joined, pending, gone, other, first)
        named = [each.snapshot.person_id for each in (pending, gone)]
        async with store.batch(about(room)) as loaded:
            assert ids(await loaded.people(room.room_id, {Status.JOINED})) == ids([first, joined, other])
            found = await loaded.people(room.room_id, {Status.JOINED}, named)
            assert ids(found) == ids([first, joined, pending, other])
            assert ids(await loaded.people(room.room_id, LIVE, most=2)) == ids([first, joined])
            assert await loaded.people(room.room_id, set(), [gone.snapshot.person_id]) == []

    async def test_the_live_memberships_of_an_erased_person_are_found_in_every_room(self, store: Store) -> None:
        person_id, rooms = uuid4(), [a_room(), a_room(), a_room()]
        statuses = [Status.JOINED, Status.REQUESTED, Status.WITHDRAWN]
        memberships = [a_membership_state(room, each, person_id) for room, each in zip(rooms, statuses, strict=True)]
        for room, membership in zip(rooms, memberships, strict=True):
            await keep(store, room, membership, a_membership_state(room, Status.WAITLISTED, uuid4(), number=2))
        async with store.batch(PersonErased(person_id=person_id)) as loaded:
            found = await loaded.memberships_of(person_id)
            assert {*ids(found)} == {*ids(memberships[:2])}
            assert all(loaded.state(each.snapshot.room_id) for each in found)

    async def test_a_changed_occupancy_is_published_once_with_the_last_message_about_the_room(
        self, store: Store
    ) -> None:
        rooms = [a_room(), a_room()]
        for room in rooms:
            await keep(store, room)
        causes = [cause() for _ in range(3)]
        async with store.batch(*(about(room) for room in rooms)) as loaded:
            one = a_membership_state(rooms[0], Status.JOINED, uuid4(), number=1)
            two = a_membership_state(rooms[0], Status.JOINED, uuid4(), number=2)
            loaded.record(placed(rooms[0], one), causes[0])
            loaded.record(placed(rooms[0], one, two), causes[1])
            loaded.record(Changes(a_state_with(rooms[1])), causes[2])
            [(state, by)] = loaded.occupancies_to_publish()
            assert (state.room.room_id, state.taken, state.occupancy_sequence) == (rooms[0].room_id, 2, 1)
            assert by is causes[1]
            assert loaded.occupancies_to_publish() == []
        async with store.batch(about(rooms[0])) as loaded:
            known = loaded.state(rooms[0].room_id)
            assert known
            assert known.occupancy_sequence == 1
            loaded.record(Changes(known), cause())
            assert loaded.occupancies_to_publish() == []

    async def test_the_counters_of_a_batch_begin_at_zero(self, store: Store) -> None:
        room = a_room()
        async with store.batch(about(room)) as loaded:
            loaded.record(placed(room), cause())
            loaded.given, loaded.ended = 3, 4
            loaded.unfilled.add(room.room_id)
        async with store.batch(about(room)) as loaded:
            assert (loaded.given, loaded.ended, loaded.unfilled) == (0, 0, set())

    async def test_somebody_who_left_and_asked_again_in_one_batch_is_live_once(self, store: Store) -> None:
        room, person_id = a_room(), uuid4()
        joined = a_membership_state(room, Status.JOINED, person_id, number=1)
        await keep(store, room, joined)
        left = replace(joined, snapshot=joined.snapshot.model_copy(update={"status": Status.WITHDRAWN}))
        again = a_membership_state(room, Status.REQUESTED, person_id, number=2)
        async with store.batch(Withdraw(room_id=room.room_id, person_id=person_id)) as loaded:
            loaded.record(_changed(room, joined, left), cause())
            loaded.record(placed(room, again), cause())
        async with store.batch(about(room, again)) as loaded:
            assert content(loaded.member(room.room_id, person_id)) == content(again)
            assert ids(await loaded.people(room.room_id, LIVE)) == ids([again])


def _offered(room: Room, *, number: int, at: datetime) -> MembershipState:
    offered = a_membership_state(room, Status.OFFERED, uuid4(), number=number)
    return replace(offered, snapshot=offered.snapshot.model_copy(update={"offer_expires_at": at}))


def _changed(room: Room, before: MembershipState, after: MembershipState, *others: MembershipState) -> Changes:
    """Return the change of one person; ``others`` are in the room too."""
    return Changes(a_state_with(room, after, *others), (Transition(before, after, NO_EVENT),))
