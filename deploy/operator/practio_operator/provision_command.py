"""`practio provision`."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from practio_operator.console import console, step
from practio_operator.provision import migrate, provision
from practio_operator.provision_database import sql_file
from practio_operator.provision_definitions import definitions_file
from practio_operator.provision_settings import PAGES_PASSWORD, delays_told, passwords_told, safe_secret, servers_told


def provision_command(
    with_migrations: Annotated[
        bool,
        typer.Option("--migrate", help="Then migrate the schemas of the services installed here, each as its owner."),
    ] = False,
    retry_seconds: Annotated[
        str, typer.Option(envvar="PRACTIO_RETRY_SECONDS", help="Delays before a failed message is tried again.")
    ] = "5,60,600",
    definitions: Annotated[
        Path | None,
        typer.Option(help="Only write the broker's definitions here, without secrets; no server is needed."),
    ] = None,
    sql: Annotated[
        Path | None, typer.Option(help="Only write the database's roles and schemas here, without secrets.")
    ] = None,
) -> None:
    """Make broker and database ready for the services. Run it again at any time: it makes what is missing.

    It needs PRACTIO_BROKER_URL and PRACTIO_DATABASE_URL with administrator's rights (PRACTIO_MANAGEMENT_URL where
    RabbitMQ's management does not listen on its usual port), and three passwords a service, which it sets:
    PRACTIO_ROOMS_BROKER_PASSWORD, PRACTIO_ROOMS_OWNER_PASSWORD and PRACTIO_ROOMS_WORK_PASSWORD, likewise for MEMBERSHIP
    and NOTIFICATIONS. Where PRACTIO_PAGES_BROKER_PASSWORD is set, the account of pages is made too.

    Each variable may instead be given as a file: PRACTIO_ROOMS_BROKER_PASSWORD_FILE=/run/secrets/… With
    PRACTIO_ENVIRONMENT=production it refuses the demo's passwords and servers that are spoken with unprotected.
    """
    if definitions or sql:
        _write(definitions, definitions_file())
        _write(sql, sql_file())
        return
    target = replace(
        servers_told(delays_told(retry_seconds)), passwords=passwords_told(), pages_password=safe_secret(PAGES_PASSWORD)
    )
    with step("Provisioning broker and database"):
        asyncio.run(provision(target))
    if with_migrations:
        with step("Migrating the services' schemas"):
            migrated = asyncio.run(migrate(target))
        console.print(f"Up to date: {', '.join(migrated) or 'no service is installed here'}.")


def _write(path: Path | None, text: str) -> None:
    if path:
        path.write_text(text)
        console.print(f"Wrote {path}.")
