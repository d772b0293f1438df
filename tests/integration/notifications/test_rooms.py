"""Rooms and offices: who may become the host, who was in a room when it ended, what half an offer's time asks for."""

from datetime import timedelta
from itertools import permutations
from uuid import uuid4

import pytest
from tests.integration.notifications.post import Post, Way, a_way, published, registered, told
from tests.integration.notifications.rooms import a_person_in_a_room, entries_of, of_room, session_of, time_is_up
from tests.integration.notifications.servers import MailServer, listening
from tests.unit.notifications.builders import NOW, an_event

from practio_contracts.membership import Ended, Joined, SeatOffered, Status
from practio_contracts.rooms import (
    HandOverDeclined,
    HandOverProposed,
    OfficeChanged,
    RoomCancelled,
    RoomRevised,
    SessionScheduled,
)


async def test_who_is_asked_to_become_the_host_reads_it_while_it_stands(post: Post) -> None:
    way = await a_person_in_a_room(post)
    await post.hear(of_room(HandOverProposed, way, person_id=way.person_id))
    async with listening(MailServer()) as server, post.sending(server):
        await post.settled_all(way.person_id, {"hand-over-proposed": "sent"})
    assert server.letters[0]["Subject"] == "Would you host “Intervision for school heads”?"


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_who_is_asked_last_is_known_whatever_order_it_is_received_in(post: Post, order: tuple[int, ...]) -> None:
    way = await a_person_in_a_room(post)
    events = [
        of_room(HandOverDeclined, way, person_id=uuid4()),
        of_room(HandOverProposed, way, person_id=way.person_id),
        of_room(RoomRevised, way, changed_fields=["title"]),
    ]
    for place in order:
        await post.hear(events[place], events[place])
    async with listening(MailServer()) as server, post.sending(server):
        await post.settled_all(way.person_id, {"hand-over-proposed": "sent"})


async def test_a_hand_over_that_is_off_is_not_written_of(post: Post) -> None:
    way = await a_person_in_a_room(post)
    events = [of_room(kind, way, person_id=way.person_id) for kind in (HandOverProposed, HandOverDeclined)]
    await post.hear(*events)
    async with listening(MailServer()) as server, post.sending(server):
        await post.settled_all(way.person_id, {"hand-over-proposed": "skipped"})
    assert server.letters == []


async def test_who_gets_an_office_gets_the_next_sessions_and_who_loses_it_loses_them(post: Post) -> None:
    way = await a_person_in_a_room(post)
    session, steward = session_of(way), uuid4()
    await post.hear(registered(steward), of_room(SessionScheduled, way, session=session))
    office = {"person_id": steward, "office": "steward"}
    await post.hear(of_room(OfficeChanged, way, room={"steward_ids": [steward]}, appointed=True, **office))
    async with listening(MailServer()) as server, post.sending(server):
        await time_is_up(post, way)
        await post.settled_all(steward, {"office-given": "sent"})
        await post.hear(of_room(OfficeChanged, way, appointed=False, **office))
        await time_is_up(post, way)
        await post.settled_all(steward, {"office-given": "sent", "office-taken": "sent"})
    identity = str(session.session_id)
    assert entries_of(server, steward) == [("REQUEST", identity, 0), ("CANCEL", identity, 0)]


async def test_who_was_in_a_room_at_its_end_is_known_where_joining_is_received_last(post: Post) -> None:
    way = a_way()
    host = str(way.room.host_id)
    await post.hear(registered(way.person_id), published(way.room))
    await post.hear(told(an_event(Ended, way.membership(Status.ENDED, version=2, by=host))))
    await post.hear(told(an_event(Joined, way.membership(Status.JOINED, version=1, by="system"))))
    await post.hear(of_room(RoomCancelled, way, room={"status": "cancelled"}, reason="Too few"))
    async with listening(MailServer()) as server, post.sending(server):
        await time_is_up(post, way)
        expected = {"ended": "skipped", "joined": "skipped", "room-cancelled": "sent"}
        await post.settled_all(way.person_id, expected)


async def test_an_offer_is_reminded_of_at_half_its_time_and_only_while_it_stands(post: Post) -> None:
    way = a_way()
    other = Way(way.room, uuid4(), uuid4())
    people = [registered(each.person_id) for each in (way, other)]
    until = NOW.replace(year=2999)
    offers = [an_event(SeatOffered, each.membership(Status.OFFERED, offer_expires_at=until)) for each in (way, other)]
    await post.hear(*people, published(way.room), *map(told, offers))
    [reminder] = [letter for letter in await post.letters(way.person_id) if letter.kind == "offer-reminder"]
    half = NOW + (until - NOW) / 2
    assert reminder.due_at is not None
    assert abs(reminder.due_at - half) < timedelta(seconds=1)
    await post.hear(told(an_event(Joined, other.membership(Status.JOINED, version=2))))
    async with listening(MailServer()) as server, post.sending(server):
        await time_is_up(post, way)
        await post.settled_all(way.person_id, {"seat-offered": "sent", "offer-reminder": "sent"})
        expected = {"seat-offered": "skipped", "offer-reminder": "skipped", "joined": "sent"}
        await post.settled_all(other.person_id, expected)


async def test_what_is_told_of_a_room_is_told_once_though_it_is_received_again(post: Post) -> None:
    way = await a_person_in_a_room(post)
    event = of_room(RoomCancelled, way, room={"status": "cancelled"}, reason="Too few")
    await post.hear(event)
    await post.do("DELETE FROM inbox")
    await post.hear(event)
    assert (await post.letter(way.person_id)).kind == "room-cancelled"
