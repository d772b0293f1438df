"""The operator's client: commands, queries and events of people, as the account of PRACTIO_PUBLISHER_URL."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from practio_contracts.client import Client, ClientError
from practio_operator.console.errors import OperatorError, sentence
from practio_operator.targets.addresses import publisher_url

SOURCE = "urn:practio:operator"

T = TypeVar("T")


def with_client(work: Callable[[Client], Awaitable[T]]) -> T:
    """Return the result of ``work`` with a connected client. Raise OperatorError if the broker fails it."""

    async def connected() -> T:
        async with Client.connect(publisher_url(), source=SOURCE) as client:
            return await work(client)

    try:
        return asyncio.run(connected())
    except ClientError as error:
        raise OperatorError(f"{sentence(error)}.") from None
