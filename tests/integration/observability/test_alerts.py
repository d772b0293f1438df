"""Alert rules: each says what to do, fires when it should and not otherwise, by Prometheus' own tool."""

import subprocess
from pathlib import Path

import pytest
import yaml
from tests.support.stack.prometheus import program
from tests.unit.observability.files import FOLDER, alerts, queries

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="session")
def promtool() -> str:
    """Return Prometheus' tool."""
    return program("promtool")


@pytest.mark.parametrize(
    "arguments",
    [("check", "config", "prometheus.yml"), ("check", "rules", "alerts.yml"), ("test", "rules", "alerts_test.yml")],
    ids=" ".join,
)
def test_prometheus_finds_no_fault(promtool: str, arguments: tuple[str, ...]) -> None:
    done = subprocess.run([promtool, *arguments], cwd=FOLDER, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_can_parse_the_queries_of_the_dashboard(promtool: str, tmp_path: Path) -> None:
    rules = [{"record": f"practio:panel:{number}", "expr": query} for number, (_, query) in enumerate(queries())]
    written = tmp_path / "dashboard.yml"
    written.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    done = subprocess.run([promtool, "check", "rules", str(written)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_rule_has_a_test_that_fires_and_one_that_does_not() -> None:
    tried = [
        (each["alertname"], bool(each["exp_alerts"]))
        for test in yaml.safe_load((FOLDER / "alerts_test.yml").read_text())["tests"]
        for each in test["alert_rule_test"]
    ]
    names = {rule["alert"] for rule in alerts()}
    assert {name for name, fires in tried if fires} == names
    assert {name for name, fires in tried if not fires} == names


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: str(rule["alert"]))
def test_a_rule_states_the_problem_and_what_to_do(rule: dict[str, dict[str, str]]) -> None:
    assert set(rule["annotations"]) == {"summary", "action"}
    assert rule["labels"]["severity"] in {"page", "ticket"}
