"""The target of provisioning: the servers, and the secrets of the services."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import quote, unquote, urlsplit

from practio_chassis.broker.policies import RETRY_DELAYS
from practio_chassis.broker.topology import Carriage
from practio_contracts.catalogue import VHOST

DATABASE = "practio"


def owner_role(service: str) -> str:
    """Return the database role that owns a service's schema and runs its migrations."""
    return f"practio_{service}_owner"


def work_role(service: str) -> str:
    """Return the database role with which a service works."""
    return f"practio_{service}"


@dataclass(frozen=True, slots=True)
class ServicePasswords:
    """A service's secrets: of its broker account, and of its two database roles."""

    broker: str = field(repr=False)
    owner: str = field(repr=False)
    work: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionTarget:
    """Servers to provision, reached with administrator's rights, and ``passwords`` by service.

    The name and password in ``broker_url`` are used for the management interface too. ``vhost`` and ``database`` are
    created if they are missing; the URLs' own paths are ignored. ``retry_delays`` has a delay for each tier. Without
    ``pages_password`` the account of pages is neither created nor changed: pages is optional. ``shards`` is the
    number of queues over which the commands of membership are spread; without it they are spread as they are, and not
    at all on a new broker. Without ``carriage`` events travel between the services as they do, and in batches on a new
    broker.
    """

    broker_url: str = field(repr=False)
    management_url: str = field(repr=False)
    database_url: str = field(repr=False)
    passwords: Mapping[str, ServicePasswords]
    pages_password: str = field(default="", repr=False)
    retry_delays: Mapping[str, timedelta] = field(default_factory=lambda: RETRY_DELAYS)
    shards: int | None = None
    carriage: Carriage | None = None
    vhost: str = VHOST
    database: str = DATABASE

    @property
    def administrator(self) -> tuple[str, str]:
        """Return the name and password of the broker's administrator."""
        url = urlsplit(self.broker_url)
        return unquote(url.username or "guest"), unquote(url.password or "guest")

    def broker_as(self, account: str, password: str) -> str:
        """Return the AMQP URL of the vhost for an account."""
        return _with_login(self.broker_url, account, password, path=self.vhost)

    def database_as(self, role: str, password: str) -> str:
        """Return the URL of the database for a role."""
        return _with_login(self.database_url, role, password, path=self.database)

    def database_of_owner(self, service: str) -> str:
        """Return the database URL with which a service migrates."""
        return self.database_as(owner_role(service), self.passwords[service].owner)


def _with_login(url: str, name: str, password: str, *, path: str) -> str:
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    login = f"{quote(name, safe='')}:{quote(password, safe='')}"
    return parts._replace(netloc=f"{login}@{place}", path=f"/{quote(path, safe='')}").geturl()
