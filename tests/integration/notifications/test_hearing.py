"""What events leave behind: contacts, standings, letters that wait to be sent."""

from uuid import uuid4

import pytest
from tests.integration.notifications.post import Post, a_way, erased, published, registered, told
from tests.integration.notifications.servers import MailServer, listening
from tests.unit.notifications.builders import an_event, an_occupancy

from practio_contracts.membership import Declined, Requested, Status, Withdrawn
from practio_notifications.handlers.events import RoomNotKnownError


async def test_a_request_queues_a_letter_to_the_person_and_one_to_the_host(post: Post) -> None:
    way = a_way()
    people = [registered(way.person_id), registered(way.room.host_id)]
    await post.hear(*people, published(way.room), told(an_event(Requested, way.membership(Status.REQUESTED))))
    to_person, to_host = await post.letter(way.person_id), await post.letter(way.room.host_id)
    assert (to_person.kind, to_person.status) == ("requested", "queued")
    assert (to_host.kind, to_host.status) == ("request-to-decide", "queued")
    assert to_person.correlation_id == "the-first-cause"


async def test_an_event_received_again_after_the_inbox_forgot_it_sends_no_second_letter(post: Post) -> None:
    way = a_way()
    event = told(an_event(Requested, way.membership(Status.REQUESTED)))
    await post.hear(published(way.room), event)
    await post.do("DELETE FROM inbox")
    await post.hear(event)
    assert len(await post.letters(way.person_id)) == 1


async def test_a_letter_waits_for_an_address_and_leaves_when_it_is_told(post: Post) -> None:
    way = a_way()
    await post.hear(published(way.room), told(an_event(Requested, way.membership(Status.REQUESTED))))
    assert (await post.letter(way.person_id)).status == "held"
    async with listening(MailServer()) as server, post.sending(server):
        await post.hear(registered(way.person_id))
        await post.settled(way.person_id, "sent")
    assert [str(letter["To"]) for letter in server.letters] == [f"Ada Moretti <{way.person_id}@example.org>"]


async def test_an_address_told_later_in_the_same_batch_is_found(post: Post) -> None:
    way = a_way()
    request = told(an_event(Requested, way.membership(Status.REQUESTED)))
    await post.hear(published(way.room), request, registered(way.person_id))
    assert (await post.letter(way.person_id)).status == "queued"


async def test_after_a_day_without_an_address_a_letter_is_skipped_and_that_is_said(post: Post) -> None:
    way = a_way()
    await post.hear(published(way.room), told(an_event(Requested, way.membership(Status.REQUESTED))))
    waiting = await post.letter(way.person_id)
    assert waiting.due_at is not None
    assert (waiting.due_at - waiting.created_at).total_seconds() == 24 * 3600
    await post.do("UPDATE letter SET due_at = now() WHERE person_id = :id", id=way.person_id)
    async with listening(MailServer()) as server, post.sending(server):
        letter = await post.settled(way.person_id, "skipped")
    [(routing_key, envelope)] = await post.said(letter.letter_id)
    assert routing_key == "notifications.letter-skipped.v1"
    assert envelope["data"]["reason"] == "no-address"


async def test_an_erased_person_leaves_no_text_and_gets_no_letter(post: Post) -> None:
    way = a_way()
    request = an_event(Requested, way.membership(Status.REQUESTED), message="Please", answers={"why": "Since"})
    await post.hear(registered(way.person_id), registered(way.room.host_id), published(way.room), told(request))
    await post.hear(erased(way.person_id))
    [contact] = await post.rows("SELECT * FROM contact WHERE person_id = :id", id=way.person_id)
    assert (contact.display_name, contact.email, contact.locale, contact.time_zone) == (None,) * 4
    async with listening(MailServer()) as server, post.sending(server):
        await post.settled(way.person_id, "skipped")
        to_host = await post.settled(way.room.host_id, "skipped")
    assert (to_host.cause_data, to_host.reason) == (None, "person-erased")
    assert server.letters == []


async def test_erasure_in_the_batch_of_the_request_leaves_no_text_either(post: Post) -> None:
    way = a_way()
    request = told(an_event(Requested, way.membership(Status.REQUESTED), message="Please"))
    await post.hear(registered(way.person_id), published(way.room), request, erased(way.person_id))
    assert (await post.letter(way.person_id)).cause_data is None
    assert (await post.letter(way.room.host_id)).cause_data is None


async def test_no_letter_is_written_to_or_about_who_is_erased_already(post: Post) -> None:
    way = a_way()
    left = told(an_event(Withdrawn, way.membership(Status.WITHDRAWN, by="system")))
    await post.hear(registered(way.person_id), erased(way.person_id), published(way.room))
    await post.hear(left)
    assert await post.letters(way.person_id) == []


async def test_an_older_event_of_a_person_changes_nothing(post: Post) -> None:
    person_id = uuid4()
    await post.hear(registered(person_id, display_name="New", sequence=5))
    await post.hear(registered(person_id, display_name="Old", sequence=4))
    [contact] = await post.rows("SELECT display_name FROM contact WHERE person_id = :id", id=person_id)
    assert contact.display_name == "New"


async def test_an_older_event_of_a_membership_is_written_about_only_if_it_is_still_true(post: Post) -> None:
    way = a_way()
    declined = told(an_event(Declined, way.membership(Status.DECLINED, version=2, by=str(way.room.host_id))))
    request = told(an_event(Requested, way.membership(Status.REQUESTED, version=1)))
    await post.hear(registered(way.person_id), published(way.room), declined)
    await post.hear(request)
    async with listening(MailServer()) as server, post.sending(server):
        await post.settled_all(way.person_id, {"declined": "sent", "requested": "skipped"})
    assert [letter["Feedback-ID"] for letter in server.letters] == ["declined:transactional:practio"]


async def test_an_event_of_a_room_nobody_told_of_is_to_be_received_again(post: Post) -> None:
    way = a_way()
    event = told(an_event(Requested, way.membership(Status.REQUESTED)))
    with pytest.raises(RoomNotKnownError):
        await post.hear(event)
    await post.hear(published(way.room))
    await post.hear(event)
    assert len(await post.letters(way.person_id)) == 1


async def test_the_newest_occupancy_is_what_the_host_reads(post: Post) -> None:
    way = a_way()
    await post.hear(registered(way.room.host_id), registered(way.person_id), published(way.room))
    for taken, sequence in ((2, "2"), (1, "1")):
        event = an_occupancy(taken=taken).model_copy(update={"room_id": way.room.room_id})
        await post.hear_of_room(event, sequence=sequence)
    await post.hear(told(an_event(Requested, way.membership(Status.REQUESTED))))
    async with listening(MailServer()) as server, post.sending(server):
        await post.settled(way.room.host_id, "sent")
    [to_host] = [letter for letter in server.letters if "would like to join" in str(letter["Subject"])]
    body = to_host.get_body(("plain",))
    assert body is not None
    assert "One of 3 seats is free at the moment." in body.get_content()
