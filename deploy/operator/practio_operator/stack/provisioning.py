"""Provisioning the servers of a stack: accounts, passwords, schemas, and one outside account."""

from practio_operator.console.output import error_console, step
from practio_operator.provisioning.accounts import add_publisher
from practio_operator.provisioning.pages_account import PAGES
from practio_operator.provisioning.provision import migrate, provision
from practio_operator.provisioning.target import ProvisionTarget, ServicePasswords, owner_role, work_role
from practio_operator.stack.servers import Servers
from practio_operator.stack.stack import PUBLISHER, SERVICES, StackConfig

PUBLISHER_MAY = ("rooms.*", "membership.*", "notifications.*", "people.*")
"""The grants of the stack's outside account: every command, every query, and people."""


def provision_target(stack: StackConfig, servers: Servers) -> ProvisionTarget:
    """Return the servers of a stack, with its passwords."""
    return ProvisionTarget(
        broker_url=servers.broker_url,
        management_url=servers.management_url,
        database_url=servers.database_url,
        passwords={service: _passwords(stack, service) for service in SERVICES},
        pages_password=stack.secrets[PAGES],
    )


async def provision_stack(stack: StackConfig, servers: Servers) -> None:
    """Bring topology, accounts, roles and schemas up to date, and the outside account; it may be repeated.

    The outside account comes last: its right to act as the system is recorded in the schemas.
    """
    target, password = provision_target(stack, servers), stack.secrets[PUBLISHER]
    with step("Provisioning the broker and the database"):
        faults = await provision(target)
    for fault in faults:
        error_console.print(f"{fault}.", markup=False)
    with step("Migrating the schemas of the services"):
        await migrate(target)
        await add_publisher(target, PUBLISHER, password, may=PUBLISHER_MAY, listen=["#"], as_system=True)


def _passwords(stack: StackConfig, service: str) -> ServicePasswords:
    return ServicePasswords(
        broker=stack.secrets[f"practio-{service}"],
        owner=stack.secrets[owner_role(service)],
        work=stack.secrets[work_role(service)],
    )
