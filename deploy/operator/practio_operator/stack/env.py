"""`.practio/env`: the addresses of the stack for any client."""

from practio_operator.console.errors import OperatorError
from practio_operator.stack.home import Home, write_private
from practio_operator.stack.servers import Servers
from practio_operator.stack.services import http_url
from practio_operator.stack.stack import PUBLISHER, StackConfig


def write_env(home: Home, stack: StackConfig, servers: Servers, *, mail: dict[str, str]) -> None:
    """Write the file atomically. `mail` is the one key about the mail catcher, and its value."""
    values = {
        "PRACTIO_BACKING": stack.backing.value,
        "PRACTIO_BROKER_URL": servers.broker_url,
        "PRACTIO_MANAGEMENT_URL": servers.management_url,
        "PRACTIO_DATABASE_URL": servers.database_url,
        "PRACTIO_PUBLISHER_URL": servers.broker_as(PUBLISHER, stack.secrets[PUBLISHER]),
        "PRACTIO_PUBLISHER_QUEUE": f"outside.{PUBLISHER}",
        **{http_key(name): http_url(stack, name) for name in stack.parts},
        **mail,
    }
    write_private(home.env, "".join(f"{key}={value}\n" for key, value in values.items()))


def read_env(home: Home) -> dict[str, str]:
    """Return the content of the file. Raise OperatorError if no stack is up."""
    try:
        lines = home.env.read_text().splitlines()
    except FileNotFoundError:
        raise OperatorError(
            "No stack is up here: start one with `practio up`. For servers elsewhere set PRACTIO_BROKER_URL, "
            "PRACTIO_DATABASE_URL and PRACTIO_PUBLISHER_URL."
        ) from None
    return dict(line.split("=", 1) for line in lines)


def http_key(name: str) -> str:
    """Return the key of the base URL of a service, of pages or of the gateway."""
    return f"PRACTIO_{name.upper()}_HTTP"
