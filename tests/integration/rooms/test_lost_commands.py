"""Commands of the service itself that were lost, with their timers, are sent again by the sweep, and once."""

from uuid import UUID, uuid4

from tests.integration.rooms.catalogue import Catalogue
from tests.integration.rooms.fixing import register
from tests.integration.rooms.living import Living
from tests.integration.rooms.planning import a_series, change, internal, timers
from tests.integration.rooms.test_watching import running
from tests.support.clients.commands import a_room

from practio_chassis.database.engine import session_maker
from practio_contracts.message import InternalCommand
from practio_contracts.rooms import FollowSponsor, PassSession, TopUpSeries
from practio_rooms.periodic.sweep import sweep_once
from practio_rooms.store.sweep import lost_commands

MANY = 10_000


async def lost(catalogue: Catalogue, about: UUID) -> list[InternalCommand]:
    """Return the lost commands about a room or a sponsor."""
    async with session_maker(catalogue.pool)() as session:
        found = await lost_commands(session, most=MANY)
    return [each for each in found if about in (getattr(each, "room_id", None), getattr(each, "sponsor_id", None))]


async def sent(catalogue: Catalogue, about: UUID, key: str) -> int:
    """Return how often the sweep has sent a command."""
    return [row.routing_key for row in await catalogue.published(about)].count(key)


async def forget_timers(catalogue: Catalogue, room_id: UUID, kind: str) -> None:
    await change(catalogue, "DELETE FROM timer WHERE key LIKE :key", key=f"{kind}:{room_id}%")


async def test_a_series_whose_timer_is_lost_gets_its_further_dates(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 1)
    command = a_series(room.room_id)
    await catalogue.send(command, room.host)
    behind = "UPDATE series SET planned_until = planned_until - interval '15 days' WHERE room_id = :room"
    await change(catalogue, behind, room=room.room_id)
    await change(
        catalogue,
        "DELETE FROM session WHERE room_id = :room AND starts_at > now() + interval '71 days'",
        room=room.room_id,
    )
    assert await lost(catalogue, room.room_id) == [], "its timer is there"
    await forget_timers(catalogue, room.room_id, "top-up")
    top_up = TopUpSeries(room_id=room.room_id, series_id=command.session_id)
    assert await lost(catalogue, room.room_id) == [top_up]
    await sweep_once(running(catalogue), chunk=MANY)
    assert await sent(catalogue, room.room_id, "rooms.top-up-series.v1") == 1
    [answer] = await catalogue.handle(internal(top_up))
    assert answer["data"]["changed"]
    assert "top-up" in await timers(catalogue, command.session_id)
    assert await lost(catalogue, room.room_id) == []


async def test_a_series_without_further_dates_is_looked_at_once(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 1)
    command = a_series(room.room_id, "FREQ=WEEKLY;COUNT=2")
    await catalogue.send(command, room.host)
    assert "top-up" not in await timers(catalogue, command.session_id)
    behind = "UPDATE series SET planned_until = planned_until - interval '15 days' WHERE room_id = :room"
    await change(catalogue, behind, room=room.room_id)
    top_up = TopUpSeries(room_id=room.room_id, series_id=command.session_id)
    assert await lost(catalogue, room.room_id) == [top_up]
    await catalogue.handle(internal(top_up))
    assert await lost(catalogue, room.room_id) == []


async def test_a_session_that_has_begun_is_the_next_one_no_longer(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 1)
    session = await room.session()
    await room.begins_in(session, hours=-1)
    begun = "snapshot = jsonb_set(snapshot, '{next_session_at}', to_jsonb(now() - interval '1 hour'))"
    await change(catalogue, f"UPDATE room SET {begun} WHERE room_id = :room", room=room.room_id)
    assert await lost(catalogue, room.room_id) == [], "its timer is there"
    await forget_timers(catalogue, room.room_id, "next-session")
    assert await lost(catalogue, room.room_id) == [PassSession(room_id=room.room_id)]
    await catalogue.handle(internal(PassSession(room_id=room.room_id)))
    assert await lost(catalogue, room.room_id) == []


async def test_rooms_follow_their_sponsor_although_the_command_is_lost(catalogue: Catalogue) -> None:
    sponsor_id = await register(catalogue)
    [room_id] = await catalogue.publish(a_room(sponsor={"sponsor_id": str(sponsor_id)}), host=uuid4())
    assert await lost(catalogue, sponsor_id) == []
    await register(catalogue, sponsor_id=sponsor_id, name="Schools of Pisa")
    follow = FollowSponsor(sponsor_id=sponsor_id)
    assert await lost(catalogue, sponsor_id) == [follow]
    await catalogue.handle(internal(follow))
    assert await lost(catalogue, sponsor_id) == []
    [row] = await catalogue.rows("SELECT snapshot FROM room WHERE room_id = :room", room=room_id)
    assert row.snapshot["sponsor"]["name"] == "Schools of Pisa"
