"""Published rooms that become quiet, and awake again: published once, whatever happens in them."""

import json
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from tests.integration.rooms.catalogue import Catalogue, a_membership, joined, occupancy
from tests.integration.rooms.living import Living
from tests.integration.rooms.past_sessions import a_session as a_past_session
from tests.integration.rooms.planning import a_session, change, internal, local
from tests.integration.rooms.test_own_rooms import own_rooms
from tests.support.clients.commands import a_room
from tests.support.seeds import a_chance
from tests.support.stack.example_service import received

from practio_chassis.context import ReceivedMessage
from practio_chassis.database.engine import session_maker
from practio_chassis.handling.transaction import Transaction
from practio_chassis.service import Running
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import Membership, Requested, Status, Waitlisted
from practio_contracts.message import Message
from practio_contracts.people import PersonErased
from practio_contracts.rooms import (
    AcceptHandOver,
    CancelSession,
    CloseRoom,
    HandOver,
    LookAfterRoom,
    ReopenRoom,
    ReplayRooms,
    Sign,
)
from practio_rooms.app import SERVICE
from practio_rooms.periodic.care import look_after_once
from practio_rooms.periodic.sweep import sweep_once


def running(catalogue: Catalogue) -> Running:
    return Running(Transaction(SERVICE, session_maker(catalogue.pool)).background, None)


async def look(catalogue: Catalogue, room_id: UUID) -> None:
    await catalogue.handle(internal(LookAfterRoom(room_id=room_id)))


async def news(catalogue: Catalogue, room_id: UUID) -> list[tuple[str, tuple[str, ...]]]:
    """Return what was published about the room's quiet, in order: with the signs, or awake."""
    found = [json.loads(row.public) for row in await catalogue.published(room_id) if row.public]
    names = {"practio.rooms.room-quiet.v1": "quiet", "practio.rooms.room-awake.v1": "awake"}
    return [(names[each["type"]], tuple(each["data"].get("signs", ()))) for each in found if each["type"] in names]


async def pass_days(catalogue: Catalogue, room_id: UUID, days: float) -> None:
    """Let everything about a room have happened so many days earlier, as if time had passed."""
    about = {"room": room_id, "span": timedelta(days=days)}
    published = "snapshot = jsonb_set(snapshot, '{published_at}', to_jsonb(published_at - CAST(:span AS interval)))"
    for table, columns, more in (
        ("room", ("published_at",), [published]),
        ("room_care", ("opened_at", "look_at", "quiet_since"), []),
        ("session", ("starts_at", "ends_at"), []),
        ("passage", ("requested_at", "waitlisted_at", "joined_at"), []),
    ):
        shifted = [*(f"{column} = {column} - CAST(:span AS interval)" for column in columns), *more]
        statement = f"UPDATE {table} SET {', '.join(shifted)} WHERE room_id = :room"
        await change(catalogue, statement, **about)


async def is_due(catalogue: Catalogue, room_id: UUID) -> bool:
    [[due]] = await catalogue.rows("SELECT look_at <= now() FROM room_care WHERE room_id = :room", room=room_id)
    return bool(due)


def requested(room_id: UUID, *, days_ago: float) -> Membership:
    """Return a request that waits."""
    since = datetime.now(UTC) - timedelta(days=days_ago)
    return a_membership(room_id, uuid4()).model_copy(update={"status": Status.REQUESTED, "since": since, "version": 1})


def of_membership(event: Requested | Waitlisted) -> ReceivedMessage[Message]:
    """Return an event of membership as received."""
    return received(
        event,
        account="practio-membership",
        source="/practio/membership",
        subject=str(event.membership.membership_id),
        sequence=str(event.membership.version),
        actor=None,
    )


async def test_a_room_without_a_date_is_quiet_once_and_awake_once(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 4)
    await look(catalogue, room.room_id)
    assert await news(catalogue, room.room_id) == []
    await pass_days(catalogue, room.room_id, 7)
    for _ in range(3):
        await look(catalogue, room.room_id)
    assert await news(catalogue, room.room_id) == [("quiet", ("no-coming-session",))]
    await pass_days(catalogue, room.room_id, 60)
    await look(catalogue, room.room_id)
    assert (await news(catalogue, room.room_id))[1:] == [("quiet", ("no-coming-session", "none-held"))]
    first, second = [json.loads(row.public)["data"] for row in (await catalogue.published(room.room_id))[-2:]]
    since = [datetime.fromisoformat(each["since"]) for each in (second, first)]
    assert since[1] - since[0] == timedelta(days=60), "the quiet time begins with its first sign"

    session = await room.session()
    assert await is_due(catalogue, room.room_id)
    await look(catalogue, room.room_id)
    assert len(await news(catalogue, room.room_id)) == 2
    await pass_days(catalogue, room.room_id, 8)
    await catalogue.send(a_session(room.room_id), room.host)
    await look(catalogue, room.room_id)
    await look(catalogue, room.room_id)
    assert (await news(catalogue, room.room_id))[2:] == [("awake", ())]
    assert session


async def test_a_called_off_date_is_none(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 4)
    session = await room.session(starts_at=local(20))
    await pass_days(catalogue, room.room_id, 10)
    await look(catalogue, room.room_id)
    assert await news(catalogue, room.room_id) == []
    await catalogue.send(CancelSession(room_id=room.room_id, session_id=session), room.host)
    await look(catalogue, room.room_id)
    assert await news(catalogue, room.room_id) == [("quiet", ("no-coming-session",))]


async def test_few_come_by_recorded_attendance(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 5, capacity=6)
    await pass_days(catalogue, room.room_id, 30)
    await room.session()
    for hours in (-4, -28, -52):
        session = await a_past_session(catalogue, room.room_id, hours=hours)
        assert "few-come" not in str(await news(catalogue, room.room_id))
        await room.record(session, present=room.people[:2], absent=room.people[2:])
        await look(catalogue, room.room_id)
    assert await news(catalogue, room.room_id) == [("quiet", ("few-come",))]
    await room.record(session, present=room.people)
    assert await is_due(catalogue, room.room_id)
    await look(catalogue, room.room_id)
    assert (await news(catalogue, room.room_id))[1:] == [("awake", ())]


@pytest.mark.parametrize("is_reopened", [True, False])
async def test_old_turnouts_are_no_sign(catalogue: Catalogue, is_reopened: bool) -> None:
    """Neither those before a room was opened again, nor those of more than 180 days ago."""
    room = await Living.with_people(catalogue, 5, capacity=6)
    await pass_days(catalogue, room.room_id, 30)
    for hours in (-4, -28, -52):
        session = await a_past_session(catalogue, room.room_id, hours=hours)
        await room.record(session, present=room.people[:2], absent=room.people[2:])
    if is_reopened:
        await catalogue.send(CloseRoom(room_id=room.room_id), room.host)
        await catalogue.send(ReopenRoom(room_id=room.room_id), room.host)
    else:
        await pass_days(catalogue, room.room_id, 180)
    await room.session()
    await look(catalogue, room.room_id)
    assert "few-come" not in str(await news(catalogue, room.room_id))


async def test_requests_that_wait_make_a_room_quiet_until_they_are_decided(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 4)
    await room.session()
    waits, lapsed = (requested(room.room_id, days_ago=days) for days in (9, 31))
    asked = [of_membership(Requested(membership=each)) for each in (waits, lapsed)]
    await catalogue.handle(*asked, occupancy(room.room_id, taken=4, pending=1))
    await look(catalogue, room.room_id)
    assert await news(catalogue, room.room_id) == []
    await pass_days(catalogue, room.room_id, 1)
    await look(catalogue, room.room_id)
    assert await news(catalogue, room.room_id) == [("quiet", ("requests-unanswered",))]
    [[soon]] = await catalogue.rows(
        "SELECT look_at < now() + interval '61 minutes' FROM room_care WHERE room_id = :room", room=room.room_id
    )
    assert soon
    decided = waits.model_copy(update={"status": Status.WAITLISTED, "version": 2})
    answered = of_membership(Waitlisted(membership=decided, ahead=0))
    await catalogue.handle(answered, occupancy(room.room_id, taken=4, sequence=2))
    await look(catalogue, room.room_id)
    assert (await news(catalogue, room.room_id))[1:] == [("awake", ())]


async def test_a_room_that_closes_is_looked_after_no_longer_and_counts_from_its_reopening(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 4)
    await pass_days(catalogue, room.room_id, 70)
    await look(catalogue, room.room_id)
    await catalogue.send(CloseRoom(room_id=room.room_id), room.host)
    await look(catalogue, room.room_id)
    assert await catalogue.rows("SELECT 1 FROM room_care WHERE room_id = :room", room=room.room_id) == []
    await catalogue.send(ReopenRoom(room_id=room.room_id), room.host)
    await look(catalogue, room.room_id)
    assert await news(catalogue, room.room_id) == [("quiet", ("no-coming-session", "none-held"))]
    await pass_days(catalogue, room.room_id, 7)
    await look(catalogue, room.room_id)
    assert (await news(catalogue, room.room_id))[1:] == [("quiet", ("no-coming-session",))]


async def test_one_copy_has_due_rooms_looked_at_in_chunks(catalogue: Catalogue) -> None:
    rooms = [await Living.with_people(catalogue, 0) for _ in range(3)]
    for each in rooms:
        await pass_days(catalogue, each.room_id, 8)
    service = running(catalogue)
    found: list[UUID] = []
    while chunk := await look_after_once(service, chunk=2):
        assert len(chunk) <= 2
        found += chunk
    assert {each.room_id for each in rooms} <= set(found)
    assert len(found) == len(set(found))


async def test_rooms_that_nobody_looks_after_are_found_and_invariants_agree(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 0)
    await pass_days(catalogue, room.room_id, 70)
    await change(catalogue, "DELETE FROM room_care WHERE room_id = :room", room=room.room_id)
    overdue = "SELECT 1 FROM room_to_look_after WHERE room_id = :room"
    assert await catalogue.rows(overdue, room=room.room_id)
    await sweep_once(running(catalogue))
    assert await catalogue.rows(overdue, room=room.room_id) == []
    await look(catalogue, room.room_id)
    assert [name for name, _ in await news(catalogue, room.room_id)] == ["quiet"]


async def test_a_replay_states_the_signs(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 0)
    await pass_days(catalogue, room.room_id, 8)
    await look(catalogue, room.room_id)
    replay = received(ReplayRooms(room_ids=[room.room_id]), actor=SYSTEM, account="practio-rooms")
    await catalogue.handle(replay)
    *_, event = [json.loads(row.public)["data"] for row in await catalogue.published(room.room_id) if row.public]
    assert event["signs"] == ["no-coming-session"]
    assert event["quiet_since"]


async def test_own_rooms_are_listed_worst_first_with_their_signs_for_offices_alone(catalogue: Catalogue) -> None:
    steward = uuid4()
    rooms = [await Living.with_people(catalogue, 1, steward_ids=[str(steward)]) for _ in range(5)]
    calm, quiet, quieter, worst, last = rooms
    for days, each in ((8, quiet), (9, quieter), (70, worst)):
        await pass_days(catalogue, each.room_id, days)
        await look(catalogue, each.room_id)
    await pass_days(catalogue, quieter.room_id, 2)
    await calm.session()
    found = await own_rooms(catalogue, steward, order="quietest", runs=True, limit=2)
    seen = list(found.rooms)
    while found.after:
        found = await own_rooms(catalogue, steward, order="quietest", runs=True, limit=2, after=found.after)
        seen += found.rooms
    expected = [worst.room_id, quieter.room_id, quiet.room_id, calm.room_id, last.room_id]
    assert [each.room.room_id for each in seen] == expected
    assert [len(each.signs or ()) for each in seen] == [2, 1, 1, 0, 0]
    assert [each.quiet_since is not None for each in seen] == [True, True, True, False, False]
    only = await own_rooms(catalogue, steward, quiet=True, order="quietest", office="steward")
    assert [each.room.room_id for each in only.rooms] == expected[:3]
    [theirs] = (await own_rooms(catalogue, worst.people[0])).rooms
    assert (theirs.signs, theirs.quiet_since) == (None, None)
    assert (await own_rooms(catalogue, worst.people[0], quiet=True)).rooms == []


@dataclass
class Walk:
    """One room through time: what happens in it, the signs that it should have, and what should be published."""

    catalogue: Catalogue
    chance: random.Random
    room_id: UUID
    host: UUID
    host_is_gone: bool = False
    clock: float = 0.0
    opened_at: float = 0.0
    coming: dict[UUID, float] = field(default_factory=dict)
    held_at: float | None = None
    looked: frozenset[str] = frozenset()
    expected: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    @classmethod
    async def begin(cls, catalogue: Catalogue, chance: random.Random) -> "Walk":
        host = uuid4()
        [room_id] = await catalogue.publish(a_room(time_zone="UTC"), host=host)
        await catalogue.handle(*(joined(a_membership(room_id, uuid4())) for _ in range(4)))
        return cls(catalogue, chance, room_id, host)

    async def step(self) -> None:
        weighted = [self.plan, self.call_off, self.wait, self.wait, self.wait_long, self.lose_host, self.repeat]
        await self.chance.choice(weighted)()
        await self.look()
        assert await news(self.catalogue, self.room_id) == self.expected

    async def plan(self) -> None:
        command = a_session(self.room_id, starts_at=local(self.chance.randint(2, 20)))
        answer = await self.catalogue.send(command, self.host)
        if answer.get("state"):
            [[ends_in]] = await self.catalogue.rows(
                "SELECT extract(epoch FROM ends_at - now()) FROM session WHERE session_id = :it", it=command.session_id
            )
            self.coming[command.session_id] = self.clock + float(ends_in) / 86400
        else:
            assert self.host_is_gone, answer

    async def call_off(self) -> None:
        later = [each for each, ends_at in self.coming.items() if ends_at - 0.1 > self.clock]
        if later and not self.host_is_gone:
            session = self.chance.choice(later)
            answer = await self.catalogue.send(CancelSession(room_id=self.room_id, session_id=session), self.host)
            assert answer.get("state"), answer
            del self.coming[session]

    async def wait(self) -> None:
        await self._pass(self.chance.choice([1, 3, 5, 8]))

    async def wait_long(self) -> None:
        await self._pass(61)

    async def _pass(self, days: float) -> None:
        await pass_days(self.catalogue, self.room_id, days)
        self.clock += days
        for session, ends_at in list(self.coming.items()):
            if ends_at <= self.clock:
                del self.coming[session]
                self.held_at = max(self.held_at or ends_at, ends_at)

    async def lose_host(self) -> None:
        """Erase the host, whose room closes, and let the system reopen it; or find a new host for it."""
        if not self.host_is_gone:
            gone = received(PersonErased(person_id=self.host), subject=str(self.host), sequence="9", actor=None)
            await self.catalogue.handle(gone)
        else:
            await self.by_system(CloseRoom(room_id=self.room_id))
            self.host = uuid4()
            await self.by_system(HandOver(room_id=self.room_id, person_id=self.host))
            await self.catalogue.send(AcceptHandOver(room_id=self.room_id, person_id=self.host), self.host)
        self.host_is_gone = not self.host_is_gone
        await self.by_system(ReopenRoom(room_id=self.room_id))
        self.opened_at, self.looked = self.clock, frozenset()

    async def by_system(self, message: Message) -> None:
        command: ReceivedMessage[Message] = received(message, actor=SYSTEM, account="practio-rooms")
        [answer] = await self.catalogue.handle(command)
        assert answer["data"].get("state"), answer

    async def repeat(self) -> None:
        """Look once more, as a restarted copy does, and publish everything again."""
        await self.look()
        await self.by_system(ReplayRooms(room_ids=[self.room_id]))

    async def look(self) -> None:
        lived_until = max(self.opened_at, self.held_at if self.held_at is not None else self.opened_at)
        seen = {
            "no-coming-session": not self.coming and lived_until + 7 <= self.clock,
            "none-held": lived_until + 60 <= self.clock,
            "no-host": self.host_is_gone,
        }
        signs = tuple(sign.value for sign in Sign if seen.get(sign.value))
        if set(signs) - self.looked:
            self.expected.append(("quiet", signs))
        elif self.looked and not signs:
            self.expected.append(("awake", ()))
        self.looked = frozenset(signs)
        for _ in range(2):
            await look(self.catalogue, self.room_id)


@pytest.mark.parametrize("steps", [30, pytest.param(300, marks=pytest.mark.thorough)])
async def test_each_sign_is_published_once_whatever_happens_in_which_order(catalogue: Catalogue, steps: int) -> None:
    walk = await Walk.begin(catalogue, a_chance())
    for _ in range(steps):
        await walk.step()
