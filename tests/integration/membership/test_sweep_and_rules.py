"""The views of what was lost hold exactly what the rules would change, whatever is in the tables."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.integration.membership.membership_service import MembershipService
from tests.integration.membership.test_store import DatabaseStore
from tests.unit.membership.builders import a_membership_state, a_room
from tests.unit.membership.store_contract import cause, placed

from practio_contracts.membership import Status
from practio_contracts.rooms import Room, RoomStatus
from practio_membership.domain.invitations import lapse_invitation
from practio_membership.domain.membership_state import MembershipState
from practio_membership.domain.offers import lapse_offer
from practio_membership.domain.requests import lapse_request
from practio_membership.domain.waitlist import fill

GRACE = timedelta(minutes=1)
ROLES = ("coach", "coachee", "observer")
STATUSES = (*[RoomStatus.PUBLISHED] * 3, RoomStatus.CLOSED, RoomStatus.CANCELLED, RoomStatus.ARCHIVED)
ROOMS = 60


@dataclass(frozen=True)
class Scene:
    """A room and its people, by chance."""

    room: Room
    people: list[MembershipState]

    @property
    def is_over(self) -> bool:
        return self.room.status in (RoomStatus.CANCELLED, RoomStatus.ARCHIVED)

    def changes_by_a_fill(self, now: datetime) -> bool:
        waiting = sorted((each for each in self.people if each.status is Status.WAITLISTED), key=lambda each: each.key)
        return bool(fill(placed(self.room, *self.people).state, waiting, now=now).transitions)

    def overdue(self, at: datetime) -> Iterable[tuple[str, UUID]]:
        """Return status and id of those whom the rules would lapse at an instant."""
        after_lapse = self.room.access.waitlist.after_lapse
        for each in self.people:
            over = bool(lapse_offer(each, after_lapse, now=at) or lapse_invitation(each, now=at))
            if each.status is Status.REQUESTED and self.ends(each) <= at:
                over = bool(lapse_request(each, now=at))
            if over and each.status and not self.is_over:
                yield each.status.value, each.snapshot.membership_id

    def ends(self, member: MembershipState) -> datetime:
        by_rule = member.snapshot.since + timedelta(days=self.room.access.request_expires_after_days)
        return member.request_expires_at or by_rule


def a_scene(chance: random.Random, now: datetime) -> Scene:
    names = chance.sample(ROLES, chance.randint(0, 3))
    roles = [{"name": name, "seats": chance.choice([None, 1, 2])} for name in names]
    fields: dict[str, Any] = {
        "roles": roles,
        "waitlist": {
            "enabled": chance.random() < 0.8,
            "promotion": chance.choice(["offer", "automatic"]),
            "after_lapse": chance.choice(["leave", "requeue"]),
        },
        "request_expires_after_days": chance.randint(1, 60),
        "status": chance.choice(STATUSES),
    }
    room = a_room(1, **fields)
    people = [_somebody(room, number, chance, now) for number in range(1, chance.randint(2, 6))]
    used = len([each for each in people if each.has_place])
    return Scene(room.model_copy(update={"capacity": max(1, used + chance.randint(0, 2))}), people)


def _somebody(room: Room, number: int, chance: random.Random, now: datetime) -> MembershipState:
    status = chance.choice([Status.WAITLISTED, Status.OFFERED, Status.INVITED, Status.REQUESTED, *Status])
    roles = chance.sample([*ROLES, "gone"], chance.randint(0, 2))
    person = a_membership_state(room, status, uuid4(), number=number, priority=chance.randint(-1, 1), roles=roles)
    ends = now + chance.choice([-1, 1]) * timedelta(minutes=chance.randint(5, 9_000))
    changes: dict[str, Any] = {"since": now - timedelta(days=chance.randint(0, 70), minutes=chance.randint(5, 1_000))}
    if status is Status.OFFERED:
        changes["offer_expires_at"] = ends
    if status is Status.INVITED:
        changes["invitation_expires_at"] = ends
    if status in (Status.OFFERED, Status.JOINED) and room.roles:
        changes["role"] = chance.choice(room.roles).name
    return replace(
        person,
        snapshot=person.snapshot.model_copy(update=changes),
        set_aside=status is Status.WAITLISTED and chance.random() < 0.3,
        request_expires_at=chance.choice([ends, None]) if status is Status.REQUESTED else None,
    )


@pytest.mark.parametrize("seed", range(5))
async def test_the_sweep_looks_for_what_the_rules_would_change(membership: MembershipService, seed: int) -> None:
    print(f"seed {seed}")
    chance = random.Random(seed)
    [(now,)] = await membership.rows("SELECT now()")
    scenes = [a_scene(chance, now) for _ in range(ROOMS)]
    async with DatabaseStore(membership.pool).batch() as loaded:
        for each in scenes:
            loaded.record(placed(each.room, *each.people), cause())
    by_id = {each.room.room_id: each for each in scenes}
    overdue = await membership.rows("SELECT status, membership_id, room_id FROM overdue_membership")
    to_fill = await membership.rows("SELECT room_id FROM room_to_fill")
    to_end = await membership.rows("SELECT room_id FROM room_to_end")
    found = {(row.status, row.membership_id) for row in overdue if row.room_id in by_id}
    assert found == {each for scene in scenes for each in scene.overdue(now - GRACE)}
    assert len({status for status, _ in found}) == 3
    filled = {row.room_id for row in to_fill if row.room_id in by_id}
    assert filled == {room_id for room_id, scene in by_id.items() if scene.changes_by_a_fill(now)}
    assert filled
    ended = {
        room_id for room_id, scene in by_id.items() if scene.is_over and any(each.is_live for each in scene.people)
    }
    assert {row.room_id for row in to_end if row.room_id in by_id} == ended
    assert ended
