"""Compose for production with a standby of the database: its configuration."""

import re
from collections.abc import Sequence
from typing import Any

import pytest
from tests.integration.compose.production import DEPLOY, WITH_STANDBY, Production

from practio_contracts.catalogue import SERVICES

NODES = ("database", "database-standby")


@pytest.fixture(scope="module")
def files() -> Sequence[str]:
    return WITH_STANDBY


async def test_both_databases_serve_over_tls_alone_each_with_its_own_certificate(production: Production) -> None:
    config = await production.config()
    for node in NODES:
        assert "ssl=on" in config[node]["command"]
        assert not config[node].get("ports")
        assert sorted(each["source"] for each in config[node]["configs"]) == ["hba", "node"]
        assert [each["target"] for each in config[node]["volumes"]] == ["/var/lib/postgresql/data"]
    shown = [sources(config[node])["database_certificate"] for node in NODES]
    assert shown == ["database_certificate", "database_standby_certificate"]
    lines = (DEPLOY / "production" / "pg_hba.standby.conf").read_text().splitlines()
    assert {line.split()[0] for line in lines if not line.startswith("#")} == {"local", "hostssl"}


async def test_each_verifies_the_other_also_for_replication(production: Production) -> None:
    config = await production.config()
    for node, peer in zip(NODES, reversed(NODES), strict=True):
        environment = config[node]["environment"]
        assert (environment["NODE"], environment["PEER"]) == (node, peer)
        assert environment["PEER_OPTIONS"] == "sslmode=verify-full sslrootcert=/run/secrets/ca"
        assert {"ca", "database_certificate", "database_key", "database_password"} == set(sources(config[node]))


async def test_no_variable_holds_a_secret_and_urls_come_from_files(production: Production) -> None:
    config = await production.config()
    values = [str(value) for each in config.values() for value in each["environment"].values()]
    assert [value for value in values if re.search("demo-|://[^/]*@", value)] == []
    for name in ("provision", *SERVICES):
        assert "PRACTIO_DATABASE_URL" not in config[name]["environment"]
        assert "PRACTIO_DATABASE_URL_FILE" in config[name]["environment"]


async def test_urls_name_both_hosts_and_verify_them(production: Production) -> None:
    for name in ("admin_database_url", *(f"{service}_database_url" for service in SERVICES)):
        assert "@database:5432,database-standby:5432/practio?sslmode=verify-full" in production.secret(name)


def sources(service: Any) -> dict[str, str]:
    """Return the secrets of a service: by the name that the container knows, that of the file."""
    return {each["target"].rpartition("/")[2]: each["source"] for each in service["secrets"]}
