"""The services, pages, the gateway and the mail catcher of a stack without Docker, as programs for its supervisor."""

import sys
from pathlib import Path

import httpx

from practio_operator.execution.http import NO_AUTHORITIES
from practio_operator.provisioning.pages_account import PAGES
from practio_operator.stack.choices import SELF_INTRODUCTION, START_ROOMS, chosen
from practio_operator.stack.programs import Program
from practio_operator.stack.servers import Servers
from practio_operator.stack.stack import GATEWAY, LINKS, SERVICES, StackConfig


def service_programs(stack: StackConfig, servers: Servers) -> list[Program]:
    """Return the programs of the services, each with its own account, role and port only."""
    return [
        Program(
            name=service,
            command=(sys.executable, "-m", f"practio_{service}", "serve"),
            environment=_settings(service, stack, servers),
        )
        for service in SERVICES
    ]


def pages_program(stack: StackConfig, servers: Servers) -> Program:
    """Return the program of pages, with an outside account and no database."""
    return Program(
        name=PAGES,
        command=(sys.executable, "-m", "practio_pages", "serve"),
        environment={
            "PRACTIO_BROKER_URL": servers.broker_as(PAGES, stack.secrets[PAGES]),
            "PRACTIO_HTTP_PORT": str(stack.ports.pages),
            "PYTHONUNBUFFERED": "1",
            **_links(stack),
            **chosen(SELF_INTRODUCTION, START_ROOMS),
        },
    )


def gateway_program(stack: StackConfig, servers: Servers) -> Program:
    """Return the program of the gateway, without an account: callers bring theirs."""
    return Program(
        name=GATEWAY,
        command=(sys.executable, "-m", "practio_gateway", "serve"),
        environment={
            "PRACTIO_BROKER_ADDRESS": servers.broker_address,
            "PRACTIO_HTTP_PORT": str(stack.ports.gateway),
            "PYTHONUNBUFFERED": "1",
        },
    )


def mail_program(stack: StackConfig, folder: Path) -> Program:
    """Return the program of aiosmtpd, which adds every letter to this Maildir."""
    catcher = ("-m", "aiosmtpd", "--nosetuid", "--smtputf8", "--listen", f"127.0.0.1:{stack.ports.mail}")
    return Program(
        name="mail",
        command=(sys.executable, *catcher, "--class", "aiosmtpd.handlers.Mailbox", str(folder)),
        stop_seconds=5,
    )


def http_url(stack: StackConfig, name: str) -> str:
    """Return the base URL of a service's health, metrics and docs, of the site of pages, or of the gateway."""
    return f"http://127.0.0.1:{stack.ports.of(name)}"


async def is_ready(base_url: str) -> bool:
    """Return whether a service, or pages, reports that it is ready."""
    async with httpx.AsyncClient(verify=NO_AUTHORITIES, trust_env=False, timeout=5) as client:
        try:
            answer = await client.get(f"{base_url}/readyz")
        except httpx.HTTPError:
            return False
    return answer.status_code == httpx.codes.OK


def _settings(service: str, stack: StackConfig, servers: Servers) -> dict[str, str]:
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
            **_links(stack),
            **chosen(SELF_INTRODUCTION),
        }
    return settings


def _links(stack: StackConfig) -> dict[str, str]:
    """Return the settings that notifications, which signs links, and pages, which reads them, share."""
    return {"PRACTIO_PAGES_URL": http_url(stack, PAGES), "PRACTIO_LINK_KEYS": stack.secrets[LINKS]}
