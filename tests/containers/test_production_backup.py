"""Backup, restore and rebuild in production: with the operator's image, since only containers can reach the servers."""

import os
from functools import partial
from pathlib import Path

import pytest_asyncio
from tests.integration.compose.docker_stack import run
from tests.integration.compose.production import DEPLOY, Production
from tests.support.eventually import eventually

from practio_contracts.catalogue import SERVICES
from practio_operator.stack.services import is_ready

MAY = ("--may", "rooms.*", "--may", "membership.*", "--may", "people.*", "--listen", "membership.#")


@pytest_asyncio.fixture(scope="module")
async def account(running: Production) -> str:
    """Return the URL of an account that may start a replay."""
    output = await operated(running, "publisher", "add", "operator", "--as-system", *MAY)
    return next(word for word in output.split() if word.startswith("amqps://"))


async def test_a_backup_is_restored_over_tls(running: Production, account: str, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    await script(running, "backup", str(folder))
    assert {each.stat().st_uid for each in folder.iterdir()} == {os.getuid()}
    await running.compose("stop", *SERVICES)
    await script(running, "restore", str(folder), "--replace")
    await running.compose("start", *SERVICES)
    for name in SERVICES:
        url = f"http://127.0.0.1:{running.settings[f'PRACTIO_{name.upper()}_PORT']}"
        await eventually(partial(is_ready, url), within=60, message=f"{name} is ready")
    await operated(running, "rebuild", options=("--env", f"PRACTIO_PUBLISHER_URL={account}"))
    await operated(running, "invariants")


async def script(running: Production, name: str, *arguments: str) -> str:
    """Run one of the scripts in deploy/ with the environment that Compose uses; return its output."""
    files = ":".join(str(DEPLOY / each) for each in running.files)
    output = {**running.settings, "COMPOSE_PROJECT_NAME": running.name, "COMPOSE_FILE": files}
    return await run(str(DEPLOY / name), *arguments, environment=output)


async def operated(running: Production, *command: str, options: tuple[str, ...] = ()) -> str:
    """Run `practio` in a container of its own, as deploy/README.md says; return its output."""
    return await running.compose("run", "--rm", "--no-deps", "--no-TTY", *options, "provision", *command)
