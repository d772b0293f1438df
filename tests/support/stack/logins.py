"""The URLs with which services log in to the servers of a target."""

from practio_contracts.catalogue import account_of
from practio_operator.provisioning.target import ProvisionTarget, work_role


def broker_of(target: ProvisionTarget, service: str) -> str:
    """Return the AMQP URL with which a service works."""
    return target.broker_as(account_of(service), target.passwords[service].broker)


def database_of(target: ProvisionTarget, service: str) -> str:
    """Return the database URL with which a service works."""
    return target.database_as(work_role(service), target.passwords[service].work)
