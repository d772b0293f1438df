"""Delivery rules of a letter: its reader's preferences, and whether the address is suppressed."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from practio_contracts.notifications import Preferences
from practio_notifications.letters.relevance import Contact, Situation
from practio_notifications.letters.suppression import address_key
from practio_notifications.store.preferences import preferences_of
from practio_notifications.store.suppressions import suppressed_of
from practio_notifications.tables import LetterRow


@dataclass(frozen=True, slots=True)
class DeliveryRules:
    """The preferences of a letter's reader, their time zone, and whether the address is suppressed."""

    preferences: Preferences
    zone: ZoneInfo
    suppressed: bool


async def delivery_rules_of(
    session: AsyncSession, letters: Sequence[LetterRow], situations: Sequence[Situation]
) -> list[DeliveryRules]:
    """Return each letter's rules, in order, with one query per table."""
    wanted = await preferences_of(session, {letter.person_id for letter in letters})
    readers = [situation.reader if isinstance(situation.reader, Contact) else None for situation in situations]
    suppressed = await suppressed_of(session, {address_key(reader.email) for reader in readers if reader})
    return [
        DeliveryRules(
            preferences=wanted[letter.person_id],
            zone=ZoneInfo(reader.time_zone if reader else "UTC"),
            suppressed=reader is not None and address_key(reader.email) in suppressed,
        )
        for letter, reader in zip(letters, readers, strict=True)
    ]
