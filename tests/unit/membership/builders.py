"""Rooms, people and commands as the rules of membership meet them."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from practio_contracts.membership import RequestToJoin, Status
from practio_contracts.rooms import Access, Room, RoomStatus
from practio_membership.domain.changes import COUNTS
from practio_membership.domain.decision_context import DecisionContext
from practio_membership.domain.membership_state import MembershipState, newcomer, next_status
from practio_membership.domain.room import Actor, RoleSeats, RoomState, with_rules

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOST, FACILITATOR, STEWARD, ADA, BEA, CARL, DORA = (UUID(int=number) for number in range(1, 8))

SEATS_ROLE = "participant"


def a_room(capacity: int = 3, *, status: RoomStatus = RoomStatus.PUBLISHED, **fields: Any) -> Room:
    """Return a room as its events contain it; ``policy``, ``waitlist`` and other access rules may be named directly."""
    access = {name: fields.pop(name) for name in [*fields] if name in Access.model_fields}
    whole = {
        "room_id": uuid4(),
        "version": 3,
        "status": status,
        "title": "Intervision for school heads",
        "capacity": capacity,
        "roles": [{"name": SEATS_ROLE}],
        "time_zone": "Europe/Rome",
        "host_id": HOST,
        "facilitator_ids": [FACILITATOR],
        "steward_ids": [STEWARD],
        "access": {"policy": "open"} | access,
    }
    return Room.model_validate(whole | fields)


def a_state(room: Room | None = None, **counts: Any) -> RoomState:
    """Return a room with its counts, by default an empty one."""
    room = room or a_room()
    return replace(with_rules(RoomState(room), room), **counts)


def a_request(room: Room, person_id: UUID = ADA, **fields: Any) -> RequestToJoin:
    """Return the command of a person to join."""
    return RequestToJoin.model_validate({"room_id": room.room_id, "person_id": person_id, **fields})


def a_newcomer(room: Room, person_id: UUID = ADA, *, roles: list[str] | None = None) -> MembershipState:
    """Return a person who requests, before the decision."""
    by = str(person_id)
    return newcomer(
        room.room_id, person_id, membership_id=uuid4(), by=by, now=NOW, preferred_roles=roles or (), requested_at=NOW
    )


def a_membership_state(room: Room, status: Status, person_id: UUID = ADA, **fields: Any) -> MembershipState:
    """Return a membership of this status; a seat or an offer has the room's first role."""
    newcomer = a_newcomer(room, person_id, roles=fields.pop("roles", None))
    has_seat = status in (Status.JOINED, Status.OFFERED)
    snapshot = next_status(
        newcomer,
        status,
        by=str(person_id),
        at=NOW - timedelta(hours=1),
        role=room.roles[0].name if has_seat and room.roles else None,
        offer_expires_at=NOW + timedelta(hours=23) if status is Status.OFFERED else None,
        invitation_expires_at=NOW + timedelta(days=29) if status is Status.INVITED else None,
    )
    if status is Status.REQUESTED:
        fields.setdefault("request_expires_at", NOW + timedelta(days=29))
    return replace(newcomer, snapshot=snapshot, number=fields.pop("number", 1), **fields)


def a_decision_context(
    state: RoomState, member: MembershipState | None = None, *, by: Actor = ADA, **fields: Any
) -> DecisionContext:
    """Return the context of a decision about a person; the person is Ada unless the membership names another."""
    person_id = member.snapshot.person_id if member else fields.pop("person_id", ADA)
    return DecisionContext(state, person_id, member, by, fields.pop("now", NOW), **fields)


def a_state_with(room: Room, *people: MembershipState) -> RoomState:
    """Return a room that counts these people."""
    counts = Counter(COUNTS[each.status] for each in people if each.status in COUNTS)
    seated = Counter((each.snapshot.role, each.status) for each in people if each.snapshot.role)
    by_role = {role: RoleSeats(seated[role, Status.JOINED], seated[role, Status.OFFERED]) for role, _ in seated if role}
    return a_state(room, **counts, by_role=by_role, last_number=max((each.number for each in people), default=0))
