"""Offers whose letters reach nobody: their hosts are notified, once per offer."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from practio_contracts.notifications import LetterStatus
from practio_notifications.letters.compose import letter_id
from practio_notifications.letters.kinds import OFFER_UNDELIVERED
from practio_notifications.store.projections import rows_of
from practio_notifications.tables import LetterRow, RoomRow

_OFFERS = ("seat-offered", "offer-reminder")
_NOT_DELIVERED = (LetterStatus.FAILED, LetterStatus.SUPPRESSED)


async def notify_of_undelivered(session: AsyncSession, letters: Sequence[LetterRow], now: datetime) -> None:
    """Queue a letter to the host of each offer whose letter is among ``letters`` and was not delivered."""
    offers = [each for each in letters if each.kind in _OFFERS and each.status in _NOT_DELIVERED and each.cause_data]
    rooms = await rows_of(session, RoomRow.room_id, {offer.room_id for offer in offers if offer.room_id})
    rows = [
        _row(offer, UUID(rooms[offer.room_id].snapshot["host_id"]), now) for offer in offers if offer.room_id in rooms
    ]
    if rows:
        await session.execute(insert(LetterRow).values(rows).on_conflict_do_nothing())


def _row(offer: LetterRow, host_id: UUID, now: datetime) -> dict[str, object]:
    return {
        "letter_id": letter_id(offer.event_id, host_id, OFFER_UNDELIVERED.name),
        "event_id": offer.event_id,
        "correlation_id": offer.correlation_id,
        "traceparent": offer.traceparent,
        "kind": OFFER_UNDELIVERED.name,
        "person_id": host_id,
        "member_id": offer.member_id,
        "room_id": offer.room_id,
        "membership_id": offer.membership_id,
        "cause_data": offer.cause_data,
        "status": LetterStatus.QUEUED,
        "due_at": now,
        "tries": 0,
        "interrupted": False,
        "created_at": now,
    }
