"""What a real Prometheus sees of the running stack: every rule and every panel finds its metrics."""

import re
from collections.abc import Iterator
from functools import partial
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio
from tests.support.clients.actions import REQUEST, a_known_person, a_published_room, accepted, asks
from tests.support.clients.commands import about, new_id
from tests.support.clients.operator import practio
from tests.support.clients.outside import COMMANDS, OutsideSystem
from tests.support.eventually import eventually
from tests.support.faults.database import a_fault
from tests.support.oracles.dead_letters import dead_letter
from tests.support.stack.exporter import exporting
from tests.support.stack.processes import ManagedProcess
from tests.support.stack.prometheus import Prometheus, a_prometheus
from tests.support.stack.running import RunningStack
from tests.unit.observability.files import alerts, queries

pytestmark = pytest.mark.thorough

BOUND = re.compile(r" (==|>) [\d.]+| < .+$")
"""The threshold of a rule: without it, the rule finds its metrics."""

OF_THE_GATEWAY = re.compile(r"practio_gateway")
"""Metrics of a part that is no target until an operator adds it (deploy/observability)."""

PATIENCE = 40


@pytest_asyncio.fixture(scope="module")
async def exporter_port(stack: RunningStack) -> int:
    """Return the port of RabbitMQ's own exporter."""
    broker = stack.servers.broker.lifecycle
    if not isinstance(broker, ManagedProcess):
        pytest.skip("the exporter is switched on in a private RabbitMQ alone (PRACTIO_BACKING=native)")
    return await exporting(broker)


@pytest.fixture(scope="module")
def prometheus(
    stack: RunningStack, exporter_port: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prometheus]:
    """Yield a Prometheus that looks at the stack for as long as the module's tests run."""
    services = {**stack.services, "pages": stack.pages}
    places = {f"{name}:8080": urlsplit(service.url).netloc for name, service in services.items()}
    places["broker:15692"] = f"127.0.0.1:{exporter_port}"
    with a_prometheus(tmp_path_factory.mktemp("prometheus"), places) as found:
        yield found


async def test_every_target_is_up_and_every_rule_is_evaluated(prometheus: Prometheus) -> None:
    def up() -> bool:
        targets = prometheus.get("targets").get("activeTargets", [])
        return len(targets) == 5 and all(each["health"] == "up" for each in targets)

    def judged() -> bool:
        rules = [rule for group in prometheus.get("rules").get("groups", []) for rule in group["rules"]]
        return {rule["name"] for rule in rules if rule["health"] == "ok"} == {rule["alert"] for rule in alerts()}

    await eventually(up, within=PATIENCE, message=lambda: f"all targets are up: {prometheus.get('targets')}")
    await eventually(judged, within=PATIENCE, message=lambda: f"all rules are judged: {prometheus.get('rules')}")


async def test_every_rule_and_every_panel_finds_its_metrics(
    outside: OutsideSystem, stack: RunningStack, prometheus: Prometheus
) -> None:
    await everything_happens(outside, stack)
    for asked_by, query in queries():
        if not OF_THE_GATEWAY.search(query):
            await finds(prometheus, asked_by, query)


async def test_the_text_of_a_rule_names_only_labels_that_it_has(
    outside: OutsideSystem, stack: RunningStack, prometheus: Prometheus
) -> None:
    await everything_happens(outside, stack)
    for rule in alerts():
        named = set(re.findall(r"\$labels\.(\w+)", "".join(rule["annotations"].values())))
        for labels in await finds(prometheus, rule["alert"], rule["expr"]):
            assert named <= set(labels), rule["alert"]


async def test_a_dead_letter_alerts_until_it_is_gone(
    outside: OutsideSystem, stack: RunningStack, prometheus: Prometheus
) -> None:
    await a_message_is_given_up(outside, stack)

    def fires() -> bool:
        return "membership.commands.dead" in {labels["queue"] for labels in prometheus.firing("DeadLetters")}

    await eventually(fires, within=PATIENCE, message="DeadLetters fires")
    await practio(stack, "dead", "drop", "--queue", "membership.commands", "--yes")  # with those of earlier tests
    await eventually(lambda: not fires(), within=PATIENCE, message="DeadLetters is over")


async def test_a_service_that_is_down_alerts_itself_and_through_its_queues(
    outside: OutsideSystem, stack: RunningStack, prometheus: Prometheus
) -> None:
    queues = ["rooms.commands", "rooms.events", "rooms.queries"]

    def fire(services: list[str], queues: list[str]) -> bool:
        down = [labels["service"] for labels in prometheus.firing("ServiceDown")]
        untaken = [labels["queue"] for labels in prometheus.firing("NoConsumer")]
        return (down, sorted(untaken)) == (services, queues)

    stack.services["rooms"].process.stop()
    await eventually(partial(fire, ["rooms"], queues), within=PATIENCE, message="rooms and its queues alert")
    await stack.heal()
    await eventually(partial(fire, [], []), within=PATIENCE, message="all is well")


async def finds(prometheus: Prometheus, asked_by: str, query: str) -> list[dict[str, str]]:
    """Wait until a query finds its metrics; return the labels of each series."""
    looked_at = BOUND.sub("", query)
    return await eventually(
        partial(prometheus.labels_of, looked_at), within=PATIENCE, message=f"{asked_by} finds {looked_at}"
    )


async def everything_happens(outside: OutsideSystem, stack: RunningStack) -> None:
    """Cause everything that is counted once it happened: letters sent and failed, pages, retries, dead letters."""
    room = await a_published_room(outside, policy="open")
    known, stranger = await a_known_person(outside), await a_known_person(outside)
    stack.mailbox.strangers.add(outside.people[stranger]["email"])
    for person in (known, stranger):
        await accepted(asks(outside, room, person))
    await outside.receives("notifications.letter-sent.v1", person_id=known)
    await outside.receives("notifications.letter-failed.v1", person_id=stranger)
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"{stack.pages_url}/")).status_code == httpx.codes.OK
    await practio(stack, "dead", "drop", await a_message_is_given_up(outside, stack))


async def a_message_is_given_up(outside: OutsideSystem, stack: RunningStack) -> str:
    """Let a command fail until membership dead-letters it; return its id."""
    room = await a_published_room(outside, policy="open")
    person = new_id()
    event = outside.envelope(REQUEST, about(room.room_id, person), actor=person)
    async with a_fault(stack, service="membership", message_id=event["id"]):
        await outside.publish(COMMANDS, event)
        await dead_letter(stack, event["id"])
    return str(event["id"])
