"""The two servers of a test run, of any backing."""

import asyncio
from dataclasses import dataclass
from typing import Self

from tests.support.eventually import STARTING_SECONDS, eventually
from tests.support.faults.server_control import START_SECONDS, ServerControl

from practio_operator.stack.servers import Servers as Urls
from practio_operator.stack.stack import Backing


@dataclass(frozen=True)
class Servers:
    """PostgreSQL and RabbitMQ, as an administrator reaches them, with their ``backing``."""

    backing: Backing
    urls: Urls
    broker: ServerControl
    database: ServerControl

    async def ready(self) -> Self:
        """Wait until both answer."""
        await asyncio.gather(
            *(
                eventually(each.answers, within=START_SECONDS, message=each.name, pause=STARTING_SECONDS)
                for each in (self.broker, self.database)
            )
        )
        return self
