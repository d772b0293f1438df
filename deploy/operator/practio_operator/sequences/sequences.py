"""The newest event of a subject that services have received from outside systems, read and forgotten in their schemas.

A service ignores an event whose sequence is not above the newest one. So one absurd number silences all later events of
its subject from the same account, until the number is forgotten.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from practio_contracts.catalogue import SERVICES
from practio_operator.provisioning.database import administering
from practio_operator.provisioning.target import ProvisionTarget

# Up to release 1.0 numbers of outside systems were kept by source alone, in the table of the services' own.
_OUTSIDE = """
    SELECT account, source, subject, sequence FROM {schema}.latest_by_account
    UNION ALL
    SELECT '', source, subject, sequence FROM {schema}.latest WHERE source NOT LIKE '/practio/%'
"""


@dataclass(frozen=True, slots=True)
class NewestSequence:
    """The newest sequence that ``service`` has received of ``subject``; ``account`` is empty if it was not recorded."""

    service: str
    account: str
    source: str
    subject: str
    sequence: int


async def newest_sequences(target: ProvisionTarget, subject: str) -> list[NewestSequence]:
    """Return the newest sequences of a subject, such as a person's id. Raise OperatorError without a database."""
    async with administering(target) as connection:
        return [each for service in SERVICES for each in await _of(connection, service, subject)]


async def forget_sequences(target: ProvisionTarget, wanted: Sequence[NewestSequence]) -> None:
    """Forget sequences: the next event of the subject is accepted, whatever its number. Raise OperatorError."""
    async with administering(target) as connection, connection.transaction():
        for each in wanted:
            key = (each.source, each.subject)
            if each.account:
                by_account = f"DELETE FROM {each.service}.latest_by_account"
                await connection.execute(
                    f"{by_account} WHERE (source, subject, account) = ($1, $2, $3)", *key, each.account
                )
            else:
                await connection.execute(f"DELETE FROM {each.service}.latest WHERE (source, subject) = ($1, $2)", *key)


async def _of(connection: asyncpg.Connection, service: str, subject: str) -> list[NewestSequence]:
    query = f"SELECT * FROM ({_OUTSIDE.format(schema=service)}) AS outside WHERE subject = $1 ORDER BY account, source"
    return [NewestSequence(service, **row) for row in await connection.fetch(query, subject)]
