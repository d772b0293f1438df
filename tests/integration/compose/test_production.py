"""Compose for production: its configuration, and, if an engine is available, that it starts."""

import re
import ssl
from functools import partial

import aio_pika
import httpx
import pytest
from tests.integration.compose.docker_stack import docker
from tests.integration.compose.production import Production
from tests.support.eventually import eventually

from practio_operator.stack.services import is_ready
from practio_operator.stack.stack import PARTS

SERVERS = ("broker", "database")
RUNNING = {*SERVERS, *PARTS}
GATEWAY, MAILBOX = "gateway", "mailbox"
"""What runs with the profile of its name: HTTP for other systems, and the reader of the mailbox of letters."""


async def test_no_mail_catcher_and_nothing_foreign_runs(production: Production) -> None:
    assert set(await production.config()) == {*RUNNING, "provision"}
    assert set(await production.config(GATEWAY, MAILBOX)) == {*RUNNING, "provision", GATEWAY, MAILBOX}


async def test_no_variable_holds_a_secret(production: Production) -> None:
    secrets = [path.read_text().strip() for path in production.secrets.iterdir()]
    revealing = re.compile("|".join(["demo-", "://[^/]*@", *map(re.escape, secrets)]))
    config = await production.config(GATEWAY, MAILBOX)
    variables = [(name, *variable) for name, each in config.items() for variable in each["environment"].items()]
    assert [(name, key) for name, key, value in variables if revealing.search(str(value))] == []


async def test_every_service_gets_the_secrets_that_it_names(production: Production) -> None:
    for each in (await production.config(GATEWAY, MAILBOX)).values():
        named = {value for key, value in each["environment"].items() if key.endswith("_FILE")}
        assert named <= {secret["target"] for secret in each["secrets"]}


async def test_only_the_broker_over_tls_and_pages_can_be_reached(production: Production) -> None:
    ports = {
        name: [(port["host_ip"], port["target"]) for port in each.get("ports", [])]
        for name, each in (await production.config(GATEWAY, MAILBOX)).items()
    }
    closed: dict[str, list[tuple[str, int]]] = {name: [] for name in ("database", "provision", MAILBOX)}
    on_this_machine = [("127.0.0.1", 8080)]
    assert ports == {"broker": [("127.0.0.1", 5671)]} | closed | dict.fromkeys((*PARTS, GATEWAY), on_this_machine)


async def test_every_container_restarts_has_limits_and_rotates_its_logs(production: Production) -> None:
    config = await production.config(GATEWAY, MAILBOX)
    for each in (config[name] for name in (*RUNNING, GATEWAY, MAILBOX)):
        assert each["restart"] == "unless-stopped"
        assert {"mem_limit", "cpus", "pids_limit"} <= each.keys()
        assert each["logging"]["options"] == {"max-size": "10m", "max-file": "5"}


async def test_every_part_runs_in_the_production_environment(production: Production) -> None:
    config = await production.config(GATEWAY, MAILBOX)
    ours = ("provision", GATEWAY, MAILBOX, *PARTS)
    assert all(config[name]["environment"]["PRACTIO_ENVIRONMENT"] == "production" for name in ours)


@pytest.mark.thorough
async def test_everything_becomes_ready_over_tls(running: Production) -> None:
    for name in PARTS:
        url = f"http://127.0.0.1:{running.settings[f'PRACTIO_{name.upper()}_PORT']}"
        await eventually(partial(is_ready, url), within=60, message=name)


@pytest.mark.thorough
async def test_the_gateway_reaches_the_broker_over_tls(running: Production) -> None:
    url = f"http://127.0.0.1:{running.settings['PRACTIO_GATEWAY_PORT']}"
    asking = {"type": "practio.rooms.search-rooms.v1", "specversion": "1.0", "id": "1", "source": "urn:x", "data": {}}
    headers = {"content-type": "application/cloudevents+json"}
    try:
        await running.compose("--profile", GATEWAY, "up", "--build", "--detach", "--wait", GATEWAY)
        await eventually(partial(is_ready, url), within=60, message=GATEWAY)
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            refused = await client.post(f"{url}/queries", json=asking, auth=("intranet", "wrong"), headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (401, "wrong-login")
    finally:
        await running.compose("--profile", GATEWAY, "rm", "--stop", "--force", GATEWAY)


@pytest.mark.thorough
async def test_an_outside_system_reaches_the_broker_only_if_it_trusts_its_authority(running: Production) -> None:
    port = running.settings["PRACTIO_AMQPS_PORT"]
    url = f"amqps://pages:{running.secret('pages_broker_password')}@localhost:{port}/practio"
    async with await aio_pika.connect(f"{url}?cafile={running.secrets / 'ca.pem'}", timeout=10):
        pass
    with pytest.raises(aio_pika.exceptions.AMQPConnectionError):
        await aio_pika.connect(url, timeout=10, ssl_context=ssl.create_default_context())


@pytest.mark.thorough
@pytest.mark.parametrize("mode", ["disable", "require"])
async def test_the_database_accepts_no_connection_in_plain_text(running: Production, mode: str) -> None:
    url = f"postgresql://practio_admin:{running.secret('database_password')}@database:5432/practio?sslmode={mode}"
    ask = ("exec", "--no-TTY", "database", "psql", "--no-psqlrc", "--tuples-only", url, "--command", "SELECT 'let in'")
    if mode == "disable":
        with pytest.raises(AssertionError, match="no encryption"):
            await running.compose(*ask)
    else:
        assert "let in" in await running.compose(*ask)


@pytest.mark.thorough
async def test_docker_inspect_shows_no_secret(running: Production) -> None:
    containers = (await running.compose("ps", "--all", "--quiet")).split()
    inspected = await docker("container", "inspect", *containers)
    for path in running.secrets.iterdir():
        assert path.read_text().strip() not in inspected
