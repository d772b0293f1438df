"""The timelines of memberships, from membership's events, which may come late, twice or out of order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, func
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.bulk import Given, upsert_rows
from practio_contracts.membership import (
    Declined,
    Joined,
    Membership,
    MembershipEvent,
    MembershipReplayed,
    OfferDeclined,
    OfferLapsed,
    Requested,
    RequestLapsed,
    SeatOffered,
    Status,
    Waitlisted,
)
from practio_contracts.message import Message
from practio_rooms.tables import TimelineRow, metadata

_STEPS: dict[type[Message], str] = {
    Requested: "requested_at",
    Waitlisted: "waitlisted_at",
    SeatOffered: "offered_at",
    Joined: "joined_at",
    Declined: "declined_at",
}
_LEFT = "left_at"
"""The step of all other events: the membership ended."""

_STEP_OF_STATUS: dict[Status, str | None] = {
    Status.INVITED: None,
    Status.REQUESTED: "requested_at",
    Status.WAITLISTED: "waitlisted_at",
    Status.OFFERED: "offered_at",
    Status.JOINED: "joined_at",
    Status.DECLINED: "declined_at",
}
"""The step that led to a status, if it is known; any other status ended the membership."""

_BY_STATUS = (MembershipReplayed, OfferLapsed, OfferDeclined, RequestLapsed)
"""Events whose step is that of the status: a membership may have ended, or, after an offer lapsed, go on."""

_TIMELINE: Table = metadata.tables[TimelineRow.__tablename__]
_COLUMNS = (*_STEPS.values(), _LEFT)


@dataclass(slots=True)
class TimelineBatch:
    """The steps that a batch received."""

    _received: dict[UUID, dict[str, Any]] = field(default_factory=dict)

    def record(self, event: MembershipEvent) -> None:
        """Record when a step was taken; the earliest instant counts, so the order of events does not matter.

        An invitation is no step: nothing is recorded of a person who was merely invited.
        """
        membership = event.membership
        if membership.status is Status.INVITED:
            return
        row = self._received.setdefault(membership.membership_id, _empty_row(membership))
        if step := _step_of(event):
            row[step] = min(row[step] or membership.since, membership.since)

    async def write(self, session: AsyncSession) -> None:
        """Write the steps received since the last time."""
        rows = [row for _, row in sorted(self._received.items())]
        await upsert_rows(session, _TIMELINE, rows, key=["membership_id"], change=_earliest)
        self._received.clear()


def _earliest(given: Given) -> Mapping[str, Any]:
    return {name: func.least(_TIMELINE.c[name], given[name]) for name in _COLUMNS}


def _step_of(event: MembershipEvent) -> str | None:
    if isinstance(event, _BY_STATUS):
        return _STEP_OF_STATUS.get(event.membership.status, _LEFT)
    return _STEPS.get(type(event), _LEFT)


def _empty_row(membership: Membership) -> dict[str, Any]:
    steps: dict[str, datetime | None] = dict.fromkeys(_COLUMNS)
    return {
        "membership_id": membership.membership_id,
        "room_id": membership.room_id,
        "person_id": membership.person_id,
        **steps,
    }
