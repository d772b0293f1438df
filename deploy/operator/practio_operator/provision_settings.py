"""What provisioning is told by the environment: servers, and the services' passwords."""

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from practio_chassis.topology import RETRY_DELAYS
from practio_contracts.catalogue import SERVICES
from practio_operator.errors import OperatorError
from practio_operator.provision_target import ProvisionTarget, ServicePasswords

BROKER, DATABASE, MANAGEMENT = "PRACTIO_BROKER_URL", "PRACTIO_DATABASE_URL", "PRACTIO_MANAGEMENT_URL"

_WHATS = ("BROKER", "OWNER", "WORK")
"""A service's passwords, in the order of ServicePasswords."""


def servers_told(retry_delays: Mapping[str, timedelta] = RETRY_DELAYS) -> ProvisionTarget:
    """Give the servers without any service's password. Raises OperatorError where a variable is missing or no URL."""
    broker = _url(BROKER, "amqp", "amqps")
    return ProvisionTarget(
        broker_url=broker,
        management_url=_url(MANAGEMENT, "http", "https") if secret(MANAGEMENT) else _usual_management(broker),
        database_url=_url(DATABASE, "postgresql", "postgres"),
        passwords={},
        retry_delays=retry_delays,
    )


def passwords_told() -> dict[str, ServicePasswords]:
    """Give the services' passwords. Raises OperatorError that names every variable that is missing."""
    names = {service: [f"PRACTIO_{service.upper()}_{what}_PASSWORD" for what in _WHATS] for service in SERVICES}
    missing = [name for each in names.values() for name in each if not secret(name)]
    if missing:
        raise OperatorError(
            f"Passwords are missing: set {', '.join(missing)}, each by itself or as a file's path in …_FILE."
        )
    return {service: ServicePasswords(*(secret(name) for name in each)) for service, each in names.items()}


def delays_told(seconds: str) -> dict[str, timedelta]:
    """Read the delays of retrying from ``5,60,600``. Raises OperatorError where they are not three rising numbers."""
    try:
        delays = [timedelta(seconds=float(each)) for each in seconds.split(",")]
    except (ValueError, OverflowError):
        delays = []
    if len(delays) != len(RETRY_DELAYS) or delays != sorted(delays) or delays[0] <= timedelta():
        raise OperatorError(f"{seconds!r} is not {len(RETRY_DELAYS)} rising numbers of seconds, such as 5,60,600.")
    return dict(zip(RETRY_DELAYS, delays, strict=True))


def secret(name: str) -> str:
    """Give a variable's value, or what stands in the file that ``<name>_FILE`` names, or nothing.

    Raises OperatorError where that file cannot be read.
    """
    if value := os.environ.get(name):
        return value
    path = os.environ.get(f"{name}_FILE")
    try:
        return Path(path).read_text().strip() if path else ""
    except (OSError, ValueError) as error:
        raise OperatorError(f"{name}_FILE names a file that cannot be read: {error}.") from None


def _url(name: str, *schemes: str) -> str:
    value = secret(name)
    if not value:
        raise OperatorError(f"{name} is not set: it takes a {schemes[0]}:// URL with administrator's rights.")
    try:
        url = urlsplit(value)
        fits = url.scheme in schemes and bool(url.hostname) and url.port != 0
    except ValueError:
        fits = False
    if not fits:
        raise OperatorError(f"{name} is no {schemes[0]}:// URL with a host.")
    return value


def _usual_management(broker_url: str) -> str:
    """Where RabbitMQ's management plugin listens unless it is told otherwise."""
    url = urlsplit(broker_url)
    host = f"[{url.hostname}]" if ":" in (url.hostname or "") else url.hostname
    return f"https://{host}:15671" if url.scheme == "amqps" else f"http://{host}:15672"
