"""The state of one person's membership in one room: its snapshot, and what the rules remember besides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from practio_contracts.membership import LIVE, Membership, Status
from practio_membership.domain.room import Place, takes

Key = tuple[int, int]
"""The position on the waitlist: the smaller key comes first."""


@dataclass(frozen=True, slots=True)
class MembershipState:
    """A membership; before its first event it has version 0 and counts for nothing.

    ``number`` is the waitlist number; ``preferred_roles`` are in order, and empty if any role will do. ``set_aside``:
    an offer was revoked, so no further offer is made automatically. ``request_expires_at`` is when a pending request
    lapses, by the room's rules at the time of the request (UTC). ``lapsed_at`` is when the last offer expired (UTC).
    ``over_capacity``: the person has, or is invited to, a place beyond the free seats. ``barred``: the person was
    removed and may not request again.
    """

    snapshot: Membership
    number: int = 0
    preferred_roles: Sequence[str] = ()
    priority: int = 0
    set_aside: bool = False
    request_expires_at: datetime | None = None
    lapsed_at: datetime | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    over_capacity: bool = False
    barred: bool = False

    @property
    def status(self) -> Status | None:
        """Return the status; None before the first event."""
        return self.snapshot.status if self.snapshot.version else None

    @property
    def is_live(self) -> bool:
        """Return whether the membership is live."""
        return self.status in LIVE

    @property
    def has_place(self) -> bool:
        """Return whether the person has a seat, or one is held for them."""
        return self.status in (Status.JOINED, Status.OFFERED)

    @property
    def key(self) -> Key:
        """Return the position on the waitlist: higher priority first, then the lower number."""
        return -self.priority, self.number

    @property
    def is_waiting_in_order(self) -> bool:
        """Return whether the person waits and is served in order."""
        return self.status is Status.WAITLISTED and not self.set_aside

    @property
    def waits_behind_newcomers(self) -> bool:
        """Return whether the person waits with a priority below that of a newcomer, which is 0."""
        return self.status is Status.WAITLISTED and self.priority < 0

    def would_take(self, place: Place) -> bool:
        """Return whether the person waits for such a seat."""
        return self.is_waiting_in_order and takes(self.preferred_roles, place)


def newcomer(
    room_id: UUID,
    person_id: UUID,
    *,
    membership_id: UUID,
    by: str,
    now: datetime,
    preferred_roles: Sequence[str] = (),
    requested_at: datetime | None = None,
) -> MembershipState:
    """Return the state of a person who requests or is invited, before the first event."""
    snapshot = Membership(
        membership_id=membership_id,
        room_id=room_id,
        person_id=person_id,
        status=Status.REQUESTED,
        since=now,
        requested_at=requested_at,
        by=by,
        version=0,
    )
    return MembershipState(snapshot, preferred_roles=tuple(preferred_roles))


def next_status(
    member: MembershipState,
    status: Status,
    *,
    by: str,
    at: datetime,
    reason: str | None = None,
    role: Place = None,
    offer_expires_at: datetime | None = None,
    invitation_expires_at: datetime | None = None,
) -> Membership:
    """Return the snapshot after a transition.

    Role, reason and the expiry of an offer or invitation are set again each time.
    """
    changes: dict[str, Any] = {
        "status": status,
        "since": at,
        "by": by,
        "reason": reason,
        "role": role,
        "offer_expires_at": offer_expires_at,
        "invitation_expires_at": invitation_expires_at,
        "version": member.snapshot.version + 1,
    }
    return member.snapshot.model_copy(update=changes)


def next_version(member: MembershipState, *, by: str, **changes: Any) -> Membership:
    """Return the next version of the snapshot in the same status; ``changes`` are its fields."""
    return member.snapshot.model_copy(update={"by": by, "version": member.snapshot.version + 1, **changes})
