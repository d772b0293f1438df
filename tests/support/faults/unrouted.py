"""Messages that no service consumes: published by the administrator, since no outside account is granted their key."""

import json
from collections.abc import Mapping

import aio_pika
from tests.support.stack.running import RunningStack

from practio_contracts.catalogue import DIRECTORY

_NOBODY_CONSUMES = "people.person-promoted.v1"


async def publish_unrouted(stack: RunningStack, data: Mapping[str, str]) -> None:
    """Publish a message that the broker keeps in ``practio.unrouted``, and return once it has it."""
    body = json.dumps({"type": f"practio.{_NOBODY_CONSUMES}", "data": data}).encode()
    async with await aio_pika.connect(stack.target.broker_url) as connection:
        directory = await (await connection.channel()).get_exchange(DIRECTORY, ensure=False)
        await directory.publish(aio_pika.Message(body), _NOBODY_CONSUMES)
