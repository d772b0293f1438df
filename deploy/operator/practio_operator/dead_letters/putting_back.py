"""Putting dead letters back into their queues."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from aio_pika.abc import AbstractExchange

from practio_chassis.broker.objects import NOTHING, one_of
from practio_chassis.broker.topology import DEFAULT_EXCHANGE
from practio_chassis.inbound.admission import OPERATOR
from practio_operator.dead_letters.dead_letter import DeadLetter
from practio_operator.dead_letters.queues import AllDeadLetters, portions
from practio_operator.execution.concurrency import run_all
from practio_operator.provisioning.broker import management
from practio_operator.provisioning.target import ProvisionTarget
from practio_operator.targets.connection import broker_connection

Act = Callable[[Sequence[DeadLetter]], Awaitable[None]]
"""What is done with dead letters of the present chunk."""


@asynccontextmanager
async def putting_back(target: ProvisionTarget, held: AllDeadLetters) -> AsyncIterator[Act]:
    """Yield a function that puts dead letters of the present chunk back into their queues.

    It deletes each portion once the broker has confirmed it. A process that is killed in between leaves a few messages
    in both queues; handled again, they have no second effect. Raise OperatorError if a server refuses.
    """
    async with _as_operator(target) as exchange:

        async def put_back(letters: Sequence[DeadLetter]) -> None:
            for portion in portions(letters):
                await run_all(*(exchange.publish(letter.to_put_back(), letter.queue) for letter in portion))
                await held.drop(portion)

        yield put_back


@asynccontextmanager
async def _as_operator(target: ProvisionTarget) -> AsyncIterator[AbstractExchange]:
    """Yield the default exchange, for the account whose origin headers the services trust.

    The account exists only during the block, with a password that is never shown.
    """
    password = secrets.token_hex(24)
    async with management(target) as broker:
        await broker.put("users", OPERATOR, body={"password": password, "tags": ""})
        try:
            rights = {"configure": NOTHING, "write": one_of([DEFAULT_EXCHANGE]), "read": NOTHING}
            await broker.put("permissions", broker.vhost, OPERATOR, body=rights)
            async with broker_connection(target.broker_as(OPERATOR, password)) as open_connection:
                channel = await open_connection.channel(on_return_raises=True)
                yield channel.default_exchange
        finally:
            await broker.delete("users", OPERATOR)
