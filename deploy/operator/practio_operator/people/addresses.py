"""The addresses of a person, read from the tables of the list of personal data."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from practio_chassis.personal_data import PLACES, Place
from practio_operator.provisioning.database import administering
from practio_operator.provisioning.target import ProvisionTarget


async def addresses_of(target: ProvisionTarget, person: UUID) -> list[str]:
    """Return the present and former addresses of a person, in lower case. Raise OperatorError if anything fails."""
    async with administering(target) as connection:
        found = [await _addresses(connection, service, places, person) for service, places in PLACES.items()]
    return sorted({address for of_service in found for address in of_service})


async def _addresses(connection: asyncpg.Connection, service: str, places: Sequence[Place], person: UUID) -> list[str]:
    found: list[str] = []
    for place in places:
        if place.addresses:
            query = f"SELECT lower({place.addresses}) FROM {service}.{place.table} WHERE person_id = $1"
            found += [row[0] for row in await connection.fetch(query, person) if row[0]]
    return found
