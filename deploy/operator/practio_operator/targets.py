"""How a command reaches the stack: by the environment, else by `.practio/env`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aio_pika
from aio_pika.abc import AbstractConnection

from practio_chassis.broker.amqp_decoding import install_tolerant_decoders
from practio_chassis.production_checks import broker_faults
from practio_contracts.broker_errors import LOST
from practio_operator.errors import OperatorError, sentence
from practio_operator.provisioning.settings import BROKER, DATABASE, MANAGEMENT, refuse, secret, servers_told, url_in
from practio_operator.provisioning.target import ProvisionTarget
from practio_operator.stack.env import http_key, read_env
from practio_operator.stack.home import find_home
from practio_operator.stack.stack import OURS

PUBLISHER_URL = "PRACTIO_PUBLISHER_URL"


def setting(name: str) -> str:
    """Give a setting. Raises OperatorError where neither the environment nor a stack that is up tells it."""
    value = secret(name) or read_env(find_home()).get(name)
    if not value:
        raise OperatorError(f"{name} is not set, and .practio/env does not tell it.")
    return value


def publisher_url() -> str:
    """Give the URL of the account of an outside system that commands speak with services as.

    Raises OperatorError where nothing tells it, it is no URL, or not safe for production.
    """
    url = url_in(PUBLISHER_URL, setting(PUBLISHER_URL), "amqp", "amqps")
    refuse(broker_faults(PUBLISHER_URL, url))
    return url


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


def services_told() -> dict[str, str]:
    """Give the base URLs of services and pages that the environment names, or those of the stack that is up here.

    None where the environment names servers and not where services answer: they may be out of reach.
    """
    told = {name: secret(http_key(name)) for name in OURS}
    if not any(told.values()) and not (secret(BROKER) or secret(DATABASE)):
        env = read_env(find_home())
        told = {name: env[http_key(name)] for name in OURS}
    return {name: url.rstrip("/") for name, url in told.items() if url}


@asynccontextmanager
async def connection(url: str) -> AsyncIterator[AbstractConnection]:
    """Give a connection to the broker. Raises OperatorError where there is none to be had."""
    install_tolerant_decoders()
    try:
        found = await aio_pika.connect(url, timeout=10)
    except LOST as error:
        raise OperatorError(f"The broker cannot be reached: {sentence(error)}.") from None
    try:
        async with found:
            yield found
    except LOST as error:
        raise OperatorError(f"The broker was lost meanwhile: {sentence(error)}.") from None
