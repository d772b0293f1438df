"""Quiet rooms: the letter to the host, the one to stewards after two weeks, and the digest of the week."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from tests.integration.notifications.mail_servers import MailServer, listening
from tests.integration.notifications.notifications_service import (
    NotificationsService,
    person_erased,
    person_registered,
    room_published,
)
from tests.integration.notifications.test_delivery_rules import HOUR_PASSES, all_are, mail_to, of_kind
from tests.integration.notifications.test_preferences import send
from tests.support.eventually import eventually
from tests.support.seeds import a_chance
from tests.support.stack.example_service import received
from tests.unit.notifications.builders import a_room, an_occupancy

from practio_chassis.context import ReceivedMessage
from practio_chassis.database.engine import session_maker
from practio_chassis.handling.transaction import Transaction
from practio_chassis.service import Running
from practio_contracts.message import Message
from practio_contracts.rooms import Room, RoomAwake, RoomClosed, RoomQuiet, RoomReplayed, RoomStatus, Sign
from practio_notifications.app import SERVICE
from practio_notifications.periodic.care import care_once

NOW = datetime.now(UTC).replace(microsecond=0)
NO_DATE, NONE_HELD, FEW, ASKED, NO_HOST = Sign


def of_room(event: Message, room: Room, *, at: datetime = NOW, sequence: int | None = None) -> ReceivedMessage[Message]:
    """Return an event of rooms as received."""
    numbered = {"sequence": str(sequence)} if sequence else {}
    attributes = {"account": "practio-rooms", "source": "/practio/rooms", "actor": "system"}
    return received(event, subject=str(room.room_id), time=at, **attributes, **numbered)


def quiet(room: Room, *signs: Sign, days: float = 0, at: datetime = NOW) -> ReceivedMessage[Message]:
    """Return the event that a room has been quiet for so many days, with these signs."""
    return of_room(RoomQuiet(room_id=room.room_id, signs=list(signs), since=NOW - timedelta(days=days)), room, at=at)


def awake(room: Room, *, at: datetime = NOW) -> ReceivedMessage[Message]:
    return of_room(RoomAwake(room_id=room.room_id), room, at=at)


async def rooms_of(notifications: NotificationsService, steward: UUID, count: int, **fields: Any) -> Sequence[Room]:
    """Have so many published rooms with a steward, each with a host; all have an address."""
    await notifications.receive(person_registered(steward))
    rooms = [
        a_room(**({"host_id": uuid4(), "steward_ids": [steward], "title": f"Room {number:02}"} | fields))
        for number in range(count)
    ]
    for room in rooms:
        await notifications.receive(person_registered(room.host_id), room_published(room))
    return rooms


async def care(notifications: NotificationsService, *, again: bool = False) -> None:
    """Let the timers of two copies run until nothing is due; ``again``: for all rooms, as a day later."""
    if again:
        await notifications.do("UPDATE room_care SET next_at = now() WHERE next_at IS NOT NULL")
    copy = Running(Transaction(SERVICE, session_maker(notifications.pool)).background, None)
    while sum(await asyncio.gather(care_once(copy), care_once(copy))):
        pass
    notifications.wake.set()


async def test_of_30_rooms_the_digest_names_exactly_the_4_quiet_ones_once_worst_first(
    notifications: NotificationsService,
) -> None:
    chance = a_chance()
    steward = uuid4()
    rooms = await rooms_of(notifications, steward, 30)
    longest, asked, newest, worst, woke, closed = chance.sample(rooms, 6)
    news = [
        quiet(longest, NO_DATE, NONE_HELD, days=40),
        quiet(asked, FEW, days=3),
        quiet(newest, NO_DATE, NONE_HELD, days=9),
        quiet(worst, NO_DATE, NONE_HELD, ASKED, days=1),
        quiet(woke, NO_DATE),
        quiet(closed, FEW),
    ]
    chance.shuffle(news)
    await notifications.receive(*news)
    async with listening(MailServer()) as server, notifications.sending(server):
        await care(notifications)
        await all_are(notifications, steward, "quiet-room", "held")
        after = closed.model_copy(update={"status": RoomStatus.CLOSED, "version": closed.version + 1})
        ends = of_room(RoomClosed(room=after), after, sequence=after.version)
        await notifications.receive(awake(woke), ends)
        for _ in range(3):
            await care(notifications, again=True)
        await notifications.do(HOUR_PASSES, kind="care-digest")
        await all_are(notifications, steward, "care-digest", "sent")
        await care(notifications, again=True)
        await eventually(lambda: len(mail_to(server, steward)) >= 2, message="the digest and the letter about one room")
    [digest] = [text for text in mail_to(server, steward) if "look after as a steward, need" in " ".join(text.split())]
    named = [line for line in digest.splitlines() if line.startswith("Room ")]
    assert named == [each.title for each in (worst, longest, newest, asked)]
    sent = [each for each in await of_kind(notifications, steward, "quiet-room") if each[0] == "sent"]
    assert len(sent) == 4
    assert await of_kind(notifications, steward, "care-digest") == [("sent", None)]


async def test_there_is_a_digest_each_week_while_a_room_is_quiet_and_none_after_that(
    notifications: NotificationsService,
) -> None:
    steward = uuid4()
    [room] = await rooms_of(notifications, steward, 1)
    await notifications.receive(quiet(room, NO_DATE))
    async with listening(MailServer()) as server, notifications.sending(server):
        for week in (1, 2):
            await care(notifications, again=True)
            await eventually(lambda: _waits(notifications, steward), message="the room in the digest")
            await notifications.do(HOUR_PASSES, kind="care-digest")
            await eventually(partial(_has_letters, server, steward, week), message="the digest of the week")
            await all_are(notifications, steward, "quiet-room", "sent")
            await notifications.do("DELETE FROM letter WHERE person_id = :person", person=steward)  # a week passes
        await care(notifications, again=True)
        await eventually(lambda: _waits(notifications, steward), message="the room in the digest")
        await notifications.receive(awake(room))
        await notifications.do(HOUR_PASSES, kind="care-digest")
        await eventually(lambda: _ended_with(notifications, steward, "nothing-left"), message="no digest")
        await care(notifications, again=True)
    assert len(mail_to(server, steward)) == 2
    assert await of_kind(notifications, steward, "quiet-room") == [("skipped", "room-awake")]


def _has_letters(server: MailServer, person_id: UUID, count: int) -> bool:
    return len(mail_to(server, person_id)) == count


async def _waits(notifications: NotificationsService, person_id: UUID) -> bool:
    return ("held", None) in await of_kind(notifications, person_id, "quiet-room")


async def _ended_with(notifications: NotificationsService, person_id: UUID, reason: str) -> bool:
    return ("skipped", reason) in await of_kind(notifications, person_id, "care-digest")


async def test_the_host_has_one_letter_for_each_event_and_none_if_the_room_is_awake_by_then(
    notifications: NotificationsService,
) -> None:
    [room] = await rooms_of(notifications, uuid4(), 1)
    event = quiet(room, NO_DATE)
    async with listening(MailServer()) as server, notifications.sending(server):
        await notifications.receive(event)
        await notifications.receive(event)
        await all_are(notifications, room.host_id, "room-quiet", "sent")
    assert await of_kind(notifications, room.host_id, "room-quiet") == [("sent", None)]
    [text] = mail_to(server, room.host_id)
    assert "No session is planned." in text
    later = NOW + timedelta(minutes=1)
    await notifications.receive(quiet(room, NO_DATE, NONE_HELD, at=later), awake(room, at=later + timedelta(minutes=1)))
    async with listening(MailServer()) as server, notifications.sending(server):
        await eventually(
            lambda: _has(notifications, room.host_id, ("skipped", "room-awake")), message="a letter that does not leave"
        )
    assert mail_to(server, room.host_id) == []


async def test_a_sign_that_comes_and_goes_is_written_of_once_in_two_weeks_and_a_new_one_at_once(
    notifications: NotificationsService,
) -> None:
    [room] = await rooms_of(notifications, uuid4(), 1)
    hours = iter(range(1, 20))

    async def flaps(*signs: Sign) -> int:
        at = NOW + timedelta(hours=next(hours))
        await notifications.receive(quiet(room, *signs, at=at), awake(room, at=at + timedelta(minutes=5)))
        return len(await of_kind(notifications, room.host_id, "room-quiet"))

    assert [await flaps(NO_DATE), await flaps(NO_DATE), await flaps(NO_DATE, FEW), await flaps(FEW)] == [1, 1, 2, 2]
    await notifications.do("UPDATE letter SET created_at = created_at - interval '14 days'")
    assert await flaps(FEW) == 3
    await notifications.do("UPDATE letter SET status = 'skipped', due_at = NULL")
    assert await flaps(FEW) == 4  # nobody has read of it yet


async def _has(notifications: NotificationsService, person_id: UUID, state: tuple[str, str]) -> bool:
    return state in await of_kind(notifications, person_id, "room-quiet")


async def test_a_sign_that_comes_twice_in_one_batch_is_written_of_once(notifications: NotificationsService) -> None:
    [room] = await rooms_of(notifications, uuid4(), 1)
    later, new = (NOW + timedelta(minutes=minutes) for minutes in (10, 20))
    await notifications.receive(
        quiet(room, NO_DATE), awake(room), quiet(room, NO_DATE, at=later), quiet(room, NO_DATE, FEW, at=new)
    )
    letters = "SELECT told -> 'signs' AS signs FROM letter WHERE kind = 'room-quiet' AND person_id = :id"
    written = [row.signs for row in await notifications.rows(letters, id=room.host_id)]
    assert sorted(written, key=len) == [[NO_DATE], [NO_DATE, FEW]]


async def test_a_sign_that_is_known_to_be_over_is_left_out(notifications: NotificationsService) -> None:
    [room] = await rooms_of(notifications, uuid4(), 1)
    await notifications.receive(quiet(room, NONE_HELD, ASKED))
    nobody = an_occupancy(taken=1).model_copy(update={"room_id": room.room_id, "pending": 0})
    await notifications.receive_occupancy(nobody, sequence="1")
    async with listening(MailServer()) as server, notifications.sending(server):
        await all_are(notifications, room.host_id, "room-quiet", "sent")
    [text] = mail_to(server, room.host_id)
    assert "No session has taken place" in text
    assert "waiting" not in text


async def test_stewards_are_written_to_once_after_two_weeks_if_the_room_is_still_quiet(
    notifications: NotificationsService,
) -> None:
    steward = uuid4()
    early, due = await rooms_of(notifications, steward, 2)
    await notifications.receive(quiet(early, NO_DATE, days=13), quiet(due, NO_DATE, days=14))
    async with listening(MailServer()) as server, notifications.sending(server):
        for _ in range(3):
            await care(notifications, again=True)
        await notifications.receive(quiet(due, NO_DATE, FEW, days=14, at=NOW + timedelta(seconds=1)))
        await care(notifications, again=True)
        await all_are(notifications, steward, "room-long-quiet", "sent")
    assert await of_kind(notifications, steward, "room-long-quiet") == [("sent", None)]
    [text] = mail_to(server, steward)
    assert due.title in text
    [[next_at]] = await notifications.rows("SELECT next_at FROM room_care WHERE room_id = :it", it=early.room_id)
    assert next_at <= NOW + timedelta(days=1, seconds=90)


async def test_who_wants_no_reminders_or_muted_the_room_or_is_erased_has_no_letter(
    notifications: NotificationsService,
) -> None:
    steward, deaf, gone = uuid4(), uuid4(), uuid4()
    [room] = await rooms_of(notifications, steward, 1, steward_ids=[steward, deaf, gone])
    await notifications.receive(person_registered(deaf), person_registered(gone), person_erased(gone))
    await send(notifications, steward, reminders=False)
    await send(notifications, deaf, muted_room_ids=[room.room_id])
    await send(notifications, room.host_id, reminders=False)
    await notifications.receive(quiet(room, NO_DATE, days=20))
    async with listening(MailServer()) as server, notifications.sending(server):
        await care(notifications)
        await all_are(notifications, room.host_id, "room-quiet", "skipped", "not-wanted")
        await notifications.do(HOUR_PASSES, kind="care-digest")
        assert [await notifications.letters(each) for each in (steward, deaf)] == [[], []]
    assert server.letters == []


async def test_events_in_any_order_end_in_the_newest_state_and_a_replay_states_it(
    notifications: NotificationsService,
) -> None:
    steward = uuid4()
    woke, replayed = await rooms_of(notifications, steward, 2)
    await notifications.receive(awake(woke, at=NOW + timedelta(minutes=2)))
    await notifications.receive(quiet(woke, NO_DATE))
    later = {"version": replayed.version + 1}
    again = RoomReplayed(room=replayed.model_copy(update=later), signs=[NONE_HELD], quiet_since=NOW)
    await notifications.receive(of_room(again, replayed, sequence=replayed.version + 1))
    known = await notifications.rows(
        "SELECT room_id, signs FROM room_care WHERE room_id = ANY(:rooms)", rooms=[woke.room_id, replayed.room_id]
    )
    assert {row.room_id: row.signs for row in known} == {woke.room_id: [], replayed.room_id: ["none-held"]}
    assert await of_kind(notifications, replayed.host_id, "room-quiet") == []


async def test_a_room_without_a_host_concerns_its_other_offices(notifications: NotificationsService) -> None:
    steward = uuid4()
    [room] = await rooms_of(notifications, steward, 1, facilitator_ids=[])
    await notifications.receive(person_erased(room.host_id, sequence=3), quiet(room, NO_HOST))
    async with listening(MailServer()) as server, notifications.sending(server):
        await all_are(notifications, steward, "room-quiet", "sent")
    [text] = mail_to(server, steward)
    assert "The room has no host." in text
