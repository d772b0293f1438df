"""Production checks: default secrets and unencrypted connections are refused.

Each function checks one setting, named as the operator gave it, and yields a sentence for each fault. A server on this
machine (a loopback address, a socket) needs no encryption: nobody is in between.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from practio_chassis.database.urls import each_host

DEMO = "demo-"
"""The prefix of the passwords and keys in deploy/compose.yaml, which are only for a trial on one machine."""


class Environment(StrEnum):
    """The purpose of an installation; in production it does not start with unsafe settings."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


def broker_faults(name: str, url: str) -> Iterator[str]:
    """Check the broker's URL: TLS with verified names, and a password of its own."""
    parts = urlsplit(url)
    yield from _login_faults(name, parts)
    if parts.scheme != "amqps" and not is_here(parts.hostname):
        yield f"{name} is not protected: write amqps://, with ?cafile= where the broker's authority is your own"
    if any(value != "0" for value in _query(parts, "no_verify_ssl")):
        yield f"{name} does not verify the broker: take no_verify_ssl away"


def database_faults(name: str, url: str) -> Iterator[str]:
    """Check the database's URL: TLS with verified names, and a password of its own."""
    parts = urlsplit(url)
    yield from _login_faults(name, parts)
    hosts = [*(urlsplit(each).hostname for each in each_host(url)), *",".join(_query(parts, "host")).split(",")]
    if set(_query(parts, "sslmode")) != {"verify-full"} and not all(map(is_here, hosts)):
        yield f"{name} is not protected: end it with ?sslmode=verify-full&sslrootcert=…"


def mailbox_faults(name: str, url: str) -> Iterator[str]:
    """Check the URL of a mailbox: TLS, whose names are always verified."""
    parts = urlsplit(url)
    if parts.scheme != "imaps" and not is_here(parts.hostname):
        yield f"{name} is not protected: write imaps://, with ?cafile= where the mail server's authority is your own"


def page_faults(name: str, url: str) -> Iterator[str]:
    """Check the URL of a site or an interface: https."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not is_here(parts.hostname):
        yield f"{name} is not protected: write https://"


def secret_faults(name: str, values: Iterable[str]) -> Iterator[str]:
    """Check passwords or keys: none is one of the demo's."""
    if any(value.startswith(DEMO) for value in values):
        yield f"{name} is the demo's, which everybody can read: choose your own"


def is_here(host: str | None) -> bool:
    """Return whether a host is this machine: a loopback address, a socket's folder, or empty."""
    if not host or host == "localhost" or host.startswith("/"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _login_faults(name: str, url: SplitResult) -> Iterator[str]:
    account, password = unquote(url.username or ""), unquote(url.password or "")
    yield from secret_faults(f"{name}'s password", [password])
    if password and password == account:
        yield f"{name}'s password is the account's name, as servers come with it (guest, postgres): choose your own"


def _query(url: SplitResult, key: str) -> list[str]:
    return parse_qs(url.query, keep_blank_values=True).get(key, [])
