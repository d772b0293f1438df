"""Unsafe settings in production."""

import re
from pathlib import Path

from tests.support.every_case import every_case

from practio_chassis.environment.production_checks import (
    broker_faults,
    database_faults,
    is_here,
    page_faults,
    secret_faults,
)

COMPOSE = Path(__file__).parents[3] / "deploy" / "compose.yaml"


def broker(url: str) -> list[str]:
    return list(broker_faults("PRACTIO_BROKER_URL", url))


def database(url: str) -> list[str]:
    return list(database_faults("PRACTIO_DATABASE_URL", url))


@every_case(
    "url",
    [
        "amqps://rooms:own@broker/practio",
        "amqps://rooms:own@broker:5671/practio?cafile=/run/secrets/ca&no_verify_ssl=0",
        "amqp://rooms:own@127.0.0.1:5672/practio",
        "amqp://rooms:own@[::1]/practio",
        "amqp://rooms:own@localhost/practio",
    ],
)
def test_a_broker_with_tls_or_on_this_machine_is_safe(url: str) -> None:
    assert broker(url) == []


@every_case("url", ["amqp://rooms:own@broker/practio", "amqp://rooms:own@10.0.0.7:5671/practio"])
def test_a_remote_broker_in_plain_text_is_refused(url: str) -> None:
    (fault,) = broker(url)
    assert fault.startswith("PRACTIO_BROKER_URL is not protected: write amqps://")


@every_case("query", ["no_verify_ssl=1", "no_verify_ssl=", "no_verify_ssl=0&no_verify_ssl=1"])
def test_a_broker_without_verification_is_refused(query: str) -> None:
    (fault,) = broker(f"amqps://rooms:own@broker/practio?{query}")
    assert "does not verify" in fault


@every_case(
    "url",
    [
        "postgresql://rooms:own@database/practio?sslmode=verify-full&sslrootcert=/run/secrets/ca",
        "postgresql://rooms:own@127.0.0.1:5432/practio",
        "postgresql://rooms:own@/practio?host=/var/run/postgresql",
    ],
)
def test_a_database_with_verified_tls_or_on_this_machine_is_safe(url: str) -> None:
    assert database(url) == []


@every_case("query", ["", "sslmode=", "sslmode=require", "sslmode=verify-ca", "sslmode=verify-full&sslmode=require"])
def test_a_remote_database_without_verification_of_its_name_is_refused(query: str) -> None:
    (fault,) = database(f"postgresql://rooms:own@database/practio?{query}")
    assert "?sslmode=verify-full&sslrootcert=" in fault


def test_a_remote_database_after_a_local_one_is_found() -> None:
    assert database("postgresql://rooms:own@127.0.0.1,database/practio")
    assert database("postgresql://rooms:own@127.0.0.1/practio?host=database")


def test_pages_are_https_unless_they_are_on_this_machine() -> None:
    for url in ("https://rooms.example.org", "http://127.0.0.1:21084"):
        assert list(page_faults("PRACTIO_PAGES_URL", url)) == []
    assert list(page_faults("PRACTIO_PAGES_URL", "http://rooms.example.org"))


def test_every_secret_that_compose_has_a_default_for_is_refused() -> None:
    defaults = re.findall(r"_(?:PASSWORD|KEYS):-([^}]+)}", COMPOSE.read_text())
    assert len(set(defaults)) >= 14
    for secret in defaults:
        assert list(secret_faults("PRACTIO_LINK_KEYS", ["k" * 32, secret]))
        assert broker(f"amqps://a:{secret}@broker/practio")
        assert database(f"postgresql://a:{secret}@localhost/practio")


def test_default_passwords_of_servers_are_refused() -> None:
    (of_broker,) = broker("amqps://guest:guest@broker/practio")
    (of_database,) = database("postgresql://postgres:postgres@127.0.0.1/practio")
    assert "password is the account's name" in of_broker
    assert "password is the account's name" in of_database
    assert database("postgresql://postgres@/practio?host=/var/run/postgresql") == []


def test_no_fault_quotes_a_secret() -> None:
    faults = [
        *broker("amqp://rooms:demo-hidden@broker/practio"),
        *database("postgresql://rooms:demo-hidden@database/p"),
    ]
    assert len(faults) == 4
    assert "hidden" not in "".join(faults)


@every_case(
    ("host", "here"),
    [
        ("localhost", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("/run/postgresql", True),
        (None, True),
        ("broker", False),
        ("10.0.0.1", False),
        ("localhost.example.org", False),
        ("0.0.0.0", False),
    ],
)
def test_this_machine_is_a_loopback_address_or_a_socket(host: str | None, here: bool) -> None:
    assert is_here(host) is here
