"""Broken invariants are found in their place and nowhere else; a message in transit breaks nothing."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import pytest
import pytest_asyncio
from tests.integration.operator.sample_rooms import sample_rooms, services_on
from tests.integration.operator.tables import SceneDatabase
from tests.support.stack.passwords import service_passwords
from tests.support.stack.servers import Servers

from practio_operator.console.errors import NotCheckedError
from practio_operator.invariants import CHECKS, Check
from practio_operator.invariants.connection import read_only_connection
from practio_operator.provisioning.database import MAINTENANCE, administering, provision_database
from practio_operator.provisioning.provision import migrate
from practio_operator.provisioning.target import ProvisionTarget

NAME = "practio_invariants"
WAIT_SECONDS = 30.0


@pytest_asyncio.fixture(scope="module")
async def whole(servers: Servers) -> AsyncIterator[SceneDatabase]:
    """Yield a database with sample rooms, without connections."""
    target = ProvisionTarget(
        broker_url=servers.urls.broker_url,
        management_url=servers.urls.management_url,
        database_url=servers.urls.database_url,
        passwords=service_passwords(),
        database=NAME,
    )
    await provision_database(target)
    await migrate(target)
    async with services_on(target) as services:
        rooms = await sample_rooms(services)
    yield SceneDatabase(target, rooms)
    await drop(target)


@pytest_asyncio.fixture
async def tables(whole: SceneDatabase) -> AsyncIterator[SceneDatabase]:
    """Yield a copy of that database, to be broken."""
    target = replace(whole.target, database=f"{NAME}_{uuid4().hex[:12]}")
    async with administering(target, MAINTENANCE) as connection:
        await connection.execute(f"CREATE DATABASE {target.database} TEMPLATE {NAME}")
    yield SceneDatabase(target, whole.rooms)
    await drop(target)


async def drop(target: ProvisionTarget) -> None:
    async with administering(target, MAINTENANCE) as connection:
        await connection.execute(f"DROP DATABASE {target.database} WITH (FORCE)")


async def test_every_check_passes_on_tables_written_by_the_services(whole: SceneDatabase) -> None:
    assert await whole.broken() == {}
    async with administering(whole.target) as connection:
        found = await connection.fetch("SELECT DISTINCT status FROM membership.membership")
    assert {row["status"] for row in found} == {
        *("joined", "offered", "waitlisted", "requested", "invited"),
        *("withdrawn", "declined", "removed", "ended"),
    }


ROOM, PEOPLE, KEPT = "UPDATE membership.room SET ", "UPDATE membership.membership SET ", "UPDATE rooms.room SET "

SESSION = (
    "UPDATE rooms.room SET published_at = now() - interval '1 day' WHERE room_id = {{offering}}; "
    "INSERT INTO rooms.session "
    "(room_id, session_id, starts_at, ends_at, time_zone, status, revision, has_own_time, asked) "
    "SELECT {{offering}}, gen_random_uuid(), begins, begins + interval '1 hour', 'UTC', 'scheduled', 0, false, '' "
    "FROM (SELECT now() + interval '{away}' AS begins) AS planned"
)
"""A session of which no event states that it is over, or which nobody has looked at."""

BREAKS = [
    ("counts", "asked", ROOM + "pending = pending + 1 WHERE room_id = {asked}"),
    ("counts", "offering", ROOM + "taken = taken - 1, held = held + 1 WHERE room_id = {offering}"),
    ("counts", "triad", ROOM + """by_role = '{{"coach": [0, 1]}}' WHERE room_id = {triad}"""),
    ("counts", "crowded", ROOM + "beyond = 0 WHERE room_id = {crowded}"),
    ("capacity", "offering", ROOM + "most = 1 WHERE room_id = {offering}"),
    ("capacity", "crowded", ROOM + "most = 4 WHERE room_id = {crowded}"),
    ("lost-seats", "triad", PEOPLE + "wishes = '{{coach,observer}}' WHERE room_id = {triad}"),
    ("lost-seats", "triad", PEOPLE + "wishes = '{{}}' WHERE room_id = {triad}"),
    ("lost-seats", "revoked", PEOPLE + "set_aside = false WHERE room_id = {revoked}"),
    (
        "lost-seats",
        "switched_off",
        ROOM + """snapshot = replace(snapshot, '"enabled":false', '"enabled":true') WHERE room_id = {switched_off}""",
    ),
    *(
        (
            "overdue",
            room,
            PEOPLE + f"{name}_expires_at = now() - interval '2 minutes' WHERE status = '{status}'; "
            f"UPDATE membership.timer SET due_at = (SELECT {name}_expires_at FROM membership.membership "
            f"WHERE status = '{status}') WHERE key LIKE '{name}:%'",
        )
        for name, room, status in [
            ("offer", "offering", "offered"),
            ("invitation", "asked", "invited"),
            ("request", "asked", "requested"),
        ]
    ),
    (
        "live-once",
        "offering",
        PEOPLE + "person_id = (SELECT person_id FROM membership.membership WHERE room_id = {offering} "
        "AND status = 'joined') WHERE room_id = {offering} AND status = 'waitlisted'",
    ),
    ("queue-numbers", "offering", PEOPLE + "number = 1 WHERE room_id = {offering} AND status = 'waitlisted'"),
    ("queue-numbers", "offering", PEOPLE + "number = 0 WHERE room_id = {offering} AND status = 'waitlisted'"),
    ("queue-numbers", "offering", ROOM + "last_number = last_number - 1 WHERE room_id = {offering}"),
    ("offices", "offering", PEOPLE + "person_id = {host} WHERE room_id = {offering} AND status = 'joined'"),
    ("offices", "asked", PEOPLE + "person_id = {facilitator} WHERE room_id = {asked} AND status = 'requested'"),
    ("offices", "asked", PEOPLE + "person_id = {steward} WHERE room_id = {asked} AND status = 'invited'"),
    ("states", "offering", PEOPLE + "offer_expires_at = NULL WHERE status = 'offered'"),
    ("states", "triad", PEOPLE + "offer_expires_at = now() WHERE room_id = {triad} AND status = 'waitlisted'"),
    ("states", "asked", PEOPLE + "invitation_expires_at = NULL WHERE status = 'invited'"),
    ("states", "triad", PEOPLE + "invitation_expires_at = now() WHERE room_id = {triad} AND status = 'joined'"),
    (
        "states",
        "offering",
        PEOPLE
        + "role = NULL WHERE room_id = {offering} AND status = 'joined';"
        + ROOM
        + """by_role = '{{"participant": [0, 1]}}' WHERE room_id = {offering}""",
    ),
    ("states", "triad", PEOPLE + "role = 'coach' WHERE room_id = {triad} AND status = 'waitlisted'"),
    ("states", "triad", PEOPLE + "over_capacity = true WHERE room_id = {triad} AND status = 'waitlisted'"),
    ("states", "triad", PEOPLE + "barred = true WHERE room_id = {triad} AND status = 'waitlisted'"),
    ("history", "asked", "DELETE FROM membership.history WHERE room_id = {asked} AND to_status = 'removed'"),
    ("history", "asked", "DELETE FROM membership.history WHERE room_id = {asked} AND to_status = 'requested'"),
    ("history", "asked", "UPDATE membership.history SET from_status = 'joined' WHERE to_status = 'declined'"),
    ("history", "asked", "UPDATE membership.history SET to_status = 'joined' WHERE to_status = 'declined'"),
    ("history", "asked", "DELETE FROM membership.membership WHERE status = 'declined'"),
    ("timers", "offering", "DELETE FROM membership.timer WHERE key LIKE 'offer:%'"),
    ("timers", "asked", "DELETE FROM membership.timer WHERE key LIKE 'request:%'"),
    ("timers", "asked", "DELETE FROM membership.timer WHERE key LIKE 'invitation:%'"),
    ("timers", "offering", "UPDATE membership.timer SET due_at = due_at + '1 day' WHERE key LIKE 'offer:%'"),
    ("timers", "asked", "UPDATE membership.timer SET due_at = due_at + '1 day' WHERE key LIKE 'request:%'"),
    ("timers", "asked", "UPDATE membership.timer SET key = 'reminder:gone' WHERE key LIKE 'reminder:%'"),
    (
        "buddies",
        "offering",
        "INSERT INTO membership.buddy SELECT room_id, person_id, gen_random_uuid(), now() FROM membership.membership "
        "WHERE room_id = {offering} AND status = 'joined'",
    ),
    (
        "places-given-up",
        "offering",
        PEOPLE + "from_room_id = {offering}, since = now() - interval '2 minutes', person_id = (SELECT person_id "
        "FROM membership.membership WHERE room_id = {offering} AND status = 'waitlisted') "
        "WHERE room_id = {triad} AND status = 'joined'; "
        "UPDATE membership.membership SET requested_at = NULL WHERE room_id = {offering} AND status = 'waitlisted'",
    ),
    (
        "rooms-over",
        "offering",
        ROOM
        + """snapshot = replace(snapshot, '"status":"published"', '"status":"archived"')
        WHERE room_id = {offering}; """
        + KEPT
        + "status = 'archived' WHERE room_id = {offering}",
    ),
    ("sessions", "offering", SESSION.format(away="-2 hours")),
    ("sessions", "offering", SESSION.format(away="1 day")),
    ("care", "offering", "UPDATE rooms.room_care SET look_at = now() - interval '2 hours' WHERE room_id = {offering}"),
    (
        "care",
        "offering",
        "DELETE FROM rooms.room_care WHERE room_id = {offering}; "
        "UPDATE rooms.room SET published_at = now() - interval '2 minutes' WHERE room_id = {offering}",
    ),
    (
        "lost-commands",
        "offering",
        KEPT
        + "snapshot = jsonb_set(snapshot, '{{next_session_at}}', to_jsonb(now() - interval '2 minutes')) "
        + "WHERE room_id = {offering}",
    ),
    ("known-rooms", "offering", "DELETE FROM rooms.room WHERE room_id = {offering}"),
    ("known-rooms", "offering", KEPT + "status = 'closed' WHERE room_id = {offering}"),
    ("known-rooms", "draft", KEPT + "status = 'published' WHERE room_id = {draft}"),
    ("occupancy", "offering", KEPT + "seats_free = 1 WHERE room_id = {offering}"),
    ("occupancy", "short", KEPT + "seats_free = 4 WHERE room_id = {short}"),
    ("occupancy", "offering", KEPT + "waiting = 2 WHERE room_id = {offering}"),
    ("occupancy", "offering", "UPDATE rooms.latest SET sequence = sequence - 1 WHERE subject = {offering}"),
]

UNGUARDED = """
ALTER TABLE membership.room DROP CONSTRAINT room_not_oversold, DROP CONSTRAINT room_over_capacity;
DROP INDEX membership.membership_live_once;
"""


@pytest.mark.parametrize(("name", "room", "change"), BREAKS)
async def test_each_break_is_found_by_its_check_and_no_other(
    whole: SceneDatabase, name: str, room: str, change: str
) -> None:
    assert await whole.broken_by(UNGUARDED + change) == {name: {whole.rooms[room]}}


async def test_consequences_of_a_break_are_found_too(whole: SceneDatabase) -> None:
    change = PEOPLE + "status = 'joined' WHERE room_id = {offering} AND status = 'waitlisted'"
    concerned = {whole.rooms["offering"]}
    follows = dict.fromkeys(("counts", "capacity", "states", "history"), concerned)
    assert await whole.broken_by(change) == follows


def test_each_check_is_seen_to_fail() -> None:
    assert {name for name, _, _ in BREAKS} == {check.name for check in CHECKS}


BEHIND = "UPDATE rooms.latest SET sequence = sequence - 1 WHERE subject = {offering}"
ARRIVED = "UPDATE rooms.latest SET sequence = sequence + 1 WHERE subject = {offering}"
PUBLISHED_AGAIN = "UPDATE membership.room SET told = told + 1 WHERE room_id = {offering};"


@pytest.mark.parametrize("moved", [ARRIVED, PUBLISHED_AGAIN + ARRIVED])
async def test_a_check_waits_for_an_event_in_transit(tables: SceneDatabase, moved: str) -> None:
    await tables.change(BEHIND)
    waits = asyncio.Event()
    begun: list[Check] = []

    def begin(check: Check) -> None:
        begun.append(check)
        if len(begun) > len(CHECKS):
            waits.set()

    looking = asyncio.create_task(tables.broken(wait_seconds=WAIT_SECONDS, begin=begin))
    await waits.wait()
    await tables.change(moved)
    async with asyncio.timeout(WAIT_SECONDS / 2):
        assert await looking == {}


async def test_an_event_that_is_stuck_is_found_when_time_is_up(tables: SceneDatabase) -> None:
    await tables.change(BEHIND)
    assert await tables.broken(wait_seconds=0.1) == {"occupancy": {tables.rooms["offering"]}}


@pytest.mark.parametrize(
    "change",
    ["DROP SCHEMA membership CASCADE", "ALTER TABLE membership.room DROP COLUMN beyond", "DROP TABLE rooms.latest"],
)
async def test_tables_of_another_release_are_not_checked(tables: SceneDatabase, change: str) -> None:
    await tables.change(change)
    with pytest.raises(NotCheckedError, match="practio provision --migrate"):
        await tables.broken()


async def test_a_check_cannot_change_anything(whole: SceneDatabase) -> None:
    with pytest.raises(NotCheckedError, match="read-only"):
        async with read_only_connection(whole.target) as connection:
            await connection.execute("UPDATE membership.room SET pending = 0")
