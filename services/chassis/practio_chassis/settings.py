"""The settings of a service, from environment variables that start with ``PRACTIO_`` (or files: ``…_FILE``)."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from practio_chassis.database.urls import ATTRIBUTES, each_host
from practio_chassis.environment.env import PREFIX, EnvSettings
from practio_chassis.environment.production_checks import Environment, broker_faults, database_faults

LOG_LEVELS = ("debug", "info", "warning", "error")
SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
"""The values of libpq's ``sslmode``."""

WRITING = ("read-write", "primary")
"""The values of libpq's ``target_session_attrs`` with which a service reaches a server that it can write on."""

_IN_PASSWORD = "in a password, write # as %23, / as %2F, @ as %40"


def _broker(url: SecretStr) -> SecretStr:
    if not _is_read(url, r"amqps?://[^:@/]+:[^@]*@[^/]+/.+"):
        raise ValueError(
            f"write it as amqp://account:password@host:port/vhost, or amqps://…/vhost?cafile=…; {_IN_PASSWORD}"
        )
    return _with_authority(url, "cafile")


def _database(url: SecretStr) -> SecretStr:
    if not _is_read(url, r"postgres(ql)?://[^@/]+@[^/]*/.+"):
        raise ValueError(
            "write it as postgresql://role:password@host:port/database, with ?sslmode=verify-full&sslrootcert=… for TLS"
            f", and host1,host2 for a primary and its standby; {_IN_PASSWORD}"
        )
    if any(mode not in SSL_MODES for mode in _query(url, "sslmode")):
        raise ValueError(f"sslmode is one of {', '.join(SSL_MODES)}")
    if any(each not in WRITING for each in _query(url, ATTRIBUTES)):
        raise ValueError(f"{ATTRIBUTES} is {' or '.join(WRITING)}: a service writes")
    return _with_authority(url, "sslrootcert")


def _is_read(url: SecretStr, pattern: str) -> bool:
    """Return whether a URL has this form, and hosts and ports can be parsed as the client libraries parse them."""
    written = url.get_secret_value()
    try:
        ports = [urlsplit(each).port for each in each_host(written)]
    except ValueError:
        return False
    has_login = "@" in urlsplit(written).netloc
    return has_login and bool(re.match(pattern, written)) and 0 not in ports


def _with_authority(url: SecretStr, key: str) -> SecretStr:
    """Check that the file of certificate authorities exists; a missing one would only show as an unreachable server."""
    for path in _query(url, key):
        if not Path(path).is_file():
            raise ValueError(f"{key} names no file: {path}")
    return url


def _query(url: SecretStr, key: str) -> list[str]:
    return parse_qs(urlsplit(url.get_secret_value()).query, keep_blank_values=True).get(key, [])


def _level(written: str) -> str:
    if written.lower() not in LOG_LEVELS:
        raise ValueError(f"write one of {', '.join(LOG_LEVELS)}")
    return written


def _collector(written: str) -> str:
    if not re.match(r"https?://[^/\s]", written):
        raise ValueError("write it as http://collector:4318")
    return written


UNSAFE = "unsafe"
"""The type of the one error that settings raise if they are not safe for production."""

BrokerUrl = Annotated[SecretStr, AfterValidator(_broker)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_database)]
LogLevel = Annotated[str, AfterValidator(_level)]
Port = Annotated[int, Field(ge=0, le=65_535)]
OtlpEndpoint = Annotated[
    Annotated[str, AfterValidator(_collector)] | None, BeforeValidator(lambda value: value or None)
]
"""The base URL of a trace collector; an empty value, as Compose writes it, means that there is none."""


class SafeSettings(EnvSettings):
    """Settings that list what is not safe in them; in production such settings are refused."""

    environment: Environment = Environment.DEVELOPMENT

    def faults(self) -> Iterator[str]:
        """Yield a sentence for each unsafe setting (``practio_chassis.environment.production_checks``)."""
        yield from ()

    @model_validator(mode="after")
    def _safe_in_production(self) -> Self:
        faults = list(self.faults()) if self.environment is Environment.PRODUCTION else []
        if faults:
            raise PydanticCustomError(UNSAFE, "{faults}", {"faults": "; ".join(faults)})
        return self


class Settings(SafeSettings):
    """The settings of every service; times in seconds.

    ``prefetch`` is how many messages of one queue a service has in hand at most: two batches, so that one arrives while
    the other is handled. Two such queues with messages of the largest size that the broker takes are 200 MiB, beside
    110 MiB for a service at rest and the 512 MiB that it may have in production.
    """

    broker_url: BrokerUrl
    database_url: DatabaseUrl
    http_host: str = "127.0.0.1"
    http_port: Port = 8080
    log_level: LogLevel = "info"
    prefetch: Annotated[int, Field(ge=1, le=5_000)] = 200
    batch: Annotated[int, Field(ge=1, le=1_000)] = 100
    graceful_timeout: Annotated[float, Field(gt=0)] = 30.0
    outbox_late_after: Annotated[float, Field(gt=0)] = 60.0
    inbox_kept_days: Annotated[int, Field(ge=1)] = 30
    sequences_kept_days: Annotated[int, Field(ge=90)] = 1_095
    otlp_endpoint: OtlpEndpoint = None

    @property
    def most_in_a_batch(self) -> int:
        """Return how many messages a batch has at most: it would wait in vain for more than are in hand."""
        return min(self.batch, self.prefetch)

    def faults(self) -> Iterator[str]:
        """Check broker and database."""
        yield from broker_faults(f"{PREFIX}BROKER_URL", self.broker_url.get_secret_value())
        yield from database_faults(f"{PREFIX}DATABASE_URL", self.database_url.get_secret_value())


class MigrationSettings(SafeSettings):
    """The settings of ``migrate``: the database, with the schema's owner."""

    database_url: DatabaseUrl
    log_level: LogLevel = "info"

    def faults(self) -> Iterator[str]:
        """Check the database."""
        yield from database_faults(f"{PREFIX}DATABASE_URL", self.database_url.get_secret_value())
