"""How a command reaches the stack: by the environment, else by `.practio/env`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aio_pika
from aio_pika.abc import AbstractConnection

from practio_chassis.wire import read_whatever_comes
from practio_contracts.cuts import LOST
from practio_operator.errors import OperatorError
from practio_operator.local.env import read_env
from practio_operator.local.home import find_home
from practio_operator.provision_settings import BROKER, DATABASE, MANAGEMENT, secret, servers_told
from practio_operator.provision_target import ProvisionTarget


def setting(name: str) -> str:
    """Give a setting. Raises OperatorError where neither the environment nor a stack that is up tells it."""
    value = secret(name) or read_env(find_home()).get(name)
    if not value:
        raise OperatorError(f"{name} is not set, and .practio/env does not tell it.")
    return value


def administered() -> ProvisionTarget:
    """Give the servers with administrator's rights, without passwords of services.

    They are those of the environment, or those of the stack that is up here: never some of each.
    """
    if secret(BROKER) or secret(DATABASE):
        return servers_told()
    told = read_env(find_home())
    return ProvisionTarget(
        broker_url=told[BROKER], management_url=told[MANAGEMENT], database_url=told[DATABASE], passwords={}
    )


@asynccontextmanager
async def connection(url: str) -> AsyncIterator[AbstractConnection]:
    """Give a connection to the broker. Raises OperatorError where there is none to be had."""
    read_whatever_comes()
    try:
        found = await aio_pika.connect(url, timeout=10)
    except LOST as error:
        raise OperatorError(f"The broker cannot be reached: {str(error) or type(error).__name__}.") from None
    async with found:
        yield found
