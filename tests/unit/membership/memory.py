"""Membership without a database: the real handlers on a store that is a few dictionaries, and a clock of our own."""

from collections.abc import Awaitable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from tests.support.stack.example_service import received
from tests.unit.membership.builders import NOW

from practio_chassis.context import Done, MessageContext, OutgoingMessage, ReceivedMessage, Timer
from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import (
    AcceptInvitation,
    DecideRequests,
    ExchangeRoles,
    FillSeats,
    RequestToJoin,
    Status,
)
from practio_contracts.message import Command, InternalCommand, Message
from practio_contracts.people import PersonErased
from practio_contracts.rooms import Room, RoomCancelled, RoomRevised, RoomStatus
from practio_membership.app import SERVICE
from practio_membership.domain.changes import Changes, Transition
from practio_membership.domain.membership_state import Key, MembershipState
from practio_membership.domain.room import Place, RoomState, has_same_occupancy, open_places
from practio_membership.handlers import finish_batch
from practio_membership.handlers.scheduling import schedule_timers

T = TypeVar("T")

_NO_EVENT: Any = None


@dataclass
class Memory:
    """The store, as the handlers know it; ``store_contract`` holds it and the real one to the same behaviour."""

    states: dict[UUID, RoomState] = field(default_factory=dict)
    members: dict[UUID, MembershipState] = field(default_factory=dict)
    now: datetime = NOW
    pairs: dict[UUID, dict[UUID, UUID]] = field(default_factory=dict)
    given: int = 0
    ended: int = 0
    unfilled: set[UUID] = field(default_factory=set)
    overdue: dict[UUID, list[UUID]] = field(default_factory=dict)
    published: dict[UUID, RoomState] = field(default_factory=dict)
    causes: dict[UUID, ReceivedMessage[Any]] = field(default_factory=dict)

    def begin(self) -> None:
        """Begin a batch: find the offers that are overdue, and forget what the last batch counted."""
        self.given = self.ended = 0
        for counted in (self.unfilled, self.published, self.causes):
            counted.clear()
        self.overdue = {room_id: self._overdue(room_id) for room_id in self.states}

    def _overdue(self, room_id: UUID) -> list[UUID]:
        """Return the people whose offers have expired, in the order of expiry."""
        snapshots = [(each.snapshot, each.number) for each in self._in(room_id)]
        ends = [(each.offer_expires_at, number, each.person_id) for each, number in snapshots if each.offer_expires_at]
        return [person_id for at, _, person_id in sorted(ends) if at <= self.now]

    def state(self, room_id: UUID) -> RoomState | None:
        return self.states.get(room_id)

    def member(self, room_id: UUID, person_id: UUID) -> MembershipState | None:
        snapshots = ((each, each.snapshot) for each in self.members.values())
        found = [each for each, of in snapshots if of.person_id == person_id and of.room_id == room_id]
        return max(found, key=lambda each: each.number, default=None)

    def over(self, room_id: UUID) -> list[MembershipState]:
        found = (self.member(room_id, person_id) for person_id in self.overdue.get(room_id, ()))
        return [each for each in found if each]

    def record(
        self, changes: Changes, received: ReceivedMessage[Any], asked: RequestToJoin | AcceptInvitation | None = None
    ) -> None:
        room_id = changes.state.room.room_id
        self.published.setdefault(room_id, self.states.get(room_id, changes.state))
        self.causes[room_id] = received
        self.states[room_id] = changes.state
        for transition in changes.transitions:
            self.members[transition.after.snapshot.membership_id] = transition.after

    def occupancies_to_publish(self) -> list[tuple[RoomState, ReceivedMessage[Any]]]:
        changed = [each for each in self.causes if not has_same_occupancy(self.states[each], self.published[each])]
        return [(self._numbered(self.states[room_id]), self.causes[room_id]) for room_id in changed]

    async def write(self) -> None:
        """Keep everything at once, so that nothing is left to write."""

    def _numbered(self, state: RoomState) -> RoomState:
        room_id = state.room.room_id
        numbered = replace(state, occupancy_sequence=state.occupancy_sequence + 1)
        self.published[room_id] = self.states[room_id] = numbered
        return numbered

    async def front(self, state: RoomState, *, most: int) -> list[MembershipState]:
        places = open_places(state)
        waiting = [each for each in self._waitlist(state) if any(each.would_take(place) for place in places)]
        return waiting[:most]

    async def contested(self, state: RoomState) -> frozenset[Place]:
        waiting = self._waitlist(state)
        return frozenset(place for place in open_places(state) if any(each.would_take(place) for each in waiting))

    async def keys(self, state: RoomState) -> list[Key]:
        return [each.key for each in self._waitlist(state)]

    async def behind_newcomers(self, state: RoomState) -> int:
        return len([each for each in self._waitlist(state) if each.priority < 0])

    async def buddies(self, room_id: UUID) -> Mapping[UUID, UUID]:
        return dict(self.pairs.get(room_id, {}))

    def assign_buddy(self, room_id: UUID, person_id: UUID, buddy_id: UUID | None, *, at: datetime) -> None:
        pairs = self.pairs.setdefault(room_id, {})
        if buddy_id is None:
            pairs.pop(person_id)
        else:
            pairs[person_id] = buddy_id

    async def people(
        self,
        room_id: UUID,
        statuses: Collection[Status],
        persons: Collection[UUID] = (),
        *,
        most: int | None = None,
    ) -> list[MembershipState]:
        found = [
            each
            for each in self._in(room_id)
            if each.status in statuses or (each.is_live and each.snapshot.person_id in persons)
        ]
        return found[:most]

    async def memberships_of(self, person_id: UUID) -> list[MembershipState]:
        return [each for each in self.members.values() if each.snapshot.person_id == person_id and each.is_live]

    def _in(self, room_id: UUID) -> list[MembershipState]:
        found = [each for each in self.members.values() if each.snapshot.room_id == room_id]
        return sorted(found, key=lambda each: each.key)

    def _waitlist(self, state: RoomState) -> list[MembershipState]:
        return [each for each in self._in(state.room.room_id) if each.status is Status.WAITLISTED]


@dataclass
class House:
    """One room and the people of it; every event is kept, and timers fire on request."""

    room: Room
    memory: Memory = field(default_factory=Memory)
    published: list[OutgoingMessage] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    timers: dict[str, Timer] = field(default_factory=dict)
    internal_commands: list[InternalCommand] = field(default_factory=list)

    @classmethod
    def opened(cls, room: Room) -> "House":
        """Return a house whose room was just published."""
        house = cls(room)
        house.edit()
        return house

    @property
    def state(self) -> RoomState:
        """Return the room."""
        return self.memory.states[self.room.room_id]

    @property
    def people(self) -> list[MembershipState]:
        """Return everybody who ever requested, in waitlist order."""
        return self.memory._in(self.room.room_id)

    def status(self, person_id: UUID) -> Status | None:
        """Return the membership of a person."""
        member = self.memory.member(self.room.room_id, person_id)
        return member.status if member else None

    def send(self, kind: type[Message], person_id: UUID, by: UUID | str | None = None, **fields: Any) -> Done | Refusal:
        """Send a command about a person, by that person unless ``by`` names another."""
        message = kind.model_validate({"room_id": self.room.room_id, "person_id": person_id, **fields})
        result = self._handle(received(message, actor=by or person_id))
        assert isinstance(result, Done | Refusal)
        return result

    def decide(self, decisions: list[dict[str, Any]], by: UUID | str) -> Done | Refusal:
        """Decide on many requests at once."""
        command = DecideRequests.model_validate({"room_id": self.room.room_id, "decisions": decisions})
        result = self._handle(received(command, actor=by))
        assert isinstance(result, Done | Refusal)
        return result

    def exchange(self, roles: Mapping[UUID, str], by: UUID | str) -> Done | Refusal:
        """Change the roles of several people in one move."""
        assignments = [{"person_id": person_id, "role": role} for person_id, role in roles.items()]
        command = ExchangeRoles.model_validate({"room_id": self.room.room_id, "assignments": assignments})
        result = self._handle(received(command, actor=by))
        assert isinstance(result, Done | Refusal)
        return result

    def edit(self, **changes: Any) -> None:
        """Change the room; ``access`` is given whole."""
        version = self.room.version + 1
        self.room = Room.model_validate(self.room.model_dump() | changes | {"version": version})
        event: Message = RoomRevised(room=self.room, changed_fields=[*changes])
        if self.room.status is RoomStatus.CANCELLED:
            event = RoomCancelled(room=self.room, reason="no host")
        self._handle(received(event, account="practio-rooms", actor=self.room.host_id))

    def erase(self, person_id: UUID) -> None:
        """Erase a person."""
        self._handle(received(PersonErased(person_id=person_id), subject=str(person_id), sequence="9", actor=None))

    def let_timers_of(self, person: MembershipState) -> None:
        """Set the timers of a person who was added by hand."""
        transition = Transition(
            replace(person, snapshot=person.snapshot.model_copy(update={"version": 0})), person, _NO_EVENT
        )
        context: MessageContext[Any] = MessageContext(None, self.memory.now, self.memory)  # type: ignore[arg-type]
        schedule_timers(transition, self.room.access, context)
        self._keep(context)

    def fire_timers(self) -> None:
        """Send the commands that are due, and the internal ones."""
        due = [key for key, timer in self.timers.items() if timer.due_at <= self.memory.now]
        commands = [*(self.timers.pop(key).command for key in due), *self.internal_commands]
        self.internal_commands.clear()
        for command in commands:
            self._handle(received(command, account="practio-membership", actor=SYSTEM))

    def fill_again(self) -> None:
        """Fill seats once more, as the sweep does, or a late command."""
        command = FillSeats(room_id=self.room.room_id)
        self._handle(received(command, account="practio-membership", actor=SYSTEM))

    def _handle(self, message: ReceivedMessage[Any]) -> Done | Refusal | None:
        self.memory.begin()
        context: MessageContext[Any] = MessageContext(None, self.memory.now, self.memory)  # type: ignore[arg-type]
        result: Done | Refusal | None = None
        kind = type(message.message)
        if issubclass(kind, Command):
            result = at_once(SERVICE.commands[kind](message, context))
        else:
            at_once(SERVICE.events[kind](message, context))
        at_once(finish_batch(context))
        self._keep(context)
        return result

    def _keep(self, context: MessageContext[Any]) -> None:
        for outgoing in context.outgoing:
            if isinstance(outgoing.message, InternalCommand):
                self.internal_commands.append(outgoing.message)
            else:
                self.published.append(outgoing)
        self.rows += [dict(values) for _, values in context.rows]
        for key, timer in context.timers.items():
            self.timers.pop(key, None)
            if timer:
                self.timers[key] = timer


def at_once(work: Awaitable[T]) -> T:
    """Run a coroutine that never has to wait."""
    try:
        work.__await__().send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    raise AssertionError("the memory answers at once")
