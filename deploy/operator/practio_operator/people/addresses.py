"""The addresses of a person, which only notifications knows."""

from uuid import UUID

from practio_operator.provisioning.database import administering
from practio_operator.provisioning.target import ProvisionTarget

ADDRESS_TABLES = ("contact", "former_address")
"""The tables of notifications that have the addresses of people, in the column ``email``."""

_ADDRESSES = " UNION ".join(
    f"SELECT lower(email) FROM notifications.{table} WHERE person_id = $1 AND email IS NOT NULL"
    for table in ADDRESS_TABLES
)


async def addresses_of(target: ProvisionTarget, person: UUID) -> list[str]:
    """Return the present and former addresses of a person, in lower case. Raise OperatorError if anything fails."""
    async with administering(target) as connection:
        return sorted(row[0] for row in await connection.fetch(_ADDRESSES, person))
