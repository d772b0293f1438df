"""The addresses of servers and services: from the environment, otherwise from `.practio/env`."""

from practio_chassis.environment.production_checks import broker_faults
from practio_operator.console.errors import OperatorError
from practio_operator.provisioning.settings import (
    BROKER,
    DATABASE,
    MANAGEMENT,
    check_url,
    read_secret,
    read_servers,
    refuse_if_production,
)
from practio_operator.provisioning.target import ProvisionTarget
from practio_operator.stack.env import http_key, read_env
from practio_operator.stack.home import find_home
from practio_operator.stack.stack import GATEWAY, PARTS

PUBLISHER_URL = "PRACTIO_PUBLISHER_URL"


def setting(name: str) -> str:
    """Return a setting. Raise OperatorError if neither the environment nor a running stack has it."""
    value = read_secret(name) or read_env(find_home()).get(name)
    if not value:
        raise OperatorError(f"{name} is not set, and .practio/env does not contain it: set it.")
    return value


def a_setting(name: str, earlier_name: str) -> str:
    """Return a setting that earlier releases called otherwise; raise OperatorError as ``setting`` does."""
    return setting(earlier_name) if read_secret(earlier_name) and not read_secret(name) else setting(name)


def publisher_url() -> str:
    """Return the URL of the outside account with which commands and queries are sent.

    Raise OperatorError if it is missing, is not a URL, or is not safe for production.
    """
    url = check_url(PUBLISHER_URL, setting(PUBLISHER_URL), "amqp", "amqps")
    refuse_if_production(broker_faults(PUBLISHER_URL, url))
    return url


def administrator_target() -> ProvisionTarget:
    """Return the servers with administrator's rights, without passwords of services.

    They all come from the environment, or all from the stack that runs here; the two are never mixed.
    """
    if read_secret(BROKER) or read_secret(DATABASE):
        return read_servers()
    found = read_env(find_home())
    return ProvisionTarget(
        broker_url=found[BROKER], management_url=found[MANAGEMENT], database_url=found[DATABASE], passwords={}
    )


def service_urls() -> dict[str, str]:
    """Return the base URLs of services, pages and gateway in the environment, or those of the stack that runs here.

    Return nothing if the environment names servers but not the services' addresses: they may be unreachable.
    """
    known = (*PARTS, GATEWAY)
    found = {name: read_secret(http_key(name)) for name in known}
    if not any(found.values()) and not (read_secret(BROKER) or read_secret(DATABASE)):
        env = read_env(find_home())
        found = {name: env.get(http_key(name), "") for name in known}
    return {name: url.rstrip("/") for name, url in found.items() if url}
