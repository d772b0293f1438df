"""The settings of the gateway, from environment variables that start with ``PRACTIO_``."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator, Field

from practio_chassis.environment.production_checks import is_here
from practio_chassis.settings import LogLevel, Port, SafeSettings
from practio_chassis.web.clients import Proxies, Rate
from practio_gateway.rates import RequestMeter


def _broker(url: str) -> str:
    try:
        is_read = re.match(r"amqps?://[^@/]+/[^?]+", url) and urlsplit(url).port != 0
    except ValueError:
        is_read = None
    if not is_read:
        raise ValueError(
            "write it without an account, as amqp://host:port/vhost, or amqps://…/vhost?cafile=…: "
            "those who call bring theirs"
        )
    for path in parse_qs(urlsplit(url).query).get("cafile", []):
        if not Path(path).is_file():
            raise ValueError(f"cafile names no file: {path}")
    return url


class Settings(SafeSettings):
    """The settings of the gateway.

    ``answer_seconds``: how long a request waits for its answer. ``requests_per_…``: how often a client, and an account,
    may call; ``wrong_logins``: how many wrong passwords a client may try. ``requests_at_once``: of one account, and
    of one client before its password is proven. ``connections``: to the broker, of all accounts.
    ``proxies`` are the trusted proxies, separated by commas.
    """

    broker_address: Annotated[str, AfterValidator(_broker)]
    http_host: str = "127.0.0.1"
    http_port: Port = 8080
    proxies: Proxies = "127.0.0.1"
    log_level: LogLevel = "info"
    answer_seconds: Annotated[float, Field(gt=0, le=60)] = 25.0
    requests_per_client: Rate = "1200 per minute"
    requests_per_account: Rate = "600 per minute"
    wrong_logins: Rate = "10 per minute"
    requests_at_once: Annotated[int, Field(ge=1, le=400)] = 50
    connections: Annotated[int, Field(ge=1, le=1_000)] = 100

    def faults(self) -> Iterator[str]:
        """Check that nobody between gateway and broker reads the passwords of callers."""
        parts = urlsplit(self.broker_address)
        if parts.scheme != "amqps" and not is_here(parts.hostname):
            yield "PRACTIO_BROKER_ADDRESS is not protected: write amqps://, with ?cafile= if the authority is your own"
        if any(value != "0" for value in parse_qs(parts.query).get("no_verify_ssl", [])):
            yield "PRACTIO_BROKER_ADDRESS does not verify the broker: take no_verify_ssl away"

    @property
    def meter(self) -> RequestMeter:
        """Return the meter of requests."""
        return RequestMeter(
            client=self.requests_per_client,
            account=self.requests_per_account,
            failures=self.wrong_logins,
            at_once=self.requests_at_once,
        )
