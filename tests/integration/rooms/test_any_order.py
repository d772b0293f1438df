"""Answers, plans, moves, cancellations and leaving in any order: seats are the same whatever people answer.

Two rooms live through the same moves, cancellations, arrivals and departures. In one of them people answer too, and the
host plans: nothing of that changes who has a seat, or which sessions there are.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.integration.rooms.catalogue import Catalogue, a_membership, joined, occupancy, withdrawn
from tests.integration.rooms.living import TRIAD, Living
from tests.integration.rooms.planning import local
from tests.support.seeds import a_chance

from practio_contracts.membership import Membership
from practio_contracts.rooms import CancelSession, RescheduleSession
from practio_membership.app import SERVICE as MEMBERSHIP

ANSWERS = ["yes", "no", "maybe"]


@dataclass
class Twins:
    """A room with answers and one without; ``given`` is what the answers should be, by session and person.

    The first of the ``sessions`` stands alone, the others are a series. ``gone`` are people who may come back.
    """

    chance: random.Random
    lively: Living
    quiet: Living
    sessions: list[tuple[UUID, UUID]]
    here: dict[int, tuple[Membership, Membership]]
    given: dict[UUID, dict[UUID, str]] = field(default_factory=dict)
    cancelled: set[UUID] = field(default_factory=set)
    gone: dict[int, tuple[Membership, Membership]] = field(default_factory=dict)
    occupied: int = 0

    async def both_move(self) -> None:
        stated: dict[str, Any] = {"starts_at": local(self.chance.choice([7, 8, 9, 10])), "scope": self._scope()}
        stated |= self.chance.choice([{}, {"duration_minutes": self.chance.choice([60, 90])}])
        before = await times_of(self.lively)
        for living, session in self._each(self.chance.choice(self.sessions)):
            about = {"room_id": living.room_id, "session_id": session}
            await living.catalogue.send(RescheduleSession.model_validate(about | stated), living.host)
        after = await times_of(self.lively)
        self.given |= {session: {} for session in after if after[session] != before[session]}

    async def both_cancel(self) -> None:
        for living, session in self._each(self.chance.choice(self.sessions)):
            await living.catalogue.send(CancelSession(room_id=living.room_id, session_id=session), living.host)
            self.given[session] = {}
            self.cancelled.add(session)

    async def both_lose_or_gain_somebody(self) -> None:
        number = self.chance.randrange(3)
        for at, living in enumerate((self.lively, self.quiet)):
            if number in self.here:
                await living.catalogue.handle(withdrawn(self.here[number][at]))
                for answers in self.given.values():
                    answers.pop(self.here[number][at].person_id, None)
        if number in self.here:
            self.gone[number] = self.here.pop(number)
        else:
            back = self.gone.get(number) if self.chance.random() < 0.5 else None
            self.here[number] = await arrive(self.lively, self.quiet, people=[each.person_id for each in back or ()])
        self.occupied += 1
        taken = len(self.here)
        for living in (self.lively, self.quiet):
            await living.catalogue.handle(occupancy(living.room_id, taken=taken, sequence=self.occupied))

    async def somebody_answers(self) -> None:
        place, scope = self.chance.randrange(len(self.sessions)), self._scope()
        session, _ = self.sessions[place]
        person, coming = self._somebody(), self.chance.choice(ANSWERS)
        answer = await self.lively.answer(session, person, coming, scope=scope)
        assert bool(answer.get("state")) is (session not in self.cancelled), answer
        follow = self.sessions[place + 1 :] if place and scope == "following" else []
        if session not in self.cancelled:
            for each in {session, *(later for later, _ in follow)} - self.cancelled:
                self.given.setdefault(each, {})[person] = coming

    async def the_host_plans(self) -> None:
        session, _ = self.chance.choice(self.sessions)
        await self.lively.plan(session, case_by=[str(self._somebody())], guests=["Ilse Berg"])

    async def step(self) -> None:
        """Do one thing, and compare."""
        shared = [self.both_move, self.both_cancel, self.both_lose_or_gain_somebody]
        await self.chance.choices([*shared, self.somebody_answers, self.the_host_plans], weights=[3, 1, 2, 6, 2])[0]()
        assert await state_of(self.lively) == await state_of(self.quiet)
        for session, _ in self.sessions:
            counts = (await self.lively.shown(session)).coming
            answers = list(self.given.get(session, {}).values())
            assert [counts.yes, counts.no, counts.maybe] == [answers.count(each) for each in ANSWERS]

    def _scope(self) -> str:
        return self.chance.choice(["this", "following"])

    def _each(self, sessions: tuple[UUID, UUID]) -> Sequence[tuple[Living, UUID]]:
        return [(self.lively, sessions[0]), (self.quiet, sessions[1])]

    def _somebody(self) -> UUID:
        return self.chance.choice([self.lively.host, *(each.person_id for each, _ in self.here.values())])


async def arrive(*rooms: Living, people: Sequence[UUID] = ()) -> Any:
    """Let one person join each room: a new one, or one of ``people`` each."""
    joining = people or [uuid4() for _ in rooms]
    members = [a_membership(each.room_id, person) for each, person in zip(rooms, joining, strict=True)]
    await rooms[0].catalogue.handle(*(joined(each) for each in members))
    return tuple(members)


async def times_of(living: Living) -> dict[UUID, Any]:
    """Return when each session of a room begins and ends."""
    planned = "SELECT session_id, starts_at, ends_at FROM session WHERE room_id = :room"
    found = await living.catalogue.rows(planned, room=living.room_id)
    return {row.session_id: (row.starts_at, row.ends_at) for row in found}


async def sessions_of(living: Living) -> list[UUID]:
    """Plan a session and a series of three dates; return them in their order."""
    await living.session(starts_at=local(7), topic="alone")
    await living.session(starts_at=local(8), topic="series", recurrence={"rrule": "FREQ=DAILY;COUNT=3"})
    planned = "SELECT session_id FROM session WHERE room_id = :room ORDER BY starts_at"
    return [row.session_id for row in await living.catalogue.rows(planned, room=living.room_id)]


async def state_of(living: Living) -> list[Any]:
    """Return who has a seat, how many are free, and which sessions there are, without ids."""
    about = {"room": living.room_id}
    seats = await living.catalogue.rows("SELECT seats_free, waiting, pending FROM room WHERE room_id = :room", **about)
    people = await living.catalogue.rows("SELECT count(*) FROM presence WHERE room_id = :room", **about)
    left = await living.catalogue.rows("SELECT count(left_at), count(*) FROM passage WHERE room_id = :room", **about)
    planned = "SELECT starts_at, ends_at, status, revision FROM session WHERE room_id = :room ORDER BY topic, ruled_at"
    return [seats, people, left, await living.catalogue.rows(planned, **about)]


@pytest.mark.parametrize("steps", [20, pytest.param(400, marks=pytest.mark.thorough)])
async def test_seats_and_sessions_are_the_same_whatever_people_answer(catalogue: Catalogue, steps: int) -> None:
    chance = a_chance()
    rooms = [await Living.with_people(catalogue, 0, **TRIAD) for _ in range(2)]
    sessions = list(zip(*[await sessions_of(each) for each in rooms], strict=True))
    here = {number: await arrive(*rooms) for number in range(3)}
    twins = Twins(chance, rooms[0], rooms[1], sessions, here)
    for _ in range(steps):
        await twins.step()


def test_membership_which_gives_seats_receives_nothing_of_what_people_answer() -> None:
    received = {each.routing_key for each in MEMBERSHIP.subscriptions()}
    names = (
        "session-answered",
        "session-planned",
        "attendance-recorded",
        "session-over",
        "session-at-risk",
        "announced",
        "room-quiet",
        "room-awake",
    )
    assert not {f"rooms.{name}.v1" for name in names} & received
