"""The status that memberships have now, as SQL: one that is over has ended, whether a timer has acted or not."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    literal,
)

from practio_contracts.membership import LIVE, Status
from practio_contracts.rooms import AfterLapse
from practio_membership.tables import IS_LIVE, MembershipRow, has_status

ROOM, NOW = bindparam("room", type_=Uuid), bindparam("now", type_=DateTime(timezone=True))
"""The parameters of statements that are made once: the room, and the instant at which a status is looked at."""


def has_now(over: Mapping[Status, Status], status: Status | None) -> ColumnElement[bool]:
    """Return the condition of having ``status`` now, or any live one; most statuses are read from the index alone."""
    if status is not None and status not in (*over.keys(), *over.values()):
        return has_status(status)
    return may_be(over, status) & status_at(over, NOW).in_([status] if status else LIVE)


def once_over(after_lapse: AfterLapse) -> dict[Status, Status]:
    """Return the statuses that expired offers and invitations turn into."""
    requeues = after_lapse is AfterLapse.REQUEUE
    return {Status.OFFERED: Status.WAITLISTED if requeues else Status.LAPSED, Status.INVITED: Status.LAPSED}


def may_be(over: Mapping[Status, Status], status: Status | None) -> ColumnElement[bool]:
    """Return which rows may be shown with ``status``, by their stored status, which the indexes cover."""
    if status is None:
        return IS_LIVE
    return has_status(status, *(stored for stored, later in over.items() if later is status))


def status_at(over: Mapping[Status, Status], now: datetime | ColumnElement[datetime]) -> ColumnElement[str]:
    """Return the status as it is now: an offer or invitation is over at its expiry, read or not."""
    status_at_expiry = {stored: literal(later.value, Text) for stored, later in over.items()}
    offer_is_over = and_(MembershipRow.status == Status.OFFERED, MembershipRow.offer_expires_at <= now)
    invitation_is_over = and_(MembershipRow.status == Status.INVITED, MembershipRow.invitation_expires_at <= now)
    return case(
        (offer_is_over, status_at_expiry[Status.OFFERED]),
        (invitation_is_over, status_at_expiry[Status.INVITED]),
        else_=MembershipRow.status,
    )
