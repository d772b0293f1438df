"""What is to happen by itself, and when: offers, requests and invitations end, and hosts are reminded."""

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
from practio_membership.domain.changes import Told
from practio_membership.store import Loaded

REMINDERS = (3, 7)
"""After how many days without an answer a request is told of: to the host, then to the other offices."""

NAMES = {
    Status.OFFERED: ("offer",),
    Status.REQUESTED: ("request", "reminder"),
    Status.INVITED: ("invitation",),
}
"""The timers that a person may have, by status."""

Due = tuple[str, datetime, InternalCommand]


def keep_time(told: Told, access: Access, context: MessageContext[Loaded]) -> None:
    """Set the timers of what begins, and clear those of what ended; a change that leaves the status leaves them."""
    shown = told.after.shown
    if told.before.status is not told.after.status:
        for name in NAMES.get(told.before.status, ()) if told.before.status else ():
            context.clear_timer(f"{name}:{shown.membership_id}")
    for name, due_at, command in _due(told, access):
        context.set_timer(f"{name}:{shown.membership_id}", due_at=due_at, command=command)


def _due(told: Told, access: Access) -> Iterator[Due]:
    shown = told.after.shown
    about = {"room_id": shown.room_id, "person_id": shown.person_id, "membership_id": shown.membership_id}
    if isinstance(told.event, RequestUnanswered):
        yield from _reminder(told.event.days, shown.since, access, about)
    if told.before.status is told.after.status:
        return
    if shown.offer_expires_at:
        yield "offer", shown.offer_expires_at, LapseOffer.model_validate(about)
    if shown.invitation_expires_at:
        yield "invitation", shown.invitation_expires_at, LapseInvitation.model_validate(about)
    if shown.status is Status.REQUESTED:
        lapses_at = shown.since + timedelta(days=access.request_expires_after_days)
        yield "request", lapses_at, LapseRequest.model_validate(about)
        yield from _reminder(0, shown.since, access, about)


def _reminder(told_days: int, since: datetime, access: Access, about: dict[str, Any]) -> Iterator[Due]:
    """Give the next reminder after that of ``told_days``, where the request still stands by then."""
    days = next((each for each in REMINDERS if each > told_days), None)
    if days is not None and days < access.request_expires_after_days:
        yield "reminder", since + timedelta(days=days), RemindOfRequest.model_validate(about | {"days": days})
