"""Any order of commands and erasures about one room: the invariants hold after every step."""

from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.unit.rooms.room_history import RoomHistory

from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.message import Command
from practio_contracts.rooms import (
    ENDED_ROOM,
    LIVE_ROOM,
    AcceptHandOver,
    Appoint,
    ArchiveRoom,
    CancelRoom,
    CloseRoom,
    DeclineHandOver,
    DiscardDraft,
    Dismiss,
    DraftDiscarded,
    HandOver,
    HostChanged,
    PublishRoom,
    ReopenRoom,
    ReviseRoom,
    RoomStatus,
)
from practio_rooms.domain.room import Actor, Decision

PEOPLE = [UUID(int=number) for number in range(100, 106)]

people = st.sampled_from(PEOPLE)
offices = st.sampled_from(["facilitator", "steward"])
revisions = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(["One", "Two"]),
        "purpose": st.sampled_from(["Cases", "Tools", None]),
        "format": st.sampled_from(["intervision", "peer-coaching"]),
        "capacity": st.sampled_from([3, 6, 7]),
        "guidelines": st.sampled_from([{"text": "A"}, {"text": "B"}, None]),
        "expected_version": st.integers(1, 8),
    },
)


class Workflow(RuleBasedStateMachine):
    """One room, six people, all commands."""

    @initialize(facilitators=st.lists(people, max_size=3), stewards=st.lists(people, max_size=3))
    def a_room_is_drafted(self, facilitators: list[UUID], stewards: list[UUID]) -> None:
        self.history = RoomHistory.drafted(PEOPLE[0], facilitator_ids=facilitators, steward_ids=stewards)

    @rule()
    def the_host_publishes(self) -> None:
        self.send(PublishRoom)

    @rule(close=st.booleans())
    def the_host_closes_or_reopens(self, close: bool) -> None:
        self.send(CloseRoom if close else ReopenRoom)

    # One in eight, so that most rooms live on for other rules to meet.
    @rule(chance=st.integers(0, 7), kind=st.sampled_from([CancelRoom, ArchiveRoom, DiscardDraft]))
    def the_host_ends_it(self, chance: int, kind: type[Command]) -> None:
        if chance == 0:
            self.send(kind, **({"reason": "no interest"} if kind is CancelRoom else {}))

    @rule(fields=revisions)
    def the_host_revises(self, fields: dict[str, Any]) -> None:
        self.send(ReviseRoom, **fields)

    @rule(kind=st.sampled_from([Appoint, Dismiss]), who=people, office=offices)
    def the_host_changes_an_office(self, kind: type[Command], who: UUID, office: str) -> None:
        self.send(kind, person_id=who, office=office)

    @rule(who=people)
    def the_host_hands_over(self, who: UUID) -> None:
        self.send(HandOver, person_id=who)

    @precondition(lambda self: self.history.state.proposed_host_id)
    @rule(kind=st.sampled_from([AcceptHandOver, DeclineHandOver]))
    def the_proposed_person_answers(self, kind: type[Command]) -> None:
        person = self.history.state.proposed_host_id
        self.send(kind, by=person, person_id=person)

    @rule(kind=st.sampled_from([AcceptHandOver, DeclineHandOver, Dismiss, Appoint, HandOver]), by=people, who=people)
    def anybody_sends_commands_about_anybody(self, kind: type[Command], by: UUID, who: UUID) -> None:
        self.send(kind, by=by, person_id=who, **({"office": "steward"} if kind in (Dismiss, Appoint) else {}))

    @rule(kind=st.sampled_from([PublishRoom, CloseRoom, ReopenRoom, ArchiveRoom, DiscardDraft, ReviseRoom]), by=people)
    def anybody_sends_commands_about_the_room(self, kind: type[Command], by: UUID) -> None:
        if by != self.history.room.host_id:
            refused = self.send(kind, by=by, **({"title": "Mine"} if kind is ReviseRoom else {}))
            assert isinstance(refused, Refusal)

    @rule(kind=st.sampled_from([PublishRoom, CloseRoom, ReopenRoom]))
    def the_system_moves_it(self, kind: type[Command]) -> None:
        self.send(kind, by=SYSTEM)

    @rule(who=people)
    def somebody_is_erased(self, who: UUID) -> None:
        before = self.history.state
        events = self.history.erase(who)
        assert self.history.room.version == before.room.version + len(events)
        if not before.is_discarded:
            self.is_gone(who)

    def is_gone(self, who: UUID) -> None:
        room = self.history.room
        assert who not in (*room.facilitator_ids, *room.steward_ids, self.history.state.proposed_host_id)
        if room.host_id == who:
            assert room.facilitator_ids == room.steward_ids == []
            assert self.history.state.is_discarded or room.status in (RoomStatus.CLOSED, *ENDED_ROOM)

    def send(self, kind: type[Command], *, by: Actor = None, **fields: Any) -> Decision:
        """Send a command, from the host unless ``by`` is given; the version rises by one if the room changed."""
        before = self.history.state
        decision = self.history.send(kind, by or before.room.host_id, **fields)
        if decision is None or isinstance(decision, Refusal):
            assert self.history.state == before
        else:
            assert self.history.room.version == before.room.version + 1
        if isinstance(decision, HostChanged):
            assert by == before.proposed_host_id == decision.person_id
        else:
            assert self.history.room.host_id == before.room.host_id
        return decision

    @invariant()
    def nobody_has_two_offices(self) -> None:
        room = self.history.room
        holders = room.office_ids
        assert len(set(holders)) == len(holders)

    @invariant()
    def a_proposal_is_to_another_person_and_about_a_live_room(self) -> None:
        proposed = self.history.state.proposed_host_id
        assert proposed is None or self.history.room.status in LIVE_ROOM
        assert proposed != self.history.room.host_id

    @invariant()
    def each_event_contains_the_room_as_it_was_then(self) -> None:
        snapshots = [event.room for event in self.history.events]
        assert [room.version for room in snapshots] == list(range(1, len(snapshots) + 1))
        assert snapshots[-1] == self.history.room

    @invariant()
    def an_ended_room_stays_ended(self) -> None:
        statuses = [event.room.status for event in self.history.events]
        assert all(after is before for before, after in pairwise(statuses) if before in ENDED_ROOM)
        assert not any(isinstance(event, DraftDiscarded) for event in self.history.events[:-1])
        assert self.history.state.is_discarded == isinstance(self.history.events[-1], DraftDiscarded)

    @invariant()
    def a_room_knows_when_it_was_published(self) -> None:
        assert (self.history.room.published_at is None) == (self.history.room.status is RoomStatus.DRAFT)


@pytest.mark.parametrize("runs", [15, pytest.param(500, marks=pytest.mark.thorough)])
def test_the_invariants_hold_after_commands_and_erasures_in_any_order(runs: int) -> None:
    run_state_machine_as_test(Workflow, settings=settings(max_examples=runs, stateful_step_count=40, deadline=None))
