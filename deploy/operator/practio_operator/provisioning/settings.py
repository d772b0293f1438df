"""The environment settings of provisioning: servers, and the services' passwords."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from urllib.parse import parse_qs, quote, urlsplit

from practio_chassis.broker.policies import RETRY_DELAYS
from practio_chassis.database.urls import each_host
from practio_chassis.environment.env import FileSettingError, read_setting
from practio_chassis.environment.production_checks import (
    Environment,
    broker_faults,
    database_faults,
    page_faults,
    secret_faults,
)
from practio_contracts.catalogue import SERVICES
from practio_operator.console.errors import OperatorError
from practio_operator.provisioning.target import ProvisionTarget, ServicePasswords

BROKER, DATABASE, MANAGEMENT = "PRACTIO_BROKER_URL", "PRACTIO_DATABASE_URL", "PRACTIO_MANAGEMENT_URL"
ENVIRONMENT = "PRACTIO_ENVIRONMENT"
SHARDS = "PRACTIO_MEMBERSHIP_SHARDS"
PAGES_PASSWORD = "PRACTIO_PAGES_BROKER_PASSWORD"

AUTHORITY = "cafile"
"""The URL parameter that names the file of a server's certificate authority, as aio-pika reads it."""

_KINDS = ("BROKER", "OWNER", "WORK")
"""The kinds of a service's passwords, in the order of ServicePasswords."""


def read_servers(retry_delays: Mapping[str, timedelta] = RETRY_DELAYS) -> ProvisionTarget:
    """Return the servers without any service's password.

    Raise OperatorError if a variable is missing, is not a URL, or is not safe for production.
    """
    broker = _url(BROKER, "amqp", "amqps")
    management = _url(MANAGEMENT, "http", "https") if read_secret(MANAGEMENT) else _default_management(broker)
    database = _url(DATABASE, "postgresql", "postgres")
    refuse_if_production(broker_faults(BROKER, broker))
    refuse_if_production(page_faults(MANAGEMENT, management))
    refuse_if_production(database_faults(DATABASE, database))
    return ProvisionTarget(
        broker_url=broker,
        management_url=management,
        database_url=database,
        passwords={},
        retry_delays=retry_delays,
    )


def refuse_if_production(faults: Iterable[str]) -> None:
    """Raise OperatorError with the faults if there are any and PRACTIO_ENVIRONMENT is production."""
    found = "; ".join(faults)
    if _environment() is Environment.PRODUCTION and found:
        raise OperatorError(f"These settings are not safe for production: {found}.")


def _environment() -> Environment:
    written = read_secret(ENVIRONMENT) or Environment.DEVELOPMENT
    try:
        return Environment(written)
    except ValueError:
        raise OperatorError(f"{ENVIRONMENT} is {written!r}: use {' or '.join(Environment)}.") from None


def read_passwords() -> dict[str, ServicePasswords]:
    """Return the services' passwords.

    Raise OperatorError that names every variable that is missing, or not safe for production.
    """
    names = {service: [f"PRACTIO_{service.upper()}_{kind}_PASSWORD" for kind in _KINDS] for service in SERVICES}
    missing = [name for each in names.values() for name in each if not read_secret(name)]
    if missing:
        raise OperatorError(
            f"Passwords are missing: set {', '.join(missing)}; each may instead name a file, as …_FILE."
        )
    refuse_if_production(
        fault for each in names.values() for name in each for fault in secret_faults(name, [read_secret(name)])
    )
    return {service: ServicePasswords(*(read_secret(name) for name in each)) for service, each in names.items()}


def read_delays(seconds: str) -> dict[str, timedelta]:
    """Return the retry delays from ``5,60,600``. Raise OperatorError if they are not three rising numbers."""
    try:
        delays = [timedelta(seconds=float(each)) for each in seconds.split(",")]
    except (ValueError, OverflowError):
        delays = []
    if len(delays) != len(RETRY_DELAYS) or delays != sorted(delays) or delays[0] <= timedelta():
        raise OperatorError(
            f"{seconds!r} is not valid: use {len(RETRY_DELAYS)} rising numbers of seconds, such as 5,60,600."
        )
    return dict(zip(RETRY_DELAYS, delays, strict=True))


def read_secret(name: str) -> str:
    """Return a variable's value, or the content of the file that ``<name>_FILE`` names; empty if neither is set.

    Raise OperatorError if both are set, or if that file cannot be read.
    """
    try:
        return read_setting(name)
    except FileSettingError as error:
        raise OperatorError(f"{error}.") from None


def check_url(name: str, value: str, *schemes: str) -> str:
    """Return the value of a setting that is a URL of one of these schemes. Raise OperatorError if it is not."""
    try:
        urls = [urlsplit(each) for each in each_host(value)]
        fits = all(url.scheme in schemes and url.hostname and url.port != 0 for url in urls)
    except ValueError:
        fits = False
    if not fits:
        raise OperatorError(f"{name} is not a valid {schemes[0]}:// URL with a host.")
    return value


def read_safe_secret(name: str) -> str:
    """Return a password as ``read_secret`` does. Raise OperatorError also if it is not safe for production."""
    value = read_secret(name)
    refuse_if_production(secret_faults(name, [value]))
    return value


def _url(name: str, *schemes: str) -> str:
    value = read_secret(name)
    if not value:
        raise OperatorError(f"{name} is not set: set it to a {schemes[0]}:// URL with administrator's rights.")
    return check_url(name, value, *schemes)


def _default_management(broker_url: str) -> str:
    """Return the default address of RabbitMQ's management plugin; it has the broker's certificate."""
    url = urlsplit(broker_url)
    host = f"[{url.hostname}]" if ":" in (url.hostname or "") else url.hostname
    if url.scheme != "amqps":
        return f"http://{host}:15672"
    authority = parse_qs(url.query).get(AUTHORITY, [""])[-1]
    return f"https://{host}:15671" + (f"?{AUTHORITY}={quote(authority)}" if authority else "")
