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
from tests.support.stack.processes import ManagedProcess
from tests.unit.observability.files import FOLDER

from practio_operator.stack.debian import can_install, install
from practio_operator.stack.ports import free_ports

PACKAGE = "prometheus"
OFTEN = "1s"
"""How often it asks and judges: seconds instead of the quarters of a minute of an installation."""


def program(name: str) -> str:
    """Return one of Prometheus' programs; install Debian's package if it is missing, or skip the test."""
    with one_at_a_time():
        if shutil.which(name) is None and can_install():
            install([PACKAGE])
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not here: install the package {PACKAGE}")
    return found


class Prometheus:
    """The HTTP API of Prometheus."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=f"{url}/api/v1", trust_env=False, timeout=10)

    def get(self, path: str, **parameters: str) -> Any:
        """Return the data at a path of its API; nothing while it does not answer. Its own error fails the test."""
        try:
            answer = self._client.get(path, params=parameters)
        except httpx.HTTPError:
            return {}
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            return {}
        answered = answer.json()
        assert answered["status"] == "success", f"{path} {parameters}: {answered}"
        return answered["data"]

    def labels_of(self, query: str) -> list[dict[str, str]]:
        """Return the labels of each series that a query finds now."""
        return [series["metric"] for series in self.get("query", query=query).get("result", [])]

    def firing(self, alert: str) -> list[dict[str, str]]:
        """Return the labels of each instance of an alert that fires now."""
        alerts = self.get("alerts").get("alerts", [])
        return [each["labels"] for each in alerts if (each["labels"]["alertname"], each["state"]) == (alert, "firing")]


@contextmanager
def a_prometheus(folder: Path, places: Mapping[str, str]) -> Iterator[Prometheus]:
    """Run Prometheus in ``folder`` with the files of deploy/observability; it scrapes often, rules fire at once.

    ``places`` has the host and port of each target of prometheus.yml.
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
    process = ManagedProcess(
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
