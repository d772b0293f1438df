"""Compose for production: what it says, and, where an engine answers, that it comes up."""

import re
import ssl

import aio_pika
import pytest
from tests.integration.compose.dock import docker
from tests.integration.compose.production import Production
from tests.support.eventually import eventually

from practio_operator.stack.services import is_ready
from practio_operator.stack.stack import OURS

SERVERS = ("broker", "database")
RUNNING = {*SERVERS, *OURS}


async def test_neither_mail_catcher_nor_anything_else_but_ours_runs(production: Production) -> None:
    assert set(await production.config()) == {*RUNNING, "provision"}


async def test_no_variable_holds_a_secret(production: Production) -> None:
    secrets = [path.read_text().strip() for path in production.secrets.iterdir()]
    telling = re.compile("|".join(["demo-", "://[^/]*@", *map(re.escape, secrets)]))
    config = await production.config()
    variables = [(name, *variable) for name, each in config.items() for variable in each["environment"].items()]
    assert [(name, key) for name, key, value in variables if telling.search(str(value))] == []


async def test_every_secret_that_is_named_is_given_to_who_names_it(production: Production) -> None:
    for each in (await production.config()).values():
        named = {value for key, value in each["environment"].items() if key.endswith("_FILE")}
        assert named <= {secret["target"] for secret in each["secrets"]}


async def test_the_broker_s_tls_and_the_pages_are_all_that_can_be_reached(production: Production) -> None:
    ports = {
        name: [(port["host_ip"], port["target"]) for port in each.get("ports", [])]
        for name, each in (await production.config()).items()
    }
    on_this_machine = [("127.0.0.1", 8080)]
    assert ports == {"broker": [("127.0.0.1", 5671)], "database": [], "provision": []} | dict.fromkeys(
        OURS, on_this_machine
    )


async def test_all_that_runs_comes_back_is_bounded_and_keeps_its_logs_short(production: Production) -> None:
    config = await production.config()
    for each in (config[name] for name in RUNNING):
        assert each["restart"] == "unless-stopped"
        assert {"mem_limit", "cpus", "pids_limit"} <= each.keys()
        assert each["logging"]["options"] == {"max-size": "10m", "max-file": "5"}


async def test_all_our_parts_know_that_it_is_production(production: Production) -> None:
    config = await production.config()
    assert all(config[name]["environment"]["PRACTIO_ENVIRONMENT"] == "production" for name in ("provision", *OURS))


async def test_everything_becomes_ready_over_tls(running: Production) -> None:
    for name in OURS:
        url = f"http://127.0.0.1:{running.settings[f'PRACTIO_{name.upper()}_PORT']}"
        await eventually(lambda url=url: is_ready(url), within=60, saying=name)


async def test_an_outside_system_reaches_the_broker_by_its_authority_alone(running: Production) -> None:
    port = running.settings["PRACTIO_AMQPS_PORT"]
    url = f"amqps://pages:{running.secret('pages_broker_password')}@localhost:{port}/practio"
    async with await aio_pika.connect(f"{url}?cafile={running.secrets / 'ca.pem'}", timeout=10):
        pass
    with pytest.raises(aio_pika.exceptions.AMQPConnectionError):
        await aio_pika.connect(url, timeout=10, ssl_context=ssl.create_default_context())


@pytest.mark.parametrize("mode", ["disable", "require"])
async def test_the_database_takes_nobody_in_plain_text(running: Production, mode: str) -> None:
    url = f"postgresql://practio_admin:{running.secret('database_password')}@database:5432/practio?sslmode={mode}"
    ask = ("exec", "--no-TTY", "database", "psql", "--no-psqlrc", "--tuples-only", url, "--command", "SELECT 'let in'")
    if mode == "disable":
        with pytest.raises(AssertionError, match="no encryption"):
            await running.compose(*ask)
    else:
        assert "let in" in await running.compose(*ask)


async def test_what_the_engine_tells_of_a_container_holds_no_secret(running: Production) -> None:
    containers = (await running.compose("ps", "--all", "--quiet")).split()
    told = await docker("container", "inspect", *containers)
    for path in running.secrets.iterdir():
        assert path.read_text().strip() not in told
