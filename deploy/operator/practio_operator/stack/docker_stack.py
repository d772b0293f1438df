"""A stack on Docker: each part is a container of one Compose project."""

import asyncio
from functools import partial

from practio_operator.console.errors import OperatorError
from practio_operator.console.output import step
from practio_operator.provisioning.pages_account import PAGES
from practio_operator.provisioning.target import owner_role, work_role
from practio_operator.stack import engine
from practio_operator.stack.choices import SELF_INTRODUCTION, START_ROOMS, chosen
from practio_operator.stack.compose import Compose
from practio_operator.stack.env import write_env
from practio_operator.stack.home import Home, write_private
from practio_operator.stack.ports import is_free
from practio_operator.stack.servers import Servers
from practio_operator.stack.services import http_url, is_ready
from practio_operator.stack.stack import GATEWAY, LINKS, PUBLISHER, SERVICES, Ports, StackConfig
from practio_operator.stack.waiting import until

HEALTHY_SECONDS = 240
"""How long all containers may take to be healthy on a busy machine."""

READY_SECONDS = 60
"""How long a service that is alive may then take to be ready."""


async def start(home: Home, stack: StackConfig) -> None:
    """Build the images, start the parts that do not run, wait until services are ready, and write the env file.

    Raise OperatorError if a part does not start. The others keep running, to be inspected or tried again.
    """
    if missing := engine.missing_for_docker():
        raise OperatorError(f"The stack cannot run on Docker here: {missing}.")
    stack = _make_startable(home, stack)
    compose = Compose(home)
    with step("Building the images (a minute or two the first time)"):
        compose.run("build")
    with step("Starting broker, database, mail catcher, services and pages in containers"):
        compose.up(seconds=HEALTHY_SECONDS)
        await asyncio.gather(*(_ready(compose, name, http_url(stack, name)) for name in stack.parts))
    write_env(home, stack, _servers(stack), mail={"PRACTIO_MAIL_HTTP": f"http://127.0.0.1:{stack.ports.mail_http}"})


def stop(home: Home, stack: StackConfig, *, keep: bool) -> None:
    """Remove every container and network of the stack, and its volumes unless they are to be kept.

    Raise OperatorError if Docker fails.
    """
    _write_settings(home, stack)
    with step("Removing the containers"):
        Compose(home).run("down", "--remove-orphans", *([] if keep else ["--volumes"]))


def logs(home: Home, *, lines: int, part: str | None) -> dict[str, list[str]]:
    """Return the last log lines of every part, or of one. Raise OperatorError if there is no such part."""
    compose = Compose(home)
    parts = sorted(compose.run("config", "--services").split())
    if part and part not in parts:
        raise OperatorError(f"There is no part {part}: use {', '.join(parts)}.")
    return {each: compose.log(each, lines=lines).splitlines() for each in ([part] if part else parts)}


def _make_startable(home: Home, stack: StackConfig) -> StackConfig:
    """Save the stack with free ports, unless its own containers use the present ones."""
    _write_settings(home, stack)
    runs = Compose(home).run("ps", "--quiet")
    if not runs and not all(is_free(port) for port in stack.ports.model_dump().values()):
        stack = stack.model_copy(update={"ports": Ports.take()})
        _write_settings(home, stack)
    stack.save(home)
    return stack


def _write_settings(home: Home, stack: StackConfig) -> None:
    """Write the environment of compose.yaml (deploy/.env.example)."""
    ports, secrets = stack.ports, stack.secrets
    settings: dict[str, str | int] = {
        "PRACTIO_BROKER_PORT": ports.broker,
        "PRACTIO_MANAGEMENT_PORT": ports.management,
        "PRACTIO_DATABASE_PORT": ports.database,
        "PRACTIO_MAIL_PORT": ports.mail_http,
        "PRACTIO_BROKER_PASSWORD": secrets["broker"],
        "PRACTIO_DATABASE_PASSWORD": secrets["database"],
        "PRACTIO_PUBLISHER_PASSWORD": secrets[PUBLISHER],
        "PRACTIO_PAGES_PORT": ports.pages,
        "PRACTIO_GATEWAY_PORT": ports.gateway,
        "COMPOSE_PROFILES": GATEWAY if stack.gateway else "",
        "PRACTIO_PAGES_BROKER_PASSWORD": secrets[PAGES],
        "PRACTIO_LINK_KEYS": secrets[LINKS],
        **chosen(SELF_INTRODUCTION, START_ROOMS),
    }
    for service in SERVICES:
        name = f"PRACTIO_{service.upper()}"
        settings[f"{name}_PORT"] = ports.of(service)
        settings[f"{name}_BROKER_PASSWORD"] = secrets[f"practio-{service}"]
        settings[f"{name}_OWNER_PASSWORD"] = secrets[owner_role(service)]
        settings[f"{name}_WORK_PASSWORD"] = secrets[work_role(service)]
    write_private(home.compose_env, "".join(f"{key}={value}\n" for key, value in settings.items()))


def _servers(stack: StackConfig) -> Servers:
    """Return the administrator's URLs of the servers; the accounts are those of compose.yaml."""
    ports, secrets = stack.ports, stack.secrets
    return Servers(
        broker_url=f"amqp://practio-admin:{secrets['broker']}@127.0.0.1:{ports.broker}/practio",
        management_url=f"http://127.0.0.1:{ports.management}",
        database_url=f"postgresql://practio_admin:{secrets['database']}@127.0.0.1:{ports.database}/practio",
    )


async def _ready(compose: Compose, part: str, url: str) -> None:
    """Wait until a part is ready: healthy means only alive, ready also that it reaches broker and database."""
    await until(partial(is_ready, url), seconds=READY_SECONDS, otherwise=partial(compose.not_ready, part))
