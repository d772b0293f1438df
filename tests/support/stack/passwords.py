"""The services' passwords on the servers of a test run; accounts and roles belong to no vhost or database."""

import secrets
from collections.abc import Mapping
from functools import cache

from practio_contracts.catalogue import SERVICES
from practio_operator.provisioning.target import ServicePasswords


@cache
def service_passwords() -> Mapping[str, ServicePasswords]:
    """Return the passwords that every provisioning of this run sets, so that none locks another's services out."""
    return {name: ServicePasswords(*(secrets.token_hex(8) for _ in range(3))) for name in SERVICES}


@cache
def pages_password() -> str:
    """Return the password of the account of pages, one a run for the same reason."""
    return secrets.token_hex(8)
