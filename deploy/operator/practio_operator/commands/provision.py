"""`practio provision`."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from practio_operator.console import console, for_programs, step
from practio_operator.errors import OperatorError
from practio_operator.provisioning.database import sql_file
from practio_operator.provisioning.definitions import definitions_file
from practio_operator.provisioning.provision import migrate, provision
from practio_operator.provisioning.settings import (
    PAGES_PASSWORD,
    read_delays,
    read_passwords,
    read_servers,
    safe_secret,
)
from practio_operator.provisioning.target import ProvisionTarget


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
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Make broker and database ready for the services. Run it again at any time: it makes what is missing.

    It needs PRACTIO_BROKER_URL and PRACTIO_DATABASE_URL with administrator's rights (PRACTIO_MANAGEMENT_URL where
    RabbitMQ's management does not listen on its usual port), and three passwords a service, which it sets:
    PRACTIO_ROOMS_BROKER_PASSWORD, PRACTIO_ROOMS_OWNER_PASSWORD and PRACTIO_ROOMS_WORK_PASSWORD, likewise for MEMBERSHIP
    and NOTIFICATIONS. Where PRACTIO_PAGES_BROKER_PASSWORD is set, the account of pages is made too.

    Each variable may instead be given as a file: PRACTIO_ROOMS_BROKER_PASSWORD_FILE=/run/secrets/… With
    PRACTIO_ENVIRONMENT=production it refuses the demo's passwords and servers that are spoken with unprotected.

    Example: practio provision --migrate
    """
    if definitions or sql:
        written = [*_written(definitions, definitions_file), *_written(sql, sql_file)]
        if as_json:
            console.print_json(data={"wrote": written})
        else:
            console.print(f"Wrote {' and '.join(written)}.", markup=False)
        return
    target = replace(
        read_servers(read_delays(retry_seconds)), passwords=read_passwords(), pages_password=safe_secret(PAGES_PASSWORD)
    )
    with for_programs(as_json):
        migrated = _provisioned(target, with_migrations=with_migrations)
    if as_json:
        console.print_json(data={"provisioned": True, "migrated": migrated})
    elif with_migrations:
        console.print(f"Up to date: {', '.join(migrated) or 'no service is installed here'}.")


def _provisioned(target: ProvisionTarget, *, with_migrations: bool) -> list[str]:
    with step("Provisioning broker and database"):
        asyncio.run(provision(target))
    if not with_migrations:
        return []
    with step("Migrating the services' schemas"):
        return asyncio.run(migrate(target))


def _written(path: Path | None, text: Callable[[], str]) -> Iterator[str]:
    if path is None:
        return
    try:
        path.write_text(text())
    except OSError as error:
        raise OperatorError(f"{path} cannot be written: {error.strerror}.") from None
    yield str(path)
