"""The services and the mail catcher of a stack without Docker, as programs for its supervisor."""

import sys
from pathlib import Path

import httpx

from practio_operator.local.programs import Program
from practio_operator.local.servers import Servers
from practio_operator.local.stack import SERVICES, Stack


def service_programs(stack: Stack, servers: Servers) -> list[Program]:
    """The services, each with its own account, role and port, and no more than that."""
    return [
        Program(
            name=service,
            command=(sys.executable, "-m", f"practio_{service}", "serve"),
            environment=_settings(service, stack, servers),
        )
        for service in SERVICES
    ]


def mail_program(stack: Stack, folder: Path) -> Program:
    """aiosmtpd, which puts every letter into this Maildir and keeps those that are there."""
    catcher = ("-m", "aiosmtpd", "--nosetuid", "--smtputf8", "--listen", f"127.0.0.1:{stack.ports.mail}")
    return Program(
        name="mail",
        command=(sys.executable, *catcher, "--class", "aiosmtpd.handlers.Mailbox", str(folder)),
        stop_seconds=5,
    )


def service_url(stack: Stack, service: str) -> str:
    """The base URL of a service's health, metrics and docs."""
    return f"http://127.0.0.1:{stack.ports.of(service)}"


async def is_ready(base_url: str) -> bool:
    """Whether a service says that it can work."""
    async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
        try:
            answer = await client.get(f"{base_url}/readyz")
        except httpx.HTTPError:
            return False
    return answer.status_code == httpx.codes.OK


def _settings(service: str, stack: Stack, servers: Servers) -> dict[str, str]:
    account, role = f"practio-{service}", f"practio_{service}"
    settings = {
        "PRACTIO_BROKER_URL": servers.broker_as(account, stack.secrets[account]),
        "PRACTIO_DATABASE_URL": servers.database_as(role, stack.secrets[role]),
        "PRACTIO_HTTP_PORT": str(stack.ports.of(service)),
        "PYTHONUNBUFFERED": "1",
    }
    if service == "notifications":
        settings |= {
            "PRACTIO_SMTP_HOST": "127.0.0.1",
            "PRACTIO_SMTP_PORT": str(stack.ports.mail),
            "PRACTIO_SMTP_SECURITY": "none",
            "PRACTIO_MAIL_FROM": "Practio <practio@localhost.localdomain>",
        }
    return settings
