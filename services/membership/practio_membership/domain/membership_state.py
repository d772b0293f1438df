"""Where one person stands with one room: what is shown of it, and what the rules remember besides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from practio_contracts.membership import LIVE, Membership, Status
from practio_membership.domain.room import Place, takes

Key = tuple[int, int]
"""The place in the queue: who has the smaller key comes first."""


@dataclass(frozen=True, slots=True)
class MembershipState:
    """A membership; one that was not told yet has version 0 and counts for nothing.

    ``number`` is the queue number; ``preferred_roles`` the roles wished, in order, any where there are none. ``set_aside``: an
    offer was revoked, and none is made again by itself. ``lapsed_at`` is when the last offer ran out (UTC).
    ``over_capacity``: the person has a place beyond the seats that were free, or is invited to one. ``barred``: who was
    removed may not ask again.
    """

    snapshot: Membership
    number: int = 0
    preferred_roles: Sequence[str] = ()
    priority: int = 0
    set_aside: bool = False
    lapsed_at: datetime | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    over_capacity: bool = False
    barred: bool = False

    @property
    def status(self) -> Status | None:
        """Give the status; None before the first event."""
        return self.snapshot.status if self.snapshot.version else None

    @property
    def is_live(self) -> bool:
        """Say whether the person is in the room or on the way into it."""
        return self.status in LIVE

    @property
    def has_place(self) -> bool:
        """Say whether the person has a seat, or one is held for them."""
        return self.status in (Status.JOINED, Status.OFFERED)

    @property
    def key(self) -> Key:
        """Give the place in the queue: higher priority first, then the lower number."""
        return -self.priority, self.number

    @property
    def is_waiting_in_order(self) -> bool:
        """Say whether the person waits and is served in turn."""
        return self.status is Status.WAITLISTED and not self.set_aside

    @property
    def waits_behind_newcomers(self) -> bool:
        """Say whether the person waits with a priority below that of a newcomer, which is 0."""
        return self.status is Status.WAITLISTED and self.priority < 0

    def would_take(self, place: Place) -> bool:
        """Say whether the person is in line for such a seat."""
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
    """Give the standing of a person who asks or is invited, before anything came of it."""
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
    """Give the snapshot after a move; role, reason and the end of an offer or invitation are told again with each."""
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
    """Give the next version of the snapshot of a person who stays where they are; ``changes`` are its fields."""
    return member.snapshot.model_copy(update={"by": by, "version": member.snapshot.version + 1, **changes})
