"""A stack on Docker as an operator sees it: the command `practio`, and the engine's own words about containers."""

import asyncio
import json
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.clients.outside import OutsideSystem
from tests.support.stack.mail_catcher import MailCatcher

from practio_contracts.links import Links
from practio_operator.stack.compose import COMPOSE_FILE, Compose
from practio_operator.stack.env import read_env
from practio_operator.stack.home import Home
from practio_operator.stack.stack import LINKS, load_stack

KINDS = ("container", "network", "volume")


@dataclass(frozen=True)
class DockerStack:
    """The stack of one home."""

    home: Home

    @property
    def env(self) -> dict[str, str]:
        """Return the stack's variables for its clients."""
        return read_env(self.home)

    @property
    def project(self) -> str:
        """Return the name that the stack has for Compose."""
        return Compose(self.home).project

    def outside(self) -> OutsideSystem:
        """Return the outside system, to be entered."""
        return OutsideSystem(self.env["PRACTIO_PUBLISHER_URL"], self.env["PRACTIO_PUBLISHER_QUEUE"])

    async def practio(self, *arguments: str) -> str:
        """Run `practio` on this home; return its output, and fail if it does not exit with 0."""
        command = str(Path(sys.executable).with_name("practio"))
        environment = {"PRACTIO_HOME": str(self.home.folder), "PRACTIO_BACKING": "docker"}
        return await run(command, *arguments, environment=environment)

    async def compose(self, *arguments: str, version: str = "latest") -> str:
        """Let Compose do something with the stack's images of a version; return its output."""
        files = ("--file", str(COMPOSE_FILE), "--env-file", str(self.home.compose_env))
        environment = {"PRACTIO_VERSION": version, "PRACTIO_REVISION": f"revision-of-{version}"}
        return await docker("compose", "--project-name", self.project, *files, *arguments, environment=environment)

    async def containers(self) -> dict[str, dict[str, Any]]:
        """Return the engine's description of each part's container, by the part's name."""
        listed = await self.left("container")
        found = json.loads(await docker("container", "inspect", *listed))
        return {each["Config"]["Labels"]["com.docker.compose.service"]: each for each in found}

    async def left(self, kind: str) -> list[str]:
        """Return the ids of all things of a kind that belong to the stack."""
        everything = ("--all",) if kind == "container" else ()
        mark = f"label=com.docker.compose.project={self.project}"
        return (await docker(kind, "ls", "--quiet", *everything, "--filter", mark)).split()

    @property
    def links(self) -> Links:
        """Return the signer of links that the stack's letters use."""
        return Links(self.env["PRACTIO_PAGES_HTTP"], [self.secrets[LINKS]])

    @property
    def secrets(self) -> Mapping[str, str]:
        """Return the stack's passwords by account, and its key of links."""
        stack = load_stack(self.home)
        assert stack is not None
        return stack.secrets

    @property
    def mail(self) -> MailCatcher:
        """Return the mail catcher that receives the stack's letters."""
        return MailCatcher(self.env["PRACTIO_MAIL_HTTP"])

    def subjects(self, address: str) -> list[str]:
        """Return the subjects of the letters to an address, in order of arrival."""
        return [letter.subject for letter in self.mail.letters if letter.to == address]


async def docker(*arguments: str, environment: Mapping[str, str] | None = None, received: str = "") -> str:
    """Run `docker` with ``received`` on its standard input, and return its output."""
    return await run("docker", *arguments, environment=environment or {}, received=received)


async def run(*command: str, environment: Mapping[str, str], received: str = "") -> str:
    """Run a command without the caller's own PRACTIO_ settings; return its output, and fail if it fails."""
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**_others(os.environ.items()), **environment},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, complaint = await process.communicate(received.encode())
    assert process.returncode == 0, f"{' '.join(command)}: {process.returncode}\n{complaint.decode()}"
    return output.decode()


def _others(settings: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {key: value for key, value in settings if not key.startswith(("PRACTIO_", "COMPOSE_"))}
