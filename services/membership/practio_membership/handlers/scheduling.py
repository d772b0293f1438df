"""Timers: offers, requests and invitations lapse, and hosts are reminded."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from practio_chassis.context import MessageContext
from practio_contracts.membership import (
    LapseInvitation,
    LapseOffer,
    LapseRequest,
    RemindOfRequest,
    RequestUnanswered,
    Status,
)
from practio_contracts.message import InternalCommand
from practio_contracts.rooms import Access
from practio_membership.domain.changes import Transition
from practio_membership.store import Loaded

REMINDERS = (3, 7)
"""The days without a decision after which a request is announced: to the host, then to the other offices."""

NAMES = {
    Status.OFFERED: ("offer",),
    Status.REQUESTED: ("request", "reminder"),
    Status.INVITED: ("invitation",),
}
"""The timers that a person may have, by status."""

Due = tuple[str, datetime, InternalCommand]


def schedule_timers(transition: Transition, access: Access, context: MessageContext[Loaded]) -> None:
    """Set the timers of the new status and clear those of the old one; a change within a status keeps them."""
    snapshot = transition.after.snapshot
    if transition.before.status is not transition.after.status:
        for name in NAMES.get(transition.before.status, ()) if transition.before.status else ():
            context.clear_timer(f"{name}:{snapshot.membership_id}")
    for name, due_at, command in _due(transition, access):
        context.set_timer(f"{name}:{snapshot.membership_id}", due_at=due_at, command=command)


def _due(transition: Transition, access: Access) -> Iterator[Due]:
    snapshot = transition.after.snapshot
    about = {"room_id": snapshot.room_id, "person_id": snapshot.person_id, "membership_id": snapshot.membership_id}
    if isinstance(transition.event, RequestUnanswered):
        yield from _reminder(transition.event.days, snapshot.since, access, about)
    if transition.before.status is transition.after.status:
        return
    if snapshot.offer_expires_at:
        yield "offer", snapshot.offer_expires_at, LapseOffer.model_validate(about)
    if snapshot.invitation_expires_at:
        yield "invitation", snapshot.invitation_expires_at, LapseInvitation.model_validate(about)
    if transition.after.request_expires_at:
        yield "request", transition.after.request_expires_at, LapseRequest.model_validate(about)
        yield from _reminder(0, snapshot.since, access, about)


def _reminder(after_days: int, since: datetime, access: Access, about: dict[str, Any]) -> Iterator[Due]:
    """Return the next reminder after that of ``after_days``, if the request has not lapsed by then."""
    days = next((each for each in REMINDERS if each > after_days), None)
    if days is not None and days < access.request_expires_after_days:
        yield "reminder", since + timedelta(days=days), RemindOfRequest.model_validate(about | {"days": days})
