"""How a command reaches the stack: by the environment, else by `.practio/env`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aio_pika
from aio_pika.abc import AbstractConnection

from practio_chassis.broker.amqp_decoding import install_tolerant_decoders
from practio_chassis.production_checks import broker_faults
from practio_contracts.broker_errors import LOST
from practio_operator.errors import OperatorError, sentence
from practio_operator.provisioning.settings import BROKER, DATABASE, MANAGEMENT, read_servers, refuse, secret, url_in
from practio_operator.provisioning.target import ProvisionTarget
from practio_operator.stack.env import http_key, read_env
from practio_operator.stack.home import find_home
from practio_operator.stack.stack import OURS

PUBLISHER_URL = "PRACTIO_PUBLISHER_URL"


def setting(name: str) -> str:
    """Return a setting. Raise OperatorError if neither the environment nor a running stack has it."""
    value = secret(name) or read_env(find_home()).get(name)
    if not value:
        raise OperatorError(f"{name} is not set, and .practio/env does not tell it.")
    return value


def publisher_url() -> str:
    """Return the URL of the outside account with which commands talk to services.

    Raise OperatorError if it is missing, is not a URL, or is not safe for production.
    """
    url = url_in(PUBLISHER_URL, setting(PUBLISHER_URL), "amqp", "amqps")
    refuse(broker_faults(PUBLISHER_URL, url))
    return url


def administered() -> ProvisionTarget:
    """Return the servers with administrator's rights, without passwords of services.

    They are those of the environment, or those of the stack that is up here: never some of each.
    """
    if secret(BROKER) or secret(DATABASE):
        return read_servers()
    found = read_env(find_home())
    return ProvisionTarget(
        broker_url=found[BROKER], management_url=found[MANAGEMENT], database_url=found[DATABASE], passwords={}
    )


def service_urls() -> dict[str, str]:
    """Return the base URLs of services and pages in the environment, or those of the stack that is up here.

    None if the environment names servers but not the services' addresses: they may be out of reach.
    """
    found = {name: secret(http_key(name)) for name in OURS}
    if not any(found.values()) and not (secret(BROKER) or secret(DATABASE)):
        env = read_env(find_home())
        found = {name: env[http_key(name)] for name in OURS}
    return {name: url.rstrip("/") for name, url in found.items() if url}


@asynccontextmanager
async def connection(url: str) -> AsyncIterator[AbstractConnection]:
    """Return a connection to the broker. Raise OperatorError if it fails."""
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
