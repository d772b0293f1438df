"""One room, seven people, and every command, timer and change of the room."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.machine.promises import Promises, gives_beyond, live_people
from tests.unit.membership.builders import HOST, a_room
from tests.unit.membership.memory import House

from practio_chassis.context import Done
from practio_contracts.answers import Refusal
from practio_contracts.membership import (
    LIVE,
    AcceptInvitation,
    AcceptOffer,
    ApproveRequest,
    ChangeRole,
    DeclineInvitation,
    DeclineOffer,
    DeclineRequest,
    Invite,
    LiftBar,
    OfferSeat,
    Prioritise,
    Remove,
    RequestToJoin,
    RevokeInvitation,
    RevokeOffer,
    Status,
    Withdraw,
)
from practio_contracts.message import Command
from practio_contracts.rooms import RoomStatus

PEOPLE = [UUID(int=number) for number in range(100, 107)]
ROLES = [
    [],
    [{"name": "participant", "seats": None}],
    [{"name": "coach", "seats": 1}, {"name": "coachee", "seats": 2}, {"name": "observer", "seats": None}],
    [{"name": "coach", "seats": 1}, {"name": "coachee", "seats": 1}],
]

GONE = sorted(set(Status) - LIVE)
PENDING_OR_WAITING = (Status.WAITLISTED, Status.OFFERED, Status.REQUESTED)
NEW = (None, *GONE)

HOSTS: dict[type[Command], tuple[Status, ...]] = {
    DeclineRequest: (Status.REQUESTED,),
    RevokeOffer: (Status.OFFERED,),
    RevokeInvitation: (Status.INVITED,),
    LiftBar: (Status.REMOVED,),
}
"""The commands of a host about people in these statuses, without further choices."""

PEOPLES: dict[type[Command], tuple[Status, ...]] = {
    Withdraw: (Status.JOINED, Status.INVITED, *PENDING_OR_WAITING),
    AcceptOffer: (Status.OFFERED,),
    DeclineOffer: (Status.OFFERED,),
    DeclineInvitation: (Status.INVITED,),
}
"""The commands of people about themselves in these statuses, without further choices."""

picks = st.integers(0, len(PEOPLE) - 1)
role_indexes = st.integers(0, 3)
waitlists = st.fixed_dictionaries(
    {
        "enabled": st.sampled_from([True] * 5 + [False]),
        "limit": st.sampled_from([None, None, 3]),
        "promotion": st.sampled_from(["offer", "automatic"]),
        "after_lapse": st.sampled_from(["leave", "requeue"]),
        "offer_window_hours": st.sampled_from([1, 24]),
    }
)
# One in six rooms keeps no waitlist, so that most have somebody waiting.
accesses = st.fixed_dictionaries(
    {
        "policy": st.sampled_from(["open", "open", "approval", "approval", "invitation"]),
        "waitlist": waitlists,
        "reapply_after_days": st.sampled_from([0, 1, None]),
        "request_expires_after_days": st.sampled_from([2, 5, 30]),
    }
)


def somebody(*statuses: Status | None) -> Callable[["Workflow"], bool]:
    """Return the condition that somebody is in this status."""
    return lambda machine: any(machine.house.status(person) in statuses for person in PEOPLE)


class Workflow(RuleBasedStateMachine):
    """Any interleaving; ``steps`` counts those of all machines that ran."""

    steps = 0

    @initialize(
        capacity=st.integers(1, 3), roles=st.sampled_from(ROLES), access=accesses, asking=st.integers(3, len(PEOPLE))
    )
    def people_have_asked(
        self, capacity: int, roles: list[dict[str, Any]], access: dict[str, Any], asking: int
    ) -> None:
        self.house = House.opened(a_room(capacity, roles=roles, access=access, facilitator_ids=[], steward_ids=[]))
        self.promises = Promises(self.house)
        for number, person in enumerate(PEOPLE[:asking]):
            self.asks(person, number % 3)
            self.house.send(ApproveRequest, person, by=HOST)
            self.promises.check()

    @precondition(somebody(*NEW))
    @rule(who=picks, roles=role_indexes)
    def somebody_new_asks(self, who: int, roles: int) -> None:
        self.asks(self.pick(who, *NEW), roles)

    @rule(who=picks, roles=role_indexes)
    def anybody_asks(self, who: int, roles: int) -> None:
        self.asks(PEOPLE[who], roles)

    @precondition(somebody(Status.REQUESTED))
    @rule(who=picks)
    def the_host_approves(self, who: int) -> None:
        self.send(ApproveRequest, self.pick(who, Status.REQUESTED), by=HOST)

    @precondition(somebody(Status.REQUESTED))
    @rule(who=st.permutations(PEOPLE), approve=st.lists(st.booleans(), min_size=1, max_size=len(PEOPLE)))
    def the_host_decides_on_many(self, who: list[UUID], approve: list[bool]) -> None:
        decisions = [{"person_id": person, "approve": yes} for person, yes in zip(who, approve, strict=False)]
        result = self.house.decide([*decisions, decisions[0]], by=HOST)
        if isinstance(result, Done):
            outcomes: list[Any] = result.state.model_dump()["outcomes"]
            assert [each["person_id"] for each in outcomes[:-1]] == [each["person_id"] for each in decisions]
            assert not outcomes[-1]["accepted"], "who is decided on twice is refused the second time"

    @rule(command=st.sampled_from(list(HOSTS)), who=picks)
    def the_host_sends_a_command(self, command: type[Command], who: int) -> None:
        self.send(command, self.pick(who, *HOSTS[command]), by=HOST)

    @rule(command=st.sampled_from(list(PEOPLES)), who=picks)
    def somebody_sends_a_command(self, command: type[Command], who: int) -> None:
        self.send(command, self.pick(who, *PEOPLES[command]))

    @precondition(somebody(Status.WAITLISTED))
    @rule(who=picks, over_capacity=st.booleans())
    def the_host_offers_a_seat(self, who: int, over_capacity: bool) -> None:
        before = len(self.house.published)
        self.send(OfferSeat, self.pick(who, Status.WAITLISTED), by=HOST, over_capacity=over_capacity)
        beyond = [outgoing for outgoing in self.house.published[before:] if gives_beyond(outgoing.message)]
        assert over_capacity or not beyond

    @precondition(somebody(*PENDING_OR_WAITING, Status.INVITED))
    @rule(who=picks, priority=st.sampled_from([-100, -1, 0, 1, 100]))
    def the_host_prioritises(self, who: int, priority: int) -> None:
        self.send(Prioritise, self.pick(who, *PENDING_OR_WAITING, Status.INVITED), by=HOST, priority=priority)

    @rule(who=picks, role=role_indexes, over_capacity=st.booleans(), anybody=st.booleans())
    def the_host_invites(self, who: int, role: int, over_capacity: bool, anybody: bool) -> None:
        person = PEOPLE[who] if anybody else self.pick(who, *NEW)
        self.send(Invite, person, by=HOST, role=self.role(role), over_capacity=over_capacity)

    @precondition(somebody(Status.INVITED))
    @rule(who=picks, roles=role_indexes, asks=st.booleans())
    def somebody_accepts_an_invitation(self, who: int, roles: int, asks: bool) -> None:
        person = self.pick(who, Status.INVITED)
        self.send(RequestToJoin if asks else AcceptInvitation, person, roles=self.roles(roles))

    @precondition(somebody(Status.JOINED))
    @rule(who=picks, bar=st.booleans())
    def the_host_removes_somebody(self, who: int, bar: bool) -> None:
        person = self.pick(who, Status.JOINED)
        self.send(Remove, person, by=HOST, reason="Did not come.", bar=bar)
        if bar and self.house.status(person) is Status.REMOVED:
            self.promises.barred.add(person)

    @precondition(somebody(Status.JOINED))
    @rule(who=picks, role=role_indexes)
    def the_host_changes_a_role(self, who: int, role: int) -> None:
        self.send(ChangeRole, self.pick(who, Status.JOINED), by=HOST, role=self.role(role) or "none")

    @precondition(somebody(Status.JOINED))
    @rule(who=st.permutations(PEOPLE), turn=role_indexes, others=st.booleans())
    def the_host_exchanges_roles(self, who: list[UUID], turn: int, others: bool) -> None:
        """Rotate the roles of the people in the room, as a triad does, or assign roles at random, to ``others`` too."""
        joined = [person for person in who if self.house.status(person) is Status.JOINED]
        held = [each.snapshot.role for each in self.house.people if each.status is Status.JOINED]
        rotated = [*held[turn:], *held[:turn]]
        roles = [self.role(index % 4) for index in range(turn, len(who))] if others else rotated
        assignments = {person: role or "none" for person, role in zip(who if others else joined, roles, strict=False)}
        if len(assignments) > 1:
            self.exchange(assignments)

    @rule(hours=st.sampled_from([1, 12, 30, 60, 200]), timers_fire=st.booleans())
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
        assert not live_people(self.house)

    def pick(self, who: int, *statuses: Status | None) -> UUID:
        """Return somebody in this status, if there is anybody."""
        found = [person for person in PEOPLE if self.house.status(person) in statuses] or PEOPLE
        return found[who % len(found)]

    def roles(self, role_indexes: int) -> list[str] | None:
        """Return up to two of the room's roles, from this index on, None without roles."""
        return [role.name for role in self.house.room.roles][role_indexes:][:2] or None

    def role(self, role_indexes: int) -> str | None:
        """Return the room's role of this index, None if it has fewer."""
        return next(iter(self.roles(role_indexes) or ()), None)

    def asks(self, person: UUID, role_indexes: int) -> None:
        self.send(RequestToJoin, person, roles=self.roles(role_indexes))

    def send(self, kind: type[Command], person: UUID, **fields: Any) -> None:
        """Send the command; a refused or redundant one changes nothing except overdue state."""
        self.result_of(lambda: self.house.send(kind, person, **fields))

    def exchange(self, roles: dict[UUID, str]) -> None:
        """Assign roles in one move: all or none."""
        result = self.result_of(lambda: self.house.exchange(roles, by=HOST))
        now = {each.snapshot.person_id: each.snapshot.role for each in self.house.people if each.is_live}
        assert isinstance(result, Refusal) or roles.items() <= now.items()

    def result_of(self, send: Callable[[], Done | Refusal]) -> Done | Refusal:
        """Return the answer of a command; a refused or redundant one changes nothing except overdue state."""
        settled = not self.is_something_over()
        before = self.seen()
        result = send()
        if settled and not (isinstance(result, Done) and result.changed):
            assert self.seen() == before
        return result

    def is_something_over(self) -> bool:
        return any(timer.due_at <= self.house.memory.now for timer in self.house.timers.values())

    def edit(self, **changes: Any) -> None:
        if self.house.state.has_not_ended:
            self.house.edit(**changes)

    def seen(self) -> tuple[Any, ...]:
        house = self.house
        return house.state, house.people, len(house.published), len(house.rows), dict(house.timers)

    @invariant()
    def all_promises_are_kept(self) -> None:
        Workflow.steps += 1
        self.promises.check()
