"""Rows as the rules see them, and back."""

from typing import Any

from pydantic_core import to_json

from practio_chassis.context import ReceivedMessage
from practio_contracts.membership import Membership, Status
from practio_contracts.message import without_private
from practio_contracts.rooms import Room
from practio_membership.domain.changes import Transition
from practio_membership.domain.membership_state import MembershipState
from practio_membership.domain.room import RoleSeats, RoomState, capacity_of
from practio_membership.store.rules_cache import RulesCache
from practio_membership.tables import MembershipRow, RoomRow

_COUNTS = {
    **{name: name for name in ("taken", "held", "waiting", "pending", "beyond", "last_number")},
    "capacity_in_use": "most",
    "occupancy_sequence": "told",
}
"""The column of each count of a room."""

_rules = RulesCache()


def state_of(row: RoomRow) -> RoomState:
    """Return the state of a room from its row."""
    return RoomState(
        _rules.of(row.snapshot),
        by_role={name: RoleSeats(*seats) for name, seats in row.by_role.items()},
        **{name: getattr(row, column) for name, column in _COUNTS.items()},
    )


def rules_columns(room: Room) -> dict[str, Any]:
    """Return the columns of a room's rules; this service stores none of its private fields."""
    return {"snapshot": to_json(without_private(room)).decode(), "capacity": capacity_of(room)}


def counts_columns(state: RoomState) -> dict[str, Any]:
    """Return the columns of a room's counts."""
    by_role = {name: [seats.taken, seats.held] for name, seats in state.by_role.items()}
    return {"by_role": by_role, **{column: getattr(state, name) for name, column in _COUNTS.items()}}


def member_of(row: MembershipRow) -> MembershipState:
    """Return the state of a membership from its row."""
    return MembershipState(
        _snapshot_of(row),
        number=row.number,
        preferred_roles=row.wishes,
        priority=row.priority,
        set_aside=row.set_aside,
        request_expires_at=row.request_expires_at,
        lapsed_at=row.lapsed_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        over_capacity=row.over_capacity,
        barred=row.barred,
    )


def _snapshot_of(row: MembershipRow) -> Membership:
    """Return the snapshot without validation: the database holds only what was validated before."""
    return Membership.model_construct(
        membership_id=row.membership_id,
        room_id=row.room_id,
        person_id=row.person_id,
        role=row.role,
        status=Status(row.status),
        since=row.since,
        requested_at=row.requested_at,
        offer_expires_at=row.offer_expires_at,
        invitation_expires_at=row.invitation_expires_at,
        reason=row.reason,
        by=row.by,
        version=row.version,
        from_room_id=row.from_room_id,
    )


def member_columns(member: MembershipState) -> dict[str, Any]:
    """Return the columns of a membership that may change."""
    snapshot = member.snapshot
    return {
        "role": snapshot.role,
        "status": snapshot.status.value,
        "since": snapshot.since,
        "requested_at": snapshot.requested_at,
        "offer_expires_at": snapshot.offer_expires_at,
        "invitation_expires_at": snapshot.invitation_expires_at,
        "reason": snapshot.reason,
        "by": snapshot.by,
        "version": snapshot.version,
        "from_room_id": snapshot.from_room_id,
        "number": member.number,
        "wishes": list(member.preferred_roles),
        "priority": member.priority,
        "set_aside": member.set_aside,
        "request_expires_at": member.request_expires_at,
        "lapsed_at": member.lapsed_at,
        "decided_by": member.decided_by,
        "decided_at": member.decided_at,
        "over_capacity": member.over_capacity,
        "barred": member.barred,
    }


def history_columns(transition: Transition, received: ReceivedMessage[Any]) -> dict[str, Any]:
    """Return the columns of the history about a transition that ``received`` caused."""
    snapshot = transition.after.snapshot
    return {
        "membership_id": snapshot.membership_id,
        "room_id": snapshot.room_id,
        "person_id": snapshot.person_id,
        "at": snapshot.since,
        "by": snapshot.by,
        "account": received.account,
        "from_status": transition.before.status and transition.before.status.value,
        "to_status": snapshot.status.value,
        "fact": transition.event.routing_key,
        "reason": snapshot.reason,
        "message_id": str(received.envelope.id),
    }
