"""An erased person leaves every room; ids and times stay, texts do not."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

from tests.integration.membership.membership_service import MembershipService, people
from tests.support.eventually import eventually
from tests.support.stack.example_service import received

from practio_chassis.context import ReceivedMessage
from practio_chassis.database.engine import session_maker
from practio_chassis.handling.transaction import Transaction
from practio_contracts.membership import Invite, RequestToJoin, Withdraw
from practio_contracts.message import Message
from practio_contracts.people import PersonErased, PersonRestored
from practio_membership.app import SERVICE


async def test_an_erased_person_leaves_every_room_and_their_texts_are_deleted(membership: MembershipService) -> None:
    [gone, waiting] = people(2)
    first = await membership.publish(capacity=1)
    second = await membership.publish(capacity=1, questions=[{"key": "why", "text": "Why?"}])
    await membership.join(second, gone, answers={"why": "to learn"}, message="Hello")
    await membership.send(Withdraw(room_id=second.room_id, person_id=gone, reason="moved away"), by=gone)
    await membership.join(second, gone, answers={"why": "to learn"})
    await membership.join(first, gone, waiting)
    await membership.take(received(PersonErased(person_id=gone), subject=str(gone), sequence="5", actor=None))
    assert await membership.statuses(first) == {gone: "withdrawn", waiting: "offered"}
    rows = await membership.rows("SELECT * FROM membership WHERE person_id = :person", person=gone)
    assert [(row.status, row.answers, row.message, row.reason) for row in rows] == [("withdrawn", {}, None, None)] * 3
    history = await membership.rows("SELECT * FROM history WHERE person_id = :person ORDER BY id", person=gone)
    assert [row.to_status for row in history] == ["joined", "withdrawn", "joined", "joined", "withdrawn", "withdrawn"]
    assert {row.reason for row in history} == {None}


def erased(person: UUID, *, at: int = 0, **attributes: Any) -> ReceivedMessage[Message]:
    usual: dict[str, Any] = {"subject": str(person), "sequence": "1", "actor": None, "time": clock(at)}
    return received(PersonErased(person_id=person), **usual | attributes)


def restored(person: UUID, *, at: int) -> ReceivedMessage[Message]:
    event = PersonRestored(person_id=person)
    return received(event, subject=str(person), sequence="1", actor=None, time=clock(at))


def clock(minute: int) -> str:
    return f"2026-03-01T18:{minute:02}:00Z"


async def test_an_erased_person_is_refused_by_an_old_link_and_nothing_is_kept(membership: MembershipService) -> None:
    [gone] = people(1)
    room = await membership.publish(capacity=3, questions=[{"key": "why", "text": "Why?"}])
    await membership.take(erased(gone))
    by_themselves = RequestToJoin(room_id=room.room_id, person_id=gone, answers={"why": "to learn"}, message="Hello")
    assert (await membership.send(by_themselves, by=gone))["code"] == "person-erased"
    assert (await membership.send(Invite(room_id=room.room_id, person_id=gone), by=room.host_id))["code"] == (
        "person-erased"
    )
    assert await membership.rows("SELECT * FROM membership WHERE person_id = :person", person=gone) == []


async def test_a_batch_that_saw_the_person_before_leaves_nothing_after_the_erasure(
    membership: MembershipService,
) -> None:
    [gone] = people(1)
    room = await membership.publish(capacity=3, questions=[{"key": "why", "text": "Why?"}])
    erasures: list[asyncio.Task[list[dict[str, Any]]]] = []

    async def erasure_waits_or_is_done() -> bool:
        waiting = await membership.rows("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return bool(waiting) or erasures[0].done()

    async def load_and_let_the_erasure_come(session: Any, batch: Any, now: Any) -> Any:
        loaded = await SERVICE.prepare(session, batch, now)
        erasures.append(asyncio.create_task(membership.take(erased(gone))))
        await eventually(erasure_waits_or_is_done)
        return loaded

    slow = Transaction(replace(SERVICE, prepare=load_and_let_the_erasure_come), session_maker(membership.pool))
    joining = RequestToJoin(room_id=room.room_id, person_id=gone, answers={"why": "to learn"}, message="Hello")
    await slow.handle([received(joining, actor=gone)])
    await erasures[0]
    [row] = await membership.rows("SELECT * FROM membership WHERE person_id = :person", person=gone)
    assert (row.status, row.answers, row.message) == ("withdrawn", {}, None)


async def test_stored_answers_about_an_erased_person_are_deleted_and_the_repetition_is_refused(
    membership: MembershipService,
) -> None:
    [gone, other] = people(2)
    room = await membership.publish(capacity=3)
    await membership.join(room, gone, other)
    leaving = [
        received(Withdraw(room_id=room.room_id, person_id=each, reason="moved to Bari"), actor=each)
        for each in (gone, other)
    ]
    first = await membership.take(*leaving)
    assert b"moved to Bari" in await stored(membership, gone)
    await membership.take(erased(gone))
    assert await stored(membership, gone) == b""
    again = await membership.take(*leaving)
    assert (again[0]["data"]["code"], again[1]) == ("person-erased", first[1])


async def stored(membership: MembershipService, person: UUID) -> bytes:
    rows = await membership.rows(
        "SELECT answer FROM inbox WHERE position(:id in encode(answer, 'escape')) > 0", id=f"{person}"
    )
    return b"".join(bytes(row.answer) for row in rows)


async def test_an_erasure_stands_until_a_restoration_that_was_published_after_it(membership: MembershipService) -> None:
    [gone] = people(1)
    room = await membership.publish(capacity=3)
    newer = {"sequence": "9", "source": "urn:directory"}
    await membership.take(erased(gone, at=5, **newer), restored(gone, at=4))
    assert (await membership.join(room, gone))[0].get("code") == "person-erased"
    await membership.take(restored(gone, at=6), erased(gone, at=7), restored(gone, at=8))
    assert (await membership.join(room, gone))[0]["state"]["status"] == "joined"
    await membership.take(erased(gone, at=9))
    await membership.take(restored(gone, at=8))
    assert (await membership.join(room, gone))[0].get("code") == "person-erased"
