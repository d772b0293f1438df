"""`practio provision`."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from practio_chassis.broker.queue_names import MOST_SHARDS
from practio_chassis.broker.topology import Carriage
from practio_operator.console.errors import OperatorError
from practio_operator.console.output import console, error_console, progress_on_stderr, step
from practio_operator.provisioning.database import sql_file
from practio_operator.provisioning.definitions import definitions_file
from practio_operator.provisioning.provision import migrate, provision, spread_commands
from practio_operator.provisioning.settings import (
    PAGES_PASSWORD,
    SHARDS,
    read_delays,
    read_passwords,
    read_safe_secret,
    read_servers,
    refuse_if_production,
)
from practio_operator.provisioning.target import ProvisionTarget


def provision_command(
    with_migrations: Annotated[
        bool,
        typer.Option(
            "--migrate", help="Afterwards migrate the schemas of the services installed here, each as its owner."
        ),
    ] = False,
    retry_seconds: Annotated[
        str,
        typer.Option(envvar="PRACTIO_RETRY_SECONDS", help="Delays before a failed message is tried again, in seconds."),
    ] = "5,60,600",
    shards: Annotated[
        int | None,
        typer.Option(
            "--membership-shards",
            envvar=SHARDS,
            min=1,
            max=MOST_SHARDS,
            help="Over how many queues the commands of membership are spread, by room. Without this option they are "
            "spread as before, in a new installation over one.",
        ),
    ] = None,
    events: Annotated[
        Carriage | None,
        typer.Option(
            help="How events travel between the services: in batches, once all of them are of a release that reads "
            "batches; singly, before one goes back to a release that does not. Without this option they travel as "
            "before, on a new broker in batches."
        ),
    ] = None,
    definitions: Annotated[
        Path | None,
        typer.Option(help="Only write the broker's definitions to this file, without secrets; no server is needed."),
    ] = None,
    sql: Annotated[
        Path | None,
        typer.Option(
            help="Only write the SQL of roles and schemas to this file, without secrets; no server is needed."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Prepare the broker and the database for the services. Run it again at any time: it creates what is missing.

    The command needs PRACTIO_BROKER_URL and PRACTIO_DATABASE_URL with administrator's rights, and
    PRACTIO_MANAGEMENT_URL if RabbitMQ's management does not use its default port. It sets three passwords per service:
    PRACTIO_ROOMS_BROKER_PASSWORD, PRACTIO_ROOMS_OWNER_PASSWORD and PRACTIO_ROOMS_WORK_PASSWORD; likewise for MEMBERSHIP
    and NOTIFICATIONS. If PRACTIO_PAGES_BROKER_PASSWORD is set, it also creates the account of pages.

    A variable may instead name a file: PRACTIO_ROOMS_BROKER_PASSWORD_FILE=/run/secrets/… With
    PRACTIO_ENVIRONMENT=production the command refuses the demo's passwords and connections without TLS.

    Example: practio provision --migrate
    """
    if definitions or sql:
        written = [*_write(definitions, definitions_file), *_write(sql, sql_file)]
        if as_json:
            console.print_json(data={"wrote": written})
        else:
            console.print(f"Wrote {' and '.join(written)}.", markup=False)
        return
    target = replace(
        read_servers(read_delays(retry_seconds)),
        passwords=read_passwords(),
        pages_password=read_safe_secret(PAGES_PASSWORD),
        shards=shards,
        carriage=events,
    )
    with progress_on_stderr(as_json):
        migrated = _provision(target, with_migrations=with_migrations)
        spread = asyncio.run(spread_commands(target))
    if as_json:
        console.print_json(data={"provisioned": True, "migrated": migrated})
        return
    if with_migrations:
        console.print(f"Up to date: {', '.join(migrated) or 'no service is installed here'}.")
    if spread:
        console.print(spread, markup=False)


def _provision(target: ProvisionTarget, *, with_migrations: bool) -> list[str]:
    with step("Provisioning broker and database"):
        faults = asyncio.run(provision(target))
    refuse_if_production(faults)
    for fault in faults:
        error_console.print(f"{fault}.", markup=False)
    if not with_migrations:
        return []
    with step("Migrating the services' schemas"):
        return asyncio.run(migrate(target))


def _write(path: Path | None, text: Callable[[], str]) -> Iterator[str]:
    if path is None:
        return
    try:
        path.write_text(text())
    except OSError as error:
        raise OperatorError(f"{path} cannot be written: {error.strerror}.") from None
    yield str(path)
