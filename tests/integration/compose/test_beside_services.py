"""What runs beside the services if its profile is chosen: the gateway, and the reader of the mailbox of letters."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from tests.integration.compose.docker_stack import DockerStack, docker
from tests.support.clients.actions import a_known_person, a_published_room
from tests.support.clients.bounces import a_report
from tests.support.clients.commands import about, new_id
from tests.support.clients.outside import OutsideSystem

from practio_operator.stack.home import CHECKOUT

pytestmark = pytest.mark.thorough

_NOTIFICATIONS = CHECKOUT / "deploy" / "notifications" / "compose.yaml"
_IMAP_BOX = CHECKOUT / "tests" / "support" / "clients" / "imap_box.py"
_GRANTS = ("notifications.report-bounce.v1", "notifications.report-reply.v1", "rooms.answer-session.v1")


@pytest.fixture
def readable(tmp_path: Path) -> Path:
    """Return a folder that the user of a container may read."""
    tmp_path.chmod(0o755)
    return tmp_path


async def test_a_command_over_http_is_answered_as_over_the_broker(
    docker_stack: DockerStack, outside: OutsideSystem
) -> None:
    room, person = await a_published_room(outside, policy="open"), await a_known_person(outside)
    asking = outside.envelope("membership.request-to-join.v1", about(room.room_id, person), actor=person)
    account = httpx.URL(docker_stack.env["PRACTIO_PUBLISHER_URL"])
    gateway = httpx.AsyncClient(
        base_url=docker_stack.env["PRACTIO_GATEWAY_HTTP"],
        auth=(account.username, account.password),
        headers={"content-type": "application/cloudevents+json"},
        trust_env=False,
        timeout=30,
    )
    async with gateway as client:
        answer = await client.post("/commands", json=asking)
    assert (answer.status_code, answer.json()["state"]["status"]) == (200, "joined")


@asynccontextmanager
async def an_imap_box(docker_stack: DockerStack, folder: Path, mail: bytes) -> AsyncIterator[str]:
    """Serve a mailbox with one mail in the network of a stack; yield its URL there."""
    (folder / "mail").write_bytes(mail)
    (folder / "imap_box.py").write_text(_IMAP_BOX.read_text())
    started = await docker(
        *("run", "--detach", "--rm", "--network", f"{docker_stack.project}_default", "--network-alias", "letters"),
        *("--volume", f"{folder}:/box:ro", "--entrypoint", "python", "practio-operator:latest"),
        *("/box/imap_box.py", "1143", "/box/mail"),
    )
    try:
        yield "imap://letters:secret@letters:1143/INBOX"
    finally:
        await docker("rm", "--force", started.strip())


@asynccontextmanager
async def a_reader(docker_stack: DockerStack, box: str, broker_url: str) -> AsyncIterator[None]:
    """Run the profile ``mailbox`` of notifications alone, in the network of a stack."""
    network = f"{docker_stack.project}_default"
    needed = {"PRACTIO_SMTP_HOST": "mail", "PRACTIO_MAIL_FROM": "Practio <practio@example.org>"}
    settings = {"PRACTIO_MAILBOX_URL": box, "PRACTIO_MAILBOX_BROKER_URL": broker_url} | needed

    async def compose(*arguments: str) -> str:
        files = ("--file", str(_NOTIFICATIONS), "--file", "-", "--profile", "mailbox")
        joined = f"networks: {{default: {{name: {network}, external: true}}}}"
        project = ("--project-name", f"{network}-mailbox")
        return await docker("compose", *project, *files, *arguments, environment=settings, received=joined)

    try:
        await compose("up", "--detach", "mailbox")
        yield
    finally:
        await compose("down")


async def test_a_bounce_in_the_mailbox_ends_the_letters_to_its_address(
    docker_stack: DockerStack, outside: OutsideSystem, readable: Path
) -> None:
    person = await a_known_person(outside)
    grants = (part for each in _GRANTS for part in ("--may", each))
    added = await docker_stack.compose(
        *("run", "--rm", "--entrypoint", "practio", "provision", "publisher", "add", "mailbox", "--as-system"), *grants
    )
    broker_url = next(word for word in added.split() if word.startswith("amqp://"))
    report = a_report(new_id(), outside.people[person]["email"])
    async with an_imap_box(docker_stack, readable, report) as box, a_reader(docker_stack, box, broker_url):
        event = await outside.receives("notifications.address-suppressed.v1", within=60, person_id=person)
    assert event["data"]["kind"] == "hard"
