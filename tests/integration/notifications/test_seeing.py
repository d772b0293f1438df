"""What operators see of letters: the trace that each goes on with, and how many there are."""

import json

from prometheus_client import REGISTRY
from tests.integration.notifications.post import Post, a_way, published, registered, told
from tests.integration.notifications.servers import MailServer, listening
from tests.integration.notifications.test_bounces import bounced, lifted, somebody
from tests.unit.notifications.builders import an_event

from practio_contracts.membership import Requested, Status
from practio_notifications.gauges import count_once

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def counted(post: Post, name: str, **labels: str) -> float:
    async with post._transaction().background() as context:
        await count_once(context)
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_a_letter_keeps_the_trace_of_its_event_until_it_is_sent_and_says_it_then(post: Post) -> None:
    way = a_way()
    request = told(an_event(Requested, way.membership(Status.REQUESTED)), traceparent=TRACE)
    await post.hear(registered(way.person_id), published(way.room), request)
    letter = await post.letter(way.person_id)
    assert letter.traceparent == TRACE
    async with listening(MailServer()) as server, post.sending(server):
        await post.settled(way.person_id, "sent")
    [row] = await post.rows("SELECT public FROM outbox WHERE subject = :subject", subject=str(letter.letter_id))
    assert json.loads(row.public)["traceparent"] == TRACE


async def test_letters_that_are_to_leave_are_counted_by_status_and_settled_ones_are_not(post: Post) -> None:
    way = a_way()
    before = await counted(post, "practio_letters_due", status="queued")
    request = told(an_event(Requested, way.membership(Status.REQUESTED)))
    await post.hear(registered(way.person_id), registered(way.room.host_id), published(way.room), request)
    assert await counted(post, "practio_letters_due", status="queued") == before + 2
    await post.do("UPDATE letter SET due_at = NULL")
    assert await counted(post, "practio_letters_due", status="queued") == 0


async def test_addresses_that_are_not_written_to_are_counted(post: Post) -> None:
    _, email = await somebody(post)
    before = await counted(post, "practio_suppressed_addresses")
    await bounced(post, email)
    assert await counted(post, "practio_suppressed_addresses") == before + 1
    await lifted(post, email)
    assert await counted(post, "practio_suppressed_addresses") == before
