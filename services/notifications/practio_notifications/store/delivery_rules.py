"""Delivery rules of a letter: its reader's preferences, and whether the address is suppressed."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.reading import UNREADABLE
from practio_contracts.mail_addresses import address_key
from practio_contracts.notifications import Preferences
from practio_notifications.letters.relevance import Contact, Situation
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
    session: AsyncSession, letters: Sequence[LetterRow], situations: Sequence[Situation | None]
) -> list[DeliveryRules | None]:
    """Return each letter's rules, in order, with one query per table; None if this release cannot read them."""
    wanted = await preferences_of(session, {letter.person_id for letter in letters})
    readers = [each.reader if each and isinstance(each.reader, Contact) else None for each in situations]
    suppressed = await suppressed_of(session, {address_key(reader.email) for reader in readers if reader})
    return [
        _rules(wanted.get(letter.person_id), reader, suppressed)
        for letter, reader in zip(letters, readers, strict=True)
    ]


def _rules(preferences: Preferences | None, reader: Contact | None, suppressed: Container[str]) -> DeliveryRules | None:
    if preferences is None:
        return None
    try:
        zone = ZoneInfo(reader.time_zone if reader else "UTC")
    except UNREADABLE:
        return None
    return DeliveryRules(preferences, zone, reader is not None and address_key(reader.email) in suppressed)
