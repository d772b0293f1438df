"""Sessions and timelines of memberships are forgotten once they were over long ago."""

from uuid import uuid4

from tests.integration.rooms.catalogue import Catalogue
from tests.integration.rooms.past_sessions import a_room_of, a_session
from tests.integration.rooms.planning import change
from tests.support.stack.retention import forget_once

from practio_chassis.database.engine import session_maker
from practio_chassis.handling.transaction import Transaction
from practio_chassis.service import Running
from practio_rooms.app import SERVICE
from practio_rooms.retention import retentions
from practio_rooms.settings import Settings


def running(catalogue: Catalogue) -> Running:
    """Return what background work gets of a running service."""
    settings = Settings(
        broker_url="amqp://practio-rooms:secret@broker/practio",
        database_url="postgresql://practio_rooms@database/practio",
    )
    return Running(Transaction(SERVICE, session_maker(catalogue.pool)).background, settings)


async def forget(catalogue: Catalogue) -> None:
    while await forget_once(running(catalogue), "rooms", retentions):
        pass


async def test_a_session_is_forgotten_three_years_after_its_end(catalogue: Catalogue) -> None:
    room_id = await a_room_of(catalogue, uuid4())
    recent, old = await a_session(catalogue, room_id), await a_session(catalogue, room_id)
    long_ago = "starts_at = now() - interval '1097 days', ends_at = now() - interval '1096 days'"
    await change(catalogue, f"UPDATE session SET {long_ago} WHERE session_id = :id", id=old)
    await forget(catalogue)
    found = await catalogue.rows("SELECT session_id FROM session WHERE room_id = :room", room=room_id)
    assert [row.session_id for row in found] == [recent]


async def test_a_timeline_is_forgotten_three_years_after_the_membership_ended(catalogue: Catalogue) -> None:
    ends = {"left_at": uuid4(), "declined_at": uuid4(), "joined_at": uuid4()}
    for column, person in ends.items():
        await change(
            catalogue,
            f"INSERT INTO passage (membership_id, room_id, person_id, {column}) "
            "VALUES (:id, :room, :person, now() - interval '1096 days'), (:other, :room, :person, now())",
            id=uuid4(),
            other=uuid4(),
            room=uuid4(),
            person=person,
        )
    await forget(catalogue)
    kept = {
        column: len(await catalogue.rows("SELECT 1 FROM passage WHERE person_id = :person", person=person))
        for column, person in ends.items()
    }
    assert kept == {"left_at": 1, "declined_at": 1, "joined_at": 2}
