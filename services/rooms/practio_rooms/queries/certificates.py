"""Certificates of attendance: for their person, and by their code for everybody."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.rooms import Certificate, GetCertificate, Room, Verification, VerifyCertificate
from practio_rooms.domain.certificates import CERTIFICATE_UNKNOWN, read_code, written_code
from practio_rooms.domain.room import ROOM_UNKNOWN, is_visible_to, not_allowed
from practio_rooms.store.certificates import attended
from practio_rooms.tables import CertificateRow, RoomRow

_NOT_THEIRS = not_allowed("a certificate is for its person alone: others verify its code")


async def get_certificate(
    query: ReceivedMessage[GetCertificate], session: AsyncSession, now: datetime
) -> Certificate | Refusal:
    """Return what a person attended in a room, and the code."""
    asked, by = query.message, query.actor
    if by not in (asked.person_id, SYSTEM):
        return _NOT_THEIRS
    room = await _room(session, asked.room_id)
    if room is None or not is_visible_to(room, by):
        return ROOM_UNKNOWN
    theirs = (CertificateRow.person_id == asked.person_id, CertificateRow.room_id == asked.room_id)
    row = (await session.scalars(select(CertificateRow).where(*theirs))).one_or_none()
    certified = await _certified(session, row, room, now) if row else None
    return Certificate.model_validate(certified) if certified else CERTIFICATE_UNKNOWN


async def verify_certificate(
    query: ReceivedMessage[VerifyCertificate], session: AsyncSession, now: datetime
) -> Verification:
    """Return what a code certifies, without a name; of codes that are not valid, nothing."""
    code = read_code(query.message.code)
    row = await session.get(CertificateRow, code) if code else None
    room = await _room(session, row.room_id) if row else None
    certified = await _certified(session, row, room, now) if row and room else None
    return Verification.model_validate({"valid": True, **certified}) if certified else Verification(valid=False)


async def _room(session: AsyncSession, room_id: UUID) -> Room | None:
    snapshot = await session.scalar(select(RoomRow.snapshot).where(RoomRow.room_id == room_id))
    return Room.model_validate(snapshot) if snapshot else None


async def _certified(session: AsyncSession, row: CertificateRow, room: Room, now: datetime) -> dict[str, Any] | None:
    """Return what a certificate states; None if no session was attended."""
    found = await attended(session, row, now)
    days = found.days_in(room)
    if days is None:
        return None
    return {
        "title": room.title,
        "format": room.format,
        "from": days[0],
        "to": days[1],
        "sessions_attended": found.sessions,
        "minutes": found.minutes,
        "code": written_code(row.code),
    }
