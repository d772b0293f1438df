"""Broker and database made ready for the services: `practio provision` and all that starts a stack."""

import asyncio
import os
import sys
from importlib.util import find_spec

from practio_chassis.broker.topology import services_topology
from practio_contracts.catalogue import SERVICES, account_of
from practio_operator.errors import OperatorError
from practio_operator.pages import admit_pages
from practio_operator.provisioning.broker import apply_topology, management
from practio_operator.provisioning.database import provision_database
from practio_operator.provisioning.settings import DATABASE
from practio_operator.provisioning.target import ProvisionTarget, ServicePasswords
from practio_operator.together import together

__all__ = ["ProvisionTarget", "ServicePasswords", "migrate", "provision"]


async def provision(target: ProvisionTarget) -> None:
    """Create what the services need and is missing; repeated, it changes only passwords and limits.

    Raise OperatorError with one sentence if a server is down, refuses, or has something else under our names.
    """
    await together(_provision_broker(target), provision_database(target))
    if target.pages_password:
        await admit_pages(target, target.pages_password)


async def migrate(target: ProvisionTarget) -> list[str]:
    """Migrate the schemas of the services installed here, each as its owner; return their names.

    Raise OperatorError with the last lines of a failed migration.
    """
    installed = [service for service in SERVICES if find_spec(f"practio_{service}")]
    await together(*(_migrate(target, service) for service in installed))
    return installed


async def _provision_broker(target: ProvisionTarget) -> None:
    passwords = {account_of(service): secret.broker for service, secret in target.passwords.items()}
    async with management(target) as broker:
        await apply_topology(broker, services_topology(target.retry_delays), passwords=passwords)


async def _migrate(target: ProvisionTarget, service: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        f"practio_{service}",
        "migrate",
        env=_without_file(DATABASE) | {DATABASE: target.database_of_owner(service)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    if process.returncode:
        last = "\n".join(output.decode(errors="replace").splitlines()[-8:])
        raise OperatorError(f"The schema {service} could not be brought up to date:\n{last}")


def _without_file(name: str) -> dict[str, str]:
    """The environment without the file of the administrator's own setting: a variable is given once."""
    return {key: value for key, value in os.environ.items() if key != f"{name}_FILE"}
