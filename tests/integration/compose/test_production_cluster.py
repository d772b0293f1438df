"""Compose for production with three brokers: its configuration."""

from collections.abc import Sequence

import pytest
from tests.integration.compose.cluster import NODES
from tests.integration.compose.production import THREE_BROKERS, Production


@pytest.fixture(scope="module")
def files() -> Sequence[str]:
    return THREE_BROKERS


async def test_the_three_brokers_differ_only_in_names_and_data(production: Production) -> None:
    config = await production.config()
    same = (
        "image",
        "entrypoint",
        "command",
        "restart",
        "logging",
        "mem_limit",
        "cpus",
        "pids_limit",
        "cap_drop",
        "tmpfs",
    )
    first, *others = (config[node] for node in NODES)
    for other in others:
        assert {name: other[name] for name in same} == {name: first[name] for name in same}
        assert {each["source"] for each in other["secrets"]} == {each["source"] for each in first["secrets"]}
    assert len({config[node]["hostname"] for node in NODES}) == len(NODES)
    assert len({config[node]["volumes"][0]["source"] for node in NODES}) == len(NODES)


async def test_no_variable_of_a_broker_holds_a_secret(production: Production) -> None:
    config = await production.config()
    values = {str(value) for node in NODES for value in config[node].get("environment", {}).values()}
    assert values == {"practio-admin", "practio"}


async def test_the_brokers_can_be_reached_only_over_tls(production: Production) -> None:
    config = await production.config()
    assert {port["target"] for node in NODES for port in config[node]["ports"]} == {5671}


async def test_the_cookie_is_not_the_demo_cookie(production: Production) -> None:
    assert "demo" not in production.secret("erlang_cookie")
