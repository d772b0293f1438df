"""The store in the database behaves as handlers may expect of a store, and as the one in memory does."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.integration.membership.membership_service import MembershipService
from tests.support.stack.example_service import received
from tests.support.thorough import mostly_thorough
from tests.unit.membership.builders import NOW, a_membership_state, a_room
from tests.unit.membership.store_contract import ROLES, Store, StoreContract, about, content, ids, keep, placed
from tests.unit.membership.test_memory import MemoryStore

from practio_chassis.database.engine import session_maker
from practio_contracts.membership import LIVE, Status
from practio_contracts.message import Message
from practio_contracts.rooms import Room
from practio_membership.domain.membership_state import MembershipState
from practio_membership.store import Loaded, load


@dataclass(frozen=True)
class DatabaseStore:
    """Batches of a database, each in one transaction."""

    pool: AsyncEngine

    @asynccontextmanager
    async def batch(self, *messages: Message, now: datetime = NOW) -> AsyncIterator[Loaded]:
        async with session_maker(self.pool).begin() as session:
            loaded = await load(session, [received(each) for each in messages], now)
            yield loaded
            await loaded.write()


class TestDatabase(StoreContract):
    @pytest.fixture
    def store(self, membership: MembershipService) -> DatabaseStore:
        return DatabaseStore(membership.pool)


@pytest.mark.parametrize("seed", mostly_thorough(range(20), first=8))
async def test_both_stores_find_the_same_in_a_random_room(membership: MembershipService, seed: int) -> None:
    print(f"seed {seed}")
    chance = random.Random(seed)
    room = a_room(40, roles=chance.choice([[], ROLES]))
    people = [_somebody(room, number, chance) for number in range(1, chance.randint(2, 30))]
    found = [await _found(store, room, people) for store in (MemoryStore(), DatabaseStore(membership.pool))]
    assert found[0] == found[1]


def _somebody(room: Room, number: int, chance: random.Random) -> MembershipState:
    roles = chance.sample(["coach", "coachee", "gone"], chance.randint(0, 3))
    status = chance.choice([Status.WAITLISTED] * 3 + list(Status))
    person = a_membership_state(room, status, uuid4(), number=number, priority=chance.randint(-2, 2), roles=roles)
    return replace(person, set_aside=status is Status.WAITLISTED and chance.random() < 0.3)


async def _found(store: Store, room: Room, people: list[MembershipState]) -> list[object]:
    await keep(store, room, *people)
    state = placed(room, *people).state
    async with store.batch(about(room, *people)) as loaded:
        return [
            loaded.state(room.room_id),
            [content(loaded.member(room.room_id, each.snapshot.person_id)) for each in people],
            ids(loaded.over(room.room_id)),
            ids(await loaded.front(state, most=5)),
            ids(await loaded.front(replace(state, by_role={}), most=100)),
            await loaded.contested(state),
            await loaded.keys(state),
            await loaded.behind_newcomers(state),
            ids(await loaded.people(room.room_id, LIVE)),
            ids(await loaded.people(room.room_id, {Status.JOINED}, [people[0].snapshot.person_id], most=4)),
        ]
