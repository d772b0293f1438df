"""A message on its way: published as its account, and answered in time or not."""

import asyncio

from aio_pika import DeliveryMode, Message

from practio_contracts.catalogue import DIRECTORY, QUERIES
from practio_contracts.connection import (
    ConnectionCutError,
    NotAllowedError,
    NotConfirmedError,
    RpcConnection,
    UnreachableError,
)
from practio_contracts.envelope import CONTENT_TYPE
from practio_gateway.binding import BrokerMessage
from practio_gateway.connections import AccountConnections, LoginRefusedError, TooManyConnectionsError
from practio_gateway.faults import AWAY, NO_ANSWER, NOT_CONFIRMED, TOO_MANY_CONNECTIONS, WRONG_LOGIN, HttpFault
from practio_gateway.login import Login

_PAUSE_SECONDS = 0.5


async def login_fault(connections: AccountConnections, login: Login, *, within: float) -> HttpFault | None:
    """Return why an account cannot be connected to the broker; None if it is."""
    try:
        async with asyncio.timeout(within), connections.connection_of(login):
            return None
    except LoginRefusedError:
        return WRONG_LOGIN
    except TooManyConnectionsError:
        return TOO_MANY_CONNECTIONS
    except (UnreachableError, TimeoutError):
        return AWAY


async def send(
    connections: AccountConnections, login: Login, arrival: BrokerMessage, *, within: float
) -> bytes | HttpFault | None:
    """Publish a message as an account, and return its answer; None for an event of people, which gets none.

    If the connection is cut, the message is sent again, with the same id, until ``within`` seconds are over.
    """
    on_its_way = False
    try:
        async with asyncio.timeout(within):
            while True:
                try:
                    async with connections.connection_of(login) as connection:
                        on_its_way = True
                        return await _sent(connection, login, arrival, within)
                except ConnectionCutError:
                    continue
                except UnreachableError:
                    if not on_its_way:
                        return AWAY
                await asyncio.sleep(_PAUSE_SECONDS)
    except LoginRefusedError:
        return WRONG_LOGIN
    except TooManyConnectionsError:
        return TOO_MANY_CONNECTIONS
    except NotConfirmedError:
        return NOT_CONFIRMED
    except NotAllowedError:
        return _not_allowed(login, arrival)
    except TimeoutError:
        return NO_ANSWER if on_its_way else AWAY


async def _sent(connection: RpcConnection, login: Login, arrival: BrokerMessage, within: float) -> bytes | None:
    message = Message(
        arrival.body,
        content_type=CONTENT_TYPE,
        delivery_mode=DeliveryMode.PERSISTENT,
        expiration=within if arrival.exchange == QUERIES else None,
        user_id=login.account,
    )
    if arrival.exchange == DIRECTORY:
        await connection.publish(message, exchange=arrival.exchange, routing_key=arrival.routing_key)
        return None
    return (await connection.request(message, exchange=arrival.exchange, routing_key=arrival.routing_key)).body


def _not_allowed(login: Login, arrival: BrokerMessage) -> HttpFault:
    return HttpFault(
        status=403,
        code="not-granted",
        detail=f"The broker refuses {arrival.routing_key} to the account {login.account}: ask the operator of Practio "
        "to grant it.",
    )
