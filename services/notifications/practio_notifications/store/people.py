"""People as letters know them: how to reach them, or that they are erased."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Uuid, bindparam, column, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from practio_notifications.letters.relevance import Contact, Erased, Person
from practio_notifications.tables import CHASSIS_TABLES, ContactRow

_FORGOTTEN = CHASSIS_TABLES.forgotten
_ASKED = (
    func.unnest(bindparam("people", type_=ARRAY(Uuid())))
    .table_valued(column("id", Uuid()))
    .render_derived(name="asked")
)
_PEOPLE = (
    select(_ASKED.c.id, ContactRow, _FORGOTTEN.c.person_id.is_not(None).label("is_erased"))
    .select_from(_ASKED)
    .outerjoin(ContactRow, ContactRow.person_id == _ASKED.c.id)
    .outerjoin(_FORGOTTEN, _FORGOTTEN.c.person_id == _ASKED.c.id)
)


async def people_of(session: AsyncSession, people: Collection[UUID]) -> dict[UUID, Person]:
    """Return each of ``people``; None if the directory has not published all of them that a letter needs."""
    found = await session.execute(_PEOPLE, {"people": list(people)})
    return {person_id: Erased() if is_erased else _contact(row) for person_id, row, is_erased in found}


def _contact(row: ContactRow | None) -> Contact | None:
    if row is None or row.display_name is None or row.email is None or row.locale is None or row.time_zone is None:
        return None
    return Contact(row.display_name, row.email, row.locale, row.time_zone, row.link_version, introduced=row.introduced)
