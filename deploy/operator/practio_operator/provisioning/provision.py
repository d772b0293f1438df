"""Preparing broker and database for the services, for `practio provision` and for a new stack."""

import asyncio
import os
import sys
from importlib.util import find_spec

from practio_chassis.broker.topology import Carriage, services_topology
from practio_contracts.catalogue import SERVICES, account_of
from practio_operator.console.errors import OperatorError
from practio_operator.execution.concurrency import run_all
from practio_operator.provisioning.accounts import renew_grants
from practio_operator.provisioning.broker import apply_topology, management
from practio_operator.provisioning.carriage import carriages, let_events_go_singly
from practio_operator.provisioning.database import provision_database
from practio_operator.provisioning.message_size import message_size_faults
from practio_operator.provisioning.newer_keys import with_newer_keys
from practio_operator.provisioning.pages_account import create_pages_account
from practio_operator.provisioning.settings import DATABASE
from practio_operator.provisioning.shards import queues_needed, spread, want_shards
from practio_operator.provisioning.target import ProvisionTarget, ServicePasswords

__all__ = ["ProvisionTarget", "ServicePasswords", "migrate", "provision", "spread_commands"]


async def provision(target: ProvisionTarget) -> list[str]:
    """Create what is missing for the services; when repeated, change only passwords, limits and grants.

    The grants of outside accounts are applied to the messages of this release. Return a sentence for each setting of
    the broker that only its operator can change and that is not safe.

    Raise OperatorError with one sentence if a server is down, refuses, or has other objects under our names.
    """
    await provision_database(target)
    if await _provision_broker(target, await queues_needed(target)) is Carriage.SINGLY:
        await let_events_go_singly(target)
    if target.pages_password:
        await create_pages_account(target, target.pages_password)
    await renew_grants(target)
    async with management(target) as broker:
        return await message_size_faults(broker)


async def migrate(target: ProvisionTarget) -> list[str]:
    """Migrate the schemas of the services installed here, each as its owner; return their names.

    Raise OperatorError with the last lines of a failed migration.
    """
    installed = [service for service in SERVICES if find_spec(f"practio_{service}")]
    await run_all(*(_migrate(target, service) for service in installed))
    return installed


async def spread_commands(target: ProvisionTarget) -> str | None:
    """Spread the commands of membership as the target wants it; return a sentence for the operator, if there is one.

    Raise OperatorError if a server refuses, or if the schema must be migrated first.
    """
    await want_shards(target)
    present = await spread(target)
    return present.sentence if present else None


async def _provision_broker(target: ProvisionTarget, shards: int) -> Carriage:
    """Apply the topology; return how events travel from now on."""
    passwords = {account_of(service): secret.broker for service, secret in target.passwords.items()}
    async with management(target) as broker:
        held = await broker.get("topic-permissions")
        async for carriage in carriages(broker, target.carriage):
            topology = services_topology(target.retry_delays, carriage, shards=shards)
            await apply_topology(broker, with_newer_keys(topology, held, vhost=target.vhost), passwords=passwords)
        return carriage


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
        raise OperatorError(f"The schema {service} could not be migrated:\n{last}")


def _without_file(name: str) -> dict[str, str]:
    """Return the environment without ``<name>_FILE``: a setting and its file exclude each other."""
    return {key: value for key, value in os.environ.items() if key != f"{name}_FILE"}
