"""The programs of the handbook (contracts/README.md) run unchanged, and get their answer from the stack."""

import asyncio
import os
import re
import secrets
import shutil
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from tests.support.clients.actions import a_published_room
from tests.support.clients.outside import OutsideSystem
from tests.support.stack.running import RunningStack

from practio_operator.provisioning.accounts import add_publisher, remove_publisher

pytestmark = pytest.mark.thorough

HANDBOOK = Path(__file__).parents[2] / "contracts" / "README.md"
PATIENCE = 120.0
DEBIAN_JARS = ("librabbitmq-client-java", "libslf4j-java")
QUESTION = {"key": "case", "text": "Which case do you bring?", "required": False}


def programs(language: str) -> list[str]:
    """Return the handbook's whole programs in a language, as they are printed."""
    blocks = re.findall(rf"```{language}\n(.*?)```", HANDBOOK.read_text(encoding="utf-8"), re.DOTALL)
    return [block for block in blocks if "PRACTIO_ROOM" in block]


async def run(*command: str, folder: Path, environment: Mapping[str, str] | None = None) -> tuple[int | None, str]:
    """Return the exit code and everything that a command prints."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env=os.environ | (environment or {}),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
    return process.returncode, printed.decode()


@pytest_asyncio.fixture
async def environment(stack: RunningStack, outside: OutsideSystem) -> AsyncIterator[dict[str, str]]:
    """Yield the environment of the handbook's programs: an account with its grants, and a room to join."""
    account, password = f"intranet-{secrets.token_hex(4)}", secrets.token_hex(8)
    may, listen = ["membership.*", "people.*"], ["membership.#"]
    await add_publisher(stack.target, account, password, may=may, listen=listen, over_http=True)
    access = {"policy": "approval", "questions": [QUESTION]}
    room = await a_published_room(outside, access=access)
    management = urlsplit(stack.target.management_url)
    yield {
        "PRACTIO_PUBLISHER_URL": stack.target.broker_as(account, password),
        "PRACTIO_MANAGEMENT_URL": management._replace(netloc=management.netloc.rpartition("@")[2]).geturl(),
        "PRACTIO_ACCOUNT": account,
        "PRACTIO_PASSWORD": password,
        "PRACTIO_ROOM": room.room_id,
    }
    await remove_publisher(stack.target, account)


async def is_answered(environment: Mapping[str, str], folder: Path, command: Sequence[str], *expected: str) -> None:
    code, printed = await run(*command, folder=folder, environment=environment)
    assert code == 0, printed
    assert all(each in printed for each in (*expected, environment["PRACTIO_ROOM"])), printed


@pytest.mark.parametrize(
    ("program", "expected"),
    list(zip(programs("python"), ("membership.command-accepted.v1", "accepted {"), strict=True)),
)
async def test_the_programs_in_python(program: str, expected: str, environment: dict[str, str], tmp_path: Path) -> None:
    await is_answered(environment, tmp_path, [sys.executable, "-c", program], expected)


async def test_the_program_in_node(environment: dict[str, str], tmp_path: Path) -> None:
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("the program in Node was not run: node and npm are missing (Debian packages nodejs and npm)")
    code, printed = await run("npm", "install", "--no-audit", "--no-fund", "amqplib@2", folder=tmp_path)
    if code:
        pytest.skip(f"the program in Node was not run: npm could not install amqplib: {printed[-200:]}")
    [program] = programs("javascript")
    await is_answered(environment, tmp_path, ["node", "-e", program], "membership.command-accepted.v1")


async def test_the_program_in_java(environment: dict[str, str], tmp_path: Path) -> None:
    if not (shutil.which("javac") and shutil.which("apt-get")):
        pytest.skip("the program in Java was not run: no JDK 17 (Debian package openjdk-17-jdk-headless)")
    [program] = programs("java")
    (tmp_path / "FirstMessage.java").write_text(program, encoding="utf-8")
    classes = await rabbitmq_jars(tmp_path)
    await is_answered(
        environment, tmp_path, ["java", "-cp", classes, "FirstMessage.java"], "membership.command-accepted.v1"
    )


async def rabbitmq_jars(folder: Path) -> str:
    """Fetch RabbitMQ's client out of Debian's packages, installing nothing; return the class path."""
    code, printed = await run("apt-get", "download", *DEBIAN_JARS, folder=folder)
    if code:
        pytest.skip(f"the program in Java was not run: no package {DEBIAN_JARS[0]} to be had: {printed[-200:]}")
    await run("sh", "-c", 'for each in *.deb; do dpkg-deb -x "$each" .; done', folder=folder)
    return f"{folder}/usr/share/java/amqp-client.jar:{folder}/usr/share/java/slf4j-api.jar"


async def test_the_calls_over_http(environment: dict[str, str], tmp_path: Path) -> None:
    if not shutil.which("curl"):
        pytest.skip("the calls over HTTP were not made: curl is missing (Debian package curl)")
    [program] = programs("bash")
    await is_answered(environment, tmp_path, ["bash", "-euc", program], '"routed":true', "membership.requested.v1")
