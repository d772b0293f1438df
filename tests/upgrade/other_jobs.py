"""Messages between services besides the main job: invitations, sessions, occupancy, hand-overs, rooms that end."""

from datetime import UTC, datetime, timedelta

from tests.support.clients.actions import OpenRoom, a_known_person, a_published_room, accepted, asks, does
from tests.support.clients.commands import about, new_id
from tests.support.clients.main_job import letters_left
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually


async def the_other_jobs(outside: OutsideSystem) -> None:
    """Let a person be invited, join, learn of a session, become the host, and cancel the room while others wait."""
    room = await a_published_room(outside, host=await a_known_person(outside), capacity=1, policy="open")
    heir, waiting = await a_known_person(outside), await a_known_person(outside)
    await accepted(outside.send("membership.invite.v1", about(room.room_id, heir), actor=room.host))
    await letters_left(outside, "invited", [heir])
    assert (await does(outside, "membership.accept-invitation.v1", room, heir))["status"] == "joined"
    assert (await accepted(asks(outside, room, waiting)))["status"] == "waitlisted"
    await eventually(lambda: is_shown_as_full(outside, room), within=30, message="rooms shows no free seat")
    await a_session(outside, room)
    await letters_left(outside, "session-scheduled", [heir])

    await does(outside, "rooms.hand-over.v1", room, heir, actor=room.host)
    await does(outside, "rooms.accept-hand-over.v1", room, heir)
    await outside.receives("membership.withdrawn.v1", room_id=room.room_id, person_id=heir)
    await outside.receives("membership.seat-offered.v1", room_id=room.room_id, person_id=waiting)

    off = {"room_id": room.room_id, "reason": "The day is over."}
    await accepted(outside.send("rooms.cancel-room.v1", off, actor=heir))
    await outside.receives("membership.ended.v1", room_id=room.room_id, person_id=waiting)
    await letters_left(outside, "ended", [waiting])


async def a_session(outside: OutsideSystem, room: OpenRoom) -> None:
    """Have the host plan a session in three days."""
    starts_at = (datetime.now(UTC) + timedelta(days=3)).replace(tzinfo=None).isoformat(timespec="minutes")
    planned = {"room_id": room.room_id, "session_id": new_id(), "starts_at": starts_at, "duration_minutes": 90}
    await accepted(outside.send("rooms.schedule-session.v1", planned, actor=room.host))


async def is_shown_as_full(outside: OutsideSystem, room: OpenRoom) -> bool:
    """Return whether rooms has received that the room is full."""
    newest = (await outside.query("rooms.search-rooms.v1", {}, actor=room.host))["result"]["rooms"]
    return any(each["room_id"] == room.room_id and each["seats_free"] == 0 for each in newest)
