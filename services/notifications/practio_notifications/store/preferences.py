"""The preferences of people."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from practio_contracts.notifications import Preferences
from practio_notifications.store.projections import rows_of
from practio_notifications.tables import PreferenceRow


async def preferences_of(session: AsyncSession, people: Iterable[UUID]) -> dict[UUID, Preferences]:
    """Return the preferences of each of ``people``: those that they set, or the defaults."""
    wanted = set(people)
    rows = await rows_of(session, PreferenceRow.person_id, wanted)
    return {
        person_id: Preferences.model_validate(row.preferences)
        if (row := rows.get(person_id))
        else Preferences(person_id=person_id)
        for person_id in wanted
    }


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


async def forget_preferences(session: AsyncSession, person_id: UUID) -> None:
    """Delete a person's preferences."""
    await session.execute(delete(PreferenceRow).where(PreferenceRow.person_id == person_id))
