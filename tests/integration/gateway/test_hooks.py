"""Events are posted by HTTPS: at least once, signed, in order by subject, whatever the receiver does."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aio_pika
import pytest
import pytest_asyncio
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from tests.integration.contracts.vhost import QUEUE, ContractVhost
from tests.integration.gateway.receivers import (
    OTHER_SECRET,
    SECRET,
    HookReceiver,
    Posted,
    a_hook,
    a_receiver,
    answering,
    killed,
    lengths,
    publish,
    response,
    running,
)
from tests.support.eventually import eventually

from practio_gateway.hooks import replaying
from practio_gateway.hooks.replaying import replay

DEAD_QUEUE = f"{QUEUE}.dead"


@pytest_asyncio.fixture
async def receiver(tmp_path: Path, vhost: ContractVhost) -> AsyncIterator[HookReceiver]:
    """Yield a receiver that takes everything; what was left in the queues before is not posted to it."""
    await purge(vhost)
    async with a_receiver(tmp_path).run() as found:
        yield found


async def purge(vhost: ContractVhost) -> None:
    async with await aio_pika.connect(vhost.admin_url) as connection:
        channel = await connection.channel()
        for name in (QUEUE, DEAD_QUEUE):
            await (await channel.get_queue(name, ensure=False)).purge()


async def is_empty(vhost: ContractVhost) -> bool:
    return await lengths(vhost, QUEUE) == [0]


async def dead_reasons(vhost: ContractVhost, receiver: HookReceiver) -> dict[str, str]:
    return {each.head.id: each.reason async for each in replay(a_hook(receiver, vhost), trial=True)}


async def test_an_event_is_posted_as_it_was_published_and_signed(vhost: ContractVhost, receiver: HookReceiver) -> None:
    async with running(a_hook(receiver, vhost)) as hook:
        [published] = await publish(vhost, "a-room")
        await eventually(lambda: receiver.ids() == [published])
        await eventually(lambda: hook.fault == "")
    [posted] = receiver.posted
    assert posted.event["data"] == {"note": "Grüße"}
    assert posted.headers["content-type"] == "application/cloudevents+json"
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER_SECRET).verify(posted.body, dict(posted.headers))
    assert await lengths(vhost, QUEUE, DEAD_QUEUE) == [0, 0]


async def test_with_two_secrets_both_are_accepted(vhost: ContractVhost, receiver: HookReceiver) -> None:
    async with running(a_hook(receiver, vhost, secrets=[OTHER_SECRET, SECRET])):
        await publish(vhost, "a-room")
        await eventually(lambda: receiver.posted)
    for secret in (SECRET, OTHER_SECRET):
        Webhook(secret).verify(receiver.posted[0].body, dict(receiver.posted[0].headers))


async def test_a_receiver_that_fails_gets_the_same_id_again_until_it_takes_it(
    vhost: ContractVhost, receiver: HookReceiver
) -> None:
    receiver.answer = answering(500)
    async with running(a_hook(receiver, vhost)):
        [published] = await publish(vhost, "a-room")
        await eventually(lambda: len(receiver.posted) >= 3)
        receiver.answer = answering(200, body=b"thanks")
        await eventually(lambda: is_empty(vhost))
    assert set(receiver.ids()) == {published}
    assert await lengths(vhost, DEAD_QUEUE) == [0]


async def test_a_failing_subject_waits_in_order_and_others_go_on(vhost: ContractVhost, receiver: HookReceiver) -> None:
    stuck = True

    async def answer(posted: Posted) -> bytes:
        return response(503 if stuck and posted.event["subject"] == "bad" else 200)

    receiver.answer = answer
    async with running(a_hook(receiver, vhost)):
        ids = await publish(vhost, "bad", "good", "bad", "good", "bad", "other")
        await eventually(lambda: receiver.subjects()["good"] == [ids[1], ids[3]])
        await eventually(lambda: receiver.subjects()["other"] == [ids[5]])
        assert set(receiver.subjects()["bad"]) == {ids[0]}
        stuck = False
        await eventually(lambda: receiver.subjects()["bad"][-1] == ids[4])
    taken = list(dict.fromkeys(receiver.subjects()["bad"]))
    assert taken == [ids[0], ids[2], ids[4]]


async def test_only_so_many_events_are_in_hand(vhost: ContractVhost, receiver: HookReceiver) -> None:
    receiver.answer = answering(500)
    async with running(a_hook(receiver, vhost, in_hand=3)):
        await publish(vhost, *(f"room-{number}" for number in range(10)))
        await eventually(lambda: len(receiver.subjects()) == 3 and len(receiver.posted) > 9)
        assert len(receiver.subjects()) == 3
        receiver.answer = answering(200)
        await eventually(lambda: len(receiver.subjects()) == 10)


@pytest.mark.parametrize(
    ("status", "headers", "reason"),
    [(302, "location: https://localhost/elsewhere\r\n", "redirect"), (404, "", "status"), (500, "", "status")],
)
async def test_what_is_never_taken_is_a_dead_letter_with_its_reason(
    vhost: ContractVhost, receiver: HookReceiver, status: int, headers: str, reason: str
) -> None:
    receiver.answer = answering(status, headers=headers)
    async with running(a_hook(receiver, vhost, patience=0)):
        [published] = await publish(vhost, "a-room")
        await eventually(lambda: lengths_are(vhost, [0, 1]))
    assert receiver.ids() == [published]
    assert await dead_reasons(vhost, receiver) == {published: f"{reason}: the receiver answered {status}"}


async def lengths_are(vhost: ContractVhost, expected: list[int]) -> bool:
    return await lengths(vhost, QUEUE, DEAD_QUEUE) == expected


async def test_a_receiver_that_hangs_or_dribbles_does_not_hold_others_up(
    vhost: ContractVhost, receiver: HookReceiver
) -> None:
    never = asyncio.Event()

    async def answer(posted: Posted) -> bytes:
        if posted.event["subject"] == "hangs":
            await never.wait()
        return response(200, body=b"x" * 100_000)

    receiver.answer = answer
    async with running(a_hook(receiver, vhost, patience=0)):
        hanging, fine = await publish(vhost, "hangs", "fine")
        await eventually(lambda: lengths_are(vhost, [0, 1]))
    assert fine in receiver.ids()
    assert (await dead_reasons(vhost, receiver))[hanging].startswith("timeout: ")


async def test_a_receiver_that_sends_byte_by_byte_is_given_up_after_a_while(
    vhost: ContractVhost, receiver: HookReceiver
) -> None:
    receiver.dribbles = True
    async with running(a_hook(receiver, vhost, patience=0, read_seconds=0.5, whole_seconds=2)):
        [published] = await publish(vhost, "a-room")
        await eventually(lambda: lengths_are(vhost, [0, 1]))
    assert (await dead_reasons(vhost, receiver))[published].startswith("timeout: ")


@pytest.mark.parametrize(("name", "trusted"), [("elsewhere.example.org", True), ("localhost", False)])
async def test_a_receiver_that_lies_about_its_certificate_gets_nothing(
    vhost: ContractVhost, tmp_path: Path, name: str, trusted: bool
) -> None:
    await purge(vhost)
    async with a_receiver(tmp_path, name=name, trusted=trusted).run() as liar:
        async with running(a_hook(liar, vhost, patience=0)):
            [published] = await publish(vhost, "a-room")
            await eventually(lambda: lengths_are(vhost, [0, 1]))
        assert liar.posted == []
        assert (await dead_reasons(vhost, liar))[published].startswith("certificate: ")


async def test_a_private_address_is_refused_unless_it_was_allowed(vhost: ContractVhost, receiver: HookReceiver) -> None:
    async with running(a_hook(receiver, vhost, allowed=[], patience=0)):
        [published] = await publish(vhost, "a-room")
        await eventually(lambda: lengths_are(vhost, [0, 1]))
    assert receiver.posted == []
    assert (await dead_reasons(vhost, receiver))[published].startswith("address: ")


async def test_a_receiver_that_is_gone_gets_nothing_more_and_nothing_is_lost(
    vhost: ContractVhost, receiver: HookReceiver
) -> None:
    receiver.answer = answering(410)
    async with running(a_hook(receiver, vhost, at_once=1)) as hook:
        ids = await publish(vhost, "one", "two", "three")
        await eventually(lambda: "410" in hook.fault)
        assert len(receiver.posted) == 1
    await eventually(lambda: lengths_are(vhost, [3, 0]), message="all are back in the queue")
    receiver.answer = answering(200)
    async with running(a_hook(receiver, vhost)):
        await eventually(lambda: set(receiver.ids()) == set(ids))


async def test_dead_letters_are_posted_again_and_those_not_taken_stay(
    vhost: ContractVhost, receiver: HookReceiver
) -> None:
    receiver.answer = answering(500)
    async with running(a_hook(receiver, vhost, patience=0)):
        good, bad = await publish(vhost, "good", "bad")
        await eventually(lambda: lengths_are(vhost, [0, 2]))
    receiver.posted.clear()

    async def answer(posted: Posted) -> bytes:
        return response(200 if posted.event["subject"] == "good" else 500)

    receiver.answer = answer
    outcomes = {each.head.id: each.taken async for each in replay(a_hook(receiver, vhost), trial=False)}
    assert outcomes == {good: True, bad: False}
    assert sorted(receiver.ids()) == sorted([good, bad])
    await eventually(lambda: lengths_are(vhost, [0, 1]))
    assert list(await dead_reasons(vhost, receiver)) == [bad]


async def test_dead_letters_that_cannot_be_read_are_not_posted_and_hold_no_other_up(
    vhost: ContractVhost, receiver: HookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaying, "MOST_FAILURES", 1)
    await publish_dead(vhost, b"\xff", b"[]", b'{"id": "a", "source": "/practio/rooms", "type": "practio.x"}')
    outcomes = [(each.taken, each.reason) async for each in replay(a_hook(receiver, vhost), trial=False)]
    assert outcomes == [(False, "unreadable"), (False, "unreadable"), (True, "")]
    assert receiver.ids() == ["a"]
    await eventually(lambda: lengths_are(vhost, [0, 2]))


async def test_a_receiver_that_wants_no_more_gets_no_other_dead_letter(
    vhost: ContractVhost, receiver: HookReceiver
) -> None:
    receiver.answer = answering(410)
    events = [b'{"id": "%d", "source": "/practio/rooms", "type": "practio.x"}' % number for number in range(3)]
    await publish_dead(vhost, *events)
    assert [each.reason async for each in replay(a_hook(receiver, vhost), trial=False)] == ["gone"]
    assert receiver.ids() == ["0"]
    await eventually(lambda: lengths_are(vhost, [0, 3]))


async def publish_dead(vhost: ContractVhost, *bodies: bytes) -> None:
    async with await aio_pika.connect(vhost.admin_url) as connection:
        channel = await connection.channel()
        for body in bodies:
            await channel.default_exchange.publish(aio_pika.Message(body, delivery_mode=2), DEAD_QUEUE)


async def test_a_restart_in_the_middle_loses_nothing_and_doubles_only_the_same_id(
    vhost: ContractVhost, receiver: HookReceiver
) -> None:
    subjects = [f"room-{number % 5}" for number in range(60)]
    async with killed(a_hook(receiver, vhost)):
        first = await publish(vhost, *subjects)
        await eventually(lambda: len(receiver.posted) >= 10)
    async with running(a_hook(receiver, vhost)):
        second = await publish(vhost, *subjects)
        await eventually(lambda: set(receiver.ids()) == {*first, *second})
        await eventually(lambda: is_empty(vhost))
    published = list(zip(subjects * 2, first + second, strict=True))
    expected = {room: [each for at, each in published if at == room] for room in subjects}
    assert {room: list(dict.fromkeys(ids)) for room, ids in receiver.subjects().items()} == expected
    again = len(receiver.ids()) - len(set(receiver.ids()))
    assert again <= 8, "more than was in progress when it was killed"


async def test_a_stop_finishes_what_is_in_progress(vhost: ContractVhost, receiver: HookReceiver) -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def answer(_posted: Posted) -> bytes:
        arrived.set()
        await go_on.wait()
        return response(200)

    receiver.answer = answer
    async with running(a_hook(receiver, vhost, read_seconds=20, whole_seconds=20)) as hook:
        [published] = await publish(vhost, "a-room")
        await eventually(arrived.is_set)
        hook.stop()
        for _ in range(20):  # turns of the loop, in which one that did not wait would end
            await asyncio.sleep(0)
        go_on.set()
    assert receiver.ids() == [published]
    assert await lengths(vhost, QUEUE, DEAD_QUEUE) == [0, 0]


async def test_a_second_process_waits_so_that_the_order_is_kept(vhost: ContractVhost, receiver: HookReceiver) -> None:
    async with running(a_hook(receiver, vhost)) as first:
        await eventually(lambda: first.fault == "")
        async with running(a_hook(receiver, vhost)) as second:
            await eventually(lambda: second.fault == "another process reads the queue")
            ids = await publish(vhost, *["a-room"] * 5)
            await eventually(lambda: receiver.ids() == ids)
            first.stop()
            await eventually(lambda: second.fault == "", message="the second reads the queue")
            ids += await publish(vhost, *["a-room"] * 5)
            await eventually(lambda: receiver.ids() == ids)
