"""The person whom a link is for: their language, their time zone, and the version of their links."""

from dataclasses import dataclass
from uuid import UUID

from practio_operator.console.errors import OperatorError
from practio_operator.provisioning.database import administering
from practio_operator.provisioning.target import ProvisionTarget

_CONTACT = """
    SELECT email, locale, time_zone, link_version, link_version + calendar_version AS version_of_calendar
    FROM notifications.contact WHERE person_id = $1"""


@dataclass(frozen=True, slots=True)
class Holder:
    """What a link carries of its person; the address of their calendar has a version of its own."""

    person_id: UUID
    locale: str
    time_zone: str
    version: int
    version_of_calendar: int


async def holder_of(target: ProvisionTarget, person: UUID) -> Holder:
    """Return the person as notifications knows them; raise OperatorError if they are unknown or erased."""
    async with administering(target) as connection:
        row = await connection.fetchrow(_CONTACT, person)
    if row is None:
        raise OperatorError(f"Nobody with the id {person} is known: no directory has published them.")
    if row["email"] is None:
        raise OperatorError(f"{person} is erased: no link opens their pages any more.")
    return Holder(person, row["locale"], row["time_zone"], row["link_version"], row["version_of_calendar"])
