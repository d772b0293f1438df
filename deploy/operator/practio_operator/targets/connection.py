"""A connection to the broker."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aio_pika
from aio_pika.abc import AbstractConnection

from practio_chassis.broker.amqp_decoding import install_tolerant_decoders
from practio_contracts.broker_errors import LOST
from practio_operator.console.errors import OperatorError, sentence


@asynccontextmanager
async def broker_connection(url: str) -> AsyncIterator[AbstractConnection]:
    """Yield a connection to the broker. Raise OperatorError if it cannot be opened, or is lost within the block."""
    install_tolerant_decoders()
    try:
        opened = await aio_pika.connect(url, timeout=10)
    except LOST as error:
        raise OperatorError(f"The broker cannot be reached: {sentence(error)}.") from None
    try:
        async with opened:
            yield opened
    except LOST as error:
        raise OperatorError(f"The connection to the broker was lost: {sentence(error)}.") from None
