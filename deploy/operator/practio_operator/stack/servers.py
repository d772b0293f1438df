"""The broker and the database of a stack, as an administrator reaches them."""

from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urlsplit

from practio_chassis.database.urls import each_host
from practio_operator.console.errors import OperatorError


@dataclass(frozen=True)
class Servers:
    """URLs with administrator's rights: AMQP with its vhost, management interface, PostgreSQL with its database."""

    broker_url: str
    management_url: str
    database_url: str

    @property
    def broker_address(self) -> str:
        """Return the broker's URL without an account."""
        parts = urlsplit(self.broker_url)
        return parts._replace(netloc=_place(parts)).geturl()

    def broker_as(self, account: str, password: str) -> str:
        """Return the broker's URL for another account."""
        return with_login(self.broker_url, account, password)

    def database_as(self, role: str, password: str) -> str:
        """Return the database's URL for another role."""
        return with_login(self.database_url, role, password)


def parse_url(name: str, value: str, *schemes: str) -> SplitResult:
    """Return the URL in a variable. Raise OperatorError, naming it, if it has none of these schemes."""
    try:
        urls = [urlsplit(each) for each in each_host(value)]
        fits = all(url.scheme in schemes and url.hostname and url.port != 0 for url in urls)
    except ValueError:
        fits = False
    if not fits:
        raise OperatorError(f"{name} is not a valid {schemes[0]}:// URL with a host.")
    return urlsplit(value)


def with_login(url: str, name: str, password: str) -> str:
    """Return the URL with another name and password."""
    parts = urlsplit(url)
    return parts._replace(netloc=f"{quote(name, safe='')}:{quote(password, safe='')}@{_place(parts)}").geturl()


def _place(parts: SplitResult) -> str:
    return parts.netloc.rpartition("@")[2]
