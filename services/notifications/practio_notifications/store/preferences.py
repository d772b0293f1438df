"""The preferences of people."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.reading import readable
from practio_contracts.notifications import Preferences
from practio_notifications.store.projections import rows_of
from practio_notifications.tables import PreferenceRow


async def preferences_of(session: AsyncSession, people: Iterable[UUID]) -> dict[UUID, Preferences]:
    """Return the preferences of each of ``people``: those that they set, or the defaults.

    People whose preferences this release cannot read are missing.
    """
    wanted = set(people)
    unread: set[UUID] = set()
    rows = await rows_of(session, PreferenceRow.person_id, wanted)
    found = readable(rows, lambda row: Preferences.model_validate(row.preferences), unread, table="preference")
    return {each: found.get(each) or Preferences(person_id=each) for each in wanted - unread}


async def keep_preferences(session: AsyncSession, preferences: Preferences) -> bool:
    """Store a person's preferences; return whether anything changed."""
    row = await session.get(PreferenceRow, preferences.person_id)
    before = Preferences.model_validate(row.preferences) if row else Preferences(person_id=preferences.person_id)
    if before == preferences:
        return False
    data = preferences.model_dump(mode="json", by_alias=True)
    if row is None:
        session.add(PreferenceRow(person_id=preferences.person_id, preferences=data))
    else:
        row.preferences = data
    await session.flush()
    return True
