"""The settings of a service, from environment variables that start with ``PRACTIO_`` (or files: ``…_FILE``)."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from practio_chassis.safety import Environment, broker_faults, database_faults
from practio_chassis.told import PREFIX, ToldSettings


def _broker(url: SecretStr) -> SecretStr:
    if not re.match(r"amqps?://[^:@/]+:[^@]*@[^/]+/.+", url.get_secret_value()):
        raise ValueError("write it as amqp://account:password@host:port/vhost, or amqps://…/vhost?cafile=…")
    return _with_authority(url, "cafile")


def _database(url: SecretStr) -> SecretStr:
    if not re.match(r"postgres(ql)?://[^@/]+@[^/]*/.+", url.get_secret_value()):
        raise ValueError(
            "write it as postgresql://role:password@host:port/database, with ?sslmode=verify-full&sslrootcert=… for TLS"
        )
    return _with_authority(url, "sslrootcert")


def _with_authority(url: SecretStr, key: str) -> SecretStr:
    """A file of authorities that is not there would show only as a server that cannot be reached."""
    for path in parse_qs(urlsplit(url.get_secret_value()).query).get(key, []):
        if not Path(path).is_file():
            raise ValueError(f"{key} names no file: {path}")
    return url


UNSAFE = "unsafe"
"""The type of the one error that settings raise which are not safe for production."""

BrokerUrl = Annotated[SecretStr, AfterValidator(_broker)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_database)]
LogLevel = Annotated[str, Field(pattern="(?i)^(debug|info|warning|error)$")]
Port = Annotated[int, Field(ge=0, le=65_535)]
OtlpEndpoint = Annotated[
    Annotated[str, Field(pattern=r"^https?://[^/\s]+")] | None, BeforeValidator(lambda told: told or None)
]
"""The base URL of a collector of traces; empty, as Compose writes what is not set, is none."""


class SafeSettings(ToldSettings):
    """Settings that say what is not safe in them; in production such settings are refused."""

    environment: Environment = Environment.DEVELOPMENT

    def faults(self) -> Iterator[str]:
        """Give a sentence for each setting that is not safe (``practio_chassis.safety``)."""
        yield from ()

    @model_validator(mode="after")
    def _safe_in_production(self) -> Self:
        faults = list(self.faults()) if self.environment is Environment.PRODUCTION else []
        if faults:
            raise PydanticCustomError(UNSAFE, "{faults}", {"faults": "; ".join(faults)})
        return self


class Settings(SafeSettings):
    """What every service must be told; times in seconds."""

    broker_url: BrokerUrl
    database_url: DatabaseUrl
    http_host: str = "127.0.0.1"
    http_port: Port = 8080
    log_level: LogLevel = "info"
    prefetch: Annotated[int, Field(ge=1, le=5_000)] = 400
    batch: Annotated[int, Field(ge=1, le=1_000)] = 100
    graceful_timeout: Annotated[float, Field(gt=0)] = 30.0
    outbox_late_after: Annotated[float, Field(gt=0)] = 60.0
    inbox_kept_days: Annotated[int, Field(ge=1)] = 30
    otlp_endpoint: OtlpEndpoint = None

    def faults(self) -> Iterator[str]:
        """Look at broker and database."""
        yield from broker_faults(f"{PREFIX}BROKER_URL", self.broker_url.get_secret_value())
        yield from database_faults(f"{PREFIX}DATABASE_URL", self.database_url.get_secret_value())


class MigrationSettings(SafeSettings):
    """What ``migrate`` must be told: the database, with the schema's owner."""

    database_url: DatabaseUrl
    log_level: LogLevel = "info"

    def faults(self) -> Iterator[str]:
        """Look at the database."""
        yield from database_faults(f"{PREFIX}DATABASE_URL", self.database_url.get_secret_value())
