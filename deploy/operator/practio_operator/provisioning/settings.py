"""What provisioning is told by the environment: servers, and the services' passwords."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from urllib.parse import parse_qs, quote, urlsplit

from practio_chassis.broker.topology import RETRY_DELAYS
from practio_chassis.env import FileSettingError, read_setting
from practio_chassis.production_checks import Environment, broker_faults, database_faults, page_faults, secret_faults
from practio_contracts.catalogue import SERVICES
from practio_operator.errors import OperatorError
from practio_operator.provisioning.target import ProvisionTarget, ServicePasswords

BROKER, DATABASE, MANAGEMENT = "PRACTIO_BROKER_URL", "PRACTIO_DATABASE_URL", "PRACTIO_MANAGEMENT_URL"
ENVIRONMENT = "PRACTIO_ENVIRONMENT"
PAGES_PASSWORD = "PRACTIO_PAGES_BROKER_PASSWORD"

AUTHORITY = "cafile"
"""The part of a URL that names the file of the authority which a server's certificate is from, as aio-pika reads it."""

_WHATS = ("BROKER", "OWNER", "WORK")
"""A service's passwords, in the order of ServicePasswords."""


def servers_told(retry_delays: Mapping[str, timedelta] = RETRY_DELAYS) -> ProvisionTarget:
    """Give the servers without any service's password.

    Raises OperatorError where a variable is missing or no URL, or not safe for production.
    """
    broker = _url(BROKER, "amqp", "amqps")
    management = _url(MANAGEMENT, "http", "https") if secret(MANAGEMENT) else _usual_management(broker)
    database = _url(DATABASE, "postgresql", "postgres")
    refuse(broker_faults(BROKER, broker))
    refuse(page_faults(MANAGEMENT, management))
    refuse(database_faults(DATABASE, database))
    return ProvisionTarget(
        broker_url=broker,
        management_url=management,
        database_url=database,
        passwords={},
        retry_delays=retry_delays,
    )


def refuse(faults: Iterable[str]) -> None:
    """Let pass what is safe. Raises OperatorError with the faults where PRACTIO_ENVIRONMENT is production."""
    found = "; ".join(faults)
    if _environment() is Environment.PRODUCTION and found:
        raise OperatorError(f"Settings are not safe for production: {found}.")


def _environment() -> Environment:
    written = secret(ENVIRONMENT) or Environment.DEVELOPMENT
    try:
        return Environment(written)
    except ValueError:
        raise OperatorError(f"{ENVIRONMENT} is {' or '.join(Environment)}.") from None


def passwords_told() -> dict[str, ServicePasswords]:
    """Give the services' passwords.

    Raises OperatorError that names every variable that is missing, or not safe for production.
    """
    names = {service: [f"PRACTIO_{service.upper()}_{what}_PASSWORD" for what in _WHATS] for service in SERVICES}
    missing = [name for each in names.values() for name in each if not secret(name)]
    if missing:
        raise OperatorError(
            f"Passwords are missing: set {', '.join(missing)}, each by itself or as a file's path in …_FILE."
        )
    refuse(fault for each in names.values() for name in each for fault in secret_faults(name, [secret(name)]))
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

    Raises OperatorError where both are given, or that file cannot be read.
    """
    try:
        return read_setting(name)
    except FileSettingError as error:
        raise OperatorError(f"{error}.") from None


def url_in(name: str, value: str, *schemes: str) -> str:
    """Give the value of a setting that is a URL of one of these schemes. Raises OperatorError where it is none."""
    try:
        url = urlsplit(value)
        fits = url.scheme in schemes and bool(url.hostname) and url.port != 0
    except ValueError:
        fits = False
    if not fits:
        raise OperatorError(f"{name} is no {schemes[0]}:// URL with a host.")
    return value


def safe_secret(name: str) -> str:
    """Give a password as ``secret`` does. Raises OperatorError also where it is not safe for production."""
    value = secret(name)
    refuse(secret_faults(name, [value]))
    return value


def _url(name: str, *schemes: str) -> str:
    value = secret(name)
    if not value:
        raise OperatorError(f"{name} is not set: it takes a {schemes[0]}:// URL with administrator's rights.")
    return url_in(name, value, *schemes)


def _usual_management(broker_url: str) -> str:
    """Where RabbitMQ's management plugin listens unless it is told otherwise; its certificate is the broker's."""
    url = urlsplit(broker_url)
    host = f"[{url.hostname}]" if ":" in (url.hostname or "") else url.hostname
    if url.scheme != "amqps":
        return f"http://{host}:15672"
    authority = parse_qs(url.query).get(AUTHORITY, [""])[-1]
    return f"https://{host}:15671" + (f"?{AUTHORITY}={quote(authority)}" if authority else "")
