"""The settings of a service, from environment variables that start with ``PRACTIO_``."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def _broker(url: SecretStr) -> SecretStr:
    if not re.match(r"amqps?://[^:@/]+:[^@]*@[^/]+/.+", url.get_secret_value()):
        raise ValueError("write it as amqp://account:password@host:port/vhost")
    return url


def _database(url: SecretStr) -> SecretStr:
    if not re.match(r"postgres(ql)?://[^@/]+@[^/]*/.+", url.get_secret_value()):
        raise ValueError("write it as postgresql://role:password@host:port/database")
    return url


class Settings(BaseSettings):
    """What every service must be told; times in seconds."""

    model_config = SettingsConfigDict(env_prefix="PRACTIO_", extra="ignore", hide_input_in_errors=True)

    broker_url: Annotated[SecretStr, AfterValidator(_broker)]
    database_url: Annotated[SecretStr, AfterValidator(_database)]
    http_host: str = "127.0.0.1"
    http_port: Annotated[int, Field(ge=0, le=65_535)] = 8080
    log_level: Annotated[str, Field(pattern="(?i)^(debug|info|warning|error)$")] = "info"
    prefetch: Annotated[int, Field(ge=1, le=5_000)] = 400
    batch: Annotated[int, Field(ge=1, le=1_000)] = 100
    graceful_timeout: Annotated[float, Field(gt=0)] = 30.0
    outbox_late_after: Annotated[float, Field(gt=0)] = 60.0
    inbox_kept_days: Annotated[int, Field(ge=1)] = 30


class MigrationSettings(BaseSettings):
    """What ``migrate`` must be told: the database, with the schema's owner."""

    model_config = SettingsConfigDict(env_prefix="PRACTIO_", extra="ignore", hide_input_in_errors=True)

    database_url: Annotated[SecretStr, AfterValidator(_database)]
    log_level: Annotated[str, Field(pattern="(?i)^(debug|info|warning|error)$")] = "info"
