"""The external backing: a team's shared servers, reached with administrator's rights."""

import os
from urllib.parse import quote, unquote, urlsplit

import httpx

from practio_operator.console.errors import OperatorError
from practio_operator.stack.servers import Servers, parse_url

BROKER, DATABASE, MANAGEMENT = "PRACTIO_BROKER_URL", "PRACTIO_DATABASE_URL", "PRACTIO_MANAGEMENT_URL"
NAME = "practio"
"""The name of Practio's vhost and database on the servers."""


def is_given() -> bool:
    """Return whether the environment names both servers."""
    return bool(os.environ.get(BROKER) and os.environ.get(DATABASE))


def external_servers() -> Servers:
    """Return the servers in the environment, with vhost and database `practio`.

    Raise OperatorError if a URL is missing or invalid.
    """
    if not is_given():
        raise OperatorError(f"The external backing needs {BROKER} and {DATABASE}, with administrator's rights.")
    broker = parse_url(BROKER, os.environ[BROKER], "amqp", "amqps")
    database = parse_url(DATABASE, os.environ[DATABASE], "postgresql", "postgres")
    management = os.environ.get(MANAGEMENT) or f"http://{broker.hostname}:15672"
    return Servers(
        broker_url=broker._replace(path=f"/{NAME}").geturl(),
        management_url=parse_url(MANAGEMENT, management, "http", "https").geturl().rstrip("/"),
        database_url=database._replace(path=f"/{NAME}").geturl(),
    )


async def ensure_vhost(servers: Servers) -> None:
    """Create the vhost if it is missing. Raise OperatorError if the broker is down or refuses."""
    login = urlsplit(servers.broker_url)
    account = unquote(login.username or "guest"), unquote(login.password or "guest")
    async with httpx.AsyncClient(base_url=servers.management_url, auth=account) as client:
        try:
            created = await client.put(f"/api/vhosts/{NAME}")
            created.raise_for_status()
            granted = await client.put(
                f"/api/permissions/{NAME}/{quote(account[0], safe='')}",
                json={"configure": ".*", "write": ".*", "read": ".*"},
            )
            granted.raise_for_status()
        except httpx.HTTPStatusError as error:
            raise OperatorError(
                f"The broker at {servers.management_url} answered {error.response.status_code}: "
                "check the account's password and rights."
            ) from None
        except httpx.HTTPError as error:
            raise OperatorError(
                f"The broker's management at {servers.management_url} does not answer: {error}."
            ) from None
