"""The environment settings of provisioning: servers, and the services' passwords."""

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


def read_servers(retry_delays: Mapping[str, timedelta] = RETRY_DELAYS) -> ProvisionTarget:
    """Return the servers without any service's password.

    Raise OperatorError if a variable is missing, is not a URL, or is not safe for production.
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
    """Raise OperatorError with the faults if there are any and PRACTIO_ENVIRONMENT is production."""
    found = "; ".join(faults)
    if _environment() is Environment.PRODUCTION and found:
        raise OperatorError(f"Settings are not safe for production: {found}.")


def _environment() -> Environment:
    written = secret(ENVIRONMENT) or Environment.DEVELOPMENT
    try:
        return Environment(written)
    except ValueError:
        raise OperatorError(f"{ENVIRONMENT} is {' or '.join(Environment)}.") from None


def read_passwords() -> dict[str, ServicePasswords]:
    """Return the services' passwords.

    Raise OperatorError that names every variable that is missing, or not safe for production.
    """
    names = {service: [f"PRACTIO_{service.upper()}_{what}_PASSWORD" for what in _WHATS] for service in SERVICES}
    missing = [name for each in names.values() for name in each if not secret(name)]
    if missing:
        raise OperatorError(
            f"Passwords are missing: set {', '.join(missing)}, each by itself or as a file's path in …_FILE."
        )
    refuse(fault for each in names.values() for name in each for fault in secret_faults(name, [secret(name)]))
    return {service: ServicePasswords(*(secret(name) for name in each)) for service, each in names.items()}


def read_delays(seconds: str) -> dict[str, timedelta]:
    """Return the retry delays from ``5,60,600``. Raise OperatorError if they are not three rising numbers."""
    try:
        delays = [timedelta(seconds=float(each)) for each in seconds.split(",")]
    except (ValueError, OverflowError):
        delays = []
    if len(delays) != len(RETRY_DELAYS) or delays != sorted(delays) or delays[0] <= timedelta():
        raise OperatorError(f"{seconds!r} is not {len(RETRY_DELAYS)} rising numbers of seconds, such as 5,60,600.")
    return dict(zip(RETRY_DELAYS, delays, strict=True))


def secret(name: str) -> str:
    """Return a variable's value, or the content of the file that ``<name>_FILE`` names, or an empty text.

    Raise OperatorError if both are given, or if that file cannot be read.
    """
    try:
        return read_setting(name)
    except FileSettingError as error:
        raise OperatorError(f"{error}.") from None


def url_in(name: str, value: str, *schemes: str) -> str:
    """Return the value of a setting that is a URL of one of these schemes. Raise OperatorError if it is not."""
    try:
        url = urlsplit(value)
        fits = url.scheme in schemes and bool(url.hostname) and url.port != 0
    except ValueError:
        fits = False
    if not fits:
        raise OperatorError(f"{name} is no {schemes[0]}:// URL with a host.")
    return value


def safe_secret(name: str) -> str:
    """Return a password as ``secret`` does. Raise OperatorError too if it is not safe for production."""
    value = secret(name)
    refuse(secret_faults(name, [value]))
    return value


def _url(name: str, *schemes: str) -> str:
    value = secret(name)
    if not value:
        raise OperatorError(f"{name} is not set: it takes a {schemes[0]}:// URL with administrator's rights.")
    return url_in(name, value, *schemes)


def _usual_management(broker_url: str) -> str:
    """Return the usual address of RabbitMQ's management plugin; its certificate is the broker's."""
    url = urlsplit(broker_url)
    host = f"[{url.hostname}]" if ":" in (url.hostname or "") else url.hostname
    if url.scheme != "amqps":
        return f"http://{host}:15672"
    authority = parse_qs(url.query).get(AUTHORITY, [""])[-1]
    return f"https://{host}:15671" + (f"?{AUTHORITY}={quote(authority)}" if authority else "")
