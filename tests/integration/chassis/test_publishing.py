"""Messages that are published together leave together, and are confirmed all the same."""

import asyncio

from pamqp.commands import Basic
from tests.support.stack.servers import Servers

from practio_chassis.broker.connection import connect, open_channel, plain_channel

MESSAGES = 600


async def test_messages_published_together_leave_in_one_turn_of_the_event_loop(servers: Servers) -> None:
    async with await connect(servers.urls.broker_url, name="test") as connection:
        channel = await plain_channel(await open_channel(connection))
        publishing = [
            asyncio.create_task(channel.basic_publish(b"{}", routing_key="nobody", wait=False)) for _ in range(MESSAGES)
        ]
        await asyncio.sleep(0)  # each task takes its first turn
        assert channel.delivery_tag == MESSAGES
        confirmed = await asyncio.gather(*publishing)
    assert all(isinstance(each, Basic.Ack) for each in confirmed)
