"""What the services store about a person, read from every table of the list of personal data."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from practio_chassis.personal_data import PLACES, Place
from practio_operator.provisioning.database import administering
from practio_operator.provisioning.target import ProvisionTarget


async def rows_about(target: ProvisionTarget, person: UUID) -> dict[str, dict[str, list[Any]]]:
    """Return the rows about a person, by service and table, as JSON values. Raise OperatorError if anything fails."""
    async with administering(target) as connection, connection.transaction(readonly=True):
        return {service: await _rows_of(connection, service, places, person) for service, places in PLACES.items()}


async def addresses_of(target: ProvisionTarget, person: UUID) -> list[str]:
    """Return the present and former addresses of a person, in lower case. Raise OperatorError if anything fails."""
    async with administering(target) as connection:
        found = [await _addresses(connection, service, places, person) for service, places in PLACES.items()]
    return sorted({address for of_service in found for address in of_service})


async def _rows_of(
    connection: asyncpg.Connection, service: str, places: Sequence[Place], person: UUID
) -> dict[str, list[Any]]:
    addresses = await _addresses(connection, service, places, person)
    found = {}
    for place in places:
        conditions = [f"$1 = ANY(ARRAY[{name}]::uuid[])" for name in place.people]
        values: list[Any] = [person] if conditions else []
        if place.address:
            conditions.append(f"{place.address} = ANY(${len(values) + 1}::text[])")
            values.append(addresses)
        query = f"SELECT to_jsonb(each)::text FROM {service}.{place.table} AS each WHERE {' OR '.join(conditions)}"
        rows = [json.loads(row[0]) for row in await connection.fetch(query, *values)]
        if rows:
            found[place.table] = [_readable(row) for row in rows]
    return found


async def _addresses(connection: asyncpg.Connection, service: str, places: Sequence[Place], person: UUID) -> list[str]:
    """Return the present and former addresses of a person, in lower case."""
    found: list[str] = []
    for place in places:
        if place.addresses:
            query = f"SELECT lower({place.addresses}) FROM {service}.{place.table} WHERE person_id = $1"
            found += [row[0] for row in await connection.fetch(query, person) if row[0]]
    return found


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row without what only the service uses, and with a stored answer as JSON values."""
    answer = row.get("answer")
    if isinstance(answer, str) and answer.startswith("\\x"):
        row["answer"] = json.loads(bytes.fromhex(answer[2:]))
    return {name: value for name, value in row.items() if name != "words"}
