"""The two servers that a test run stands on, wherever they come from."""

import asyncio
from dataclasses import dataclass
from typing import Self

from tests.support.eventually import eventually
from tests.support.faults.server_control import START_SECONDS, Switch

from practio_operator.stack.servers import Servers as Urls
from practio_operator.stack.stack import Backing


@dataclass(frozen=True)
class Servers:
    """PostgreSQL and RabbitMQ, as an administrator reaches them; ``backing`` says what they are."""

    backing: Backing
    urls: Urls
    broker: Switch
    database: Switch

    async def ready(self) -> Self:
        """Wait until both answer."""
        await asyncio.gather(
            *(eventually(each.answers, within=START_SECONDS, saying=each.name) for each in (self.broker, self.database))
        )
        return self
