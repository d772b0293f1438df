"""A real Prometheus, from Debian's package, that looks at the running stack as deploy/observability has it look."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from tests.support.parallel import one_at_a_time
from tests.support.stack.processes import Kept
from tests.unit.observability.files import FOLDER

from practio_operator.stack.debian import can_install, install
from practio_operator.stack.ports import free_ports

PACKAGE = "prometheus"
OFTEN = "1s"
"""How often it asks and judges: seconds instead of the quarters of a minute of an installation."""


def program(name: str) -> str:
    """Give one of Prometheus' programs, installed from Debian's package where it lacks and can be; else skip."""
    with one_at_a_time():
        if shutil.which(name) is None and can_install():
            install([PACKAGE])
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not here: install the package {PACKAGE}")
    return found


class Prometheus:
    """What Prometheus answers over HTTP."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=f"{url}/api/v1", trust_env=False, timeout=10)

    def asked(self, path: str, **parameters: str) -> Any:
        """Give the data at a path of its API; nothing while it does not answer. An error of its own fails the test."""
        try:
            answer = self._client.get(path, params=parameters)
        except httpx.HTTPError:
            return {}
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            return {}
        told = answer.json()
        assert told["status"] == "success", f"{path} {parameters}: {told}"
        return told["data"]

    def labels_of(self, query: str) -> list[dict[str, str]]:
        """Give the labels of each series that a query finds now."""
        return [series["metric"] for series in self.asked("query", query=query).get("result", [])]

    def firing(self, alert: str) -> list[dict[str, str]]:
        """Give the labels of each instance of an alert that fires now."""
        alerts = self.asked("alerts").get("alerts", [])
        return [each["labels"] for each in alerts if (each["labels"]["alertname"], each["state"]) == (alert, "firing")]


@contextmanager
def a_prometheus(folder: Path, places: Mapping[str, str]) -> Iterator[Prometheus]:
    """Run Prometheus in ``folder`` with the files of deploy/observability; it asks often, and rules wait for nothing.

    ``places`` says where each target of prometheus.yml is here, as host and port.
    """
    config = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
    config["global"] = dict.fromkeys(("scrape_interval", "evaluation_interval"), OFTEN)
    for job in config["scrape_configs"]:
        by_name = [f"{name}:{found['port']}" for found in job.pop("dns_sd_configs", []) for name in found["names"]]
        job.setdefault("static_configs", [{"targets": by_name}])
        for static in job["static_configs"]:
            static["targets"] = [places[target] for target in static["targets"]]
    rules = yaml.safe_load((FOLDER / "alerts.yml").read_text())
    for rule in (rule for group in rules["groups"] for rule in group["rules"]):
        rule["for"] = "0s"
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    (folder / "alerts.yml").write_text(yaml.safe_dump(rules))
    [port] = free_ports(1)
    process = Kept(
        name="prometheus",
        command=(
            program("prometheus"),
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
        ),
        environment={},
        log=folder / "prometheus.log",
    )
    process.start()
    try:
        yield Prometheus(f"http://127.0.0.1:{port}")
    finally:
        process.kill()
