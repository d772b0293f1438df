"""Compose for production with Prometheus and Grafana: its configuration."""

from collections.abc import Sequence

import pytest
from tests.integration.compose.production import OBSERVED, Production

SEEING = ("prometheus", "grafana")


@pytest.fixture(scope="module")
def files() -> Sequence[str]:
    return OBSERVED


async def test_grafana_s_password_is_random_and_in_a_file(production: Production) -> None:
    grafana = (await production.config())["grafana"]
    assert not [value for value in grafana["environment"].values() if "demo" in value]
    named = grafana["environment"]["GF_SECURITY_ADMIN_PASSWORD__FILE"]
    assert [(each["source"], each["target"]) for each in grafana["secrets"]] == [("grafana_password", named)]
    assert len(production.secret("grafana_password")) == 48


async def test_both_can_be_reached_only_from_this_machine_and_have_limits(production: Production) -> None:
    config = await production.config()
    for each in (config[name] for name in SEEING):
        assert {port["host_ip"] for port in each["ports"]} == {"127.0.0.1"}
        assert {"mem_limit", "cpus", "pids_limit"} <= each.keys()
        assert each["logging"]["options"] == {"max-size": "10m", "max-file": "5"}
        assert each["restart"] == "unless-stopped"
