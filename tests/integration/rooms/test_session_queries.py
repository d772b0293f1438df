"""Sessions in query results: how many, for whom, and by which index."""

import json
from uuid import uuid4

from sqlalchemy import text
from tests.integration.rooms.catalogue import Catalogue, a_membership, joined
from tests.integration.rooms.planning import PRIVATE, a_published_room, a_series, sessions, shown

from practio_contracts.rooms import CancelSession


async def test_a_room_is_shown_with_its_next_20_sessions_their_place_for_those_in_it_alone(
    catalogue: Catalogue,
) -> None:
    host, member, stranger = uuid4(), uuid4(), uuid4()
    room_id = await a_published_room(catalogue, host)
    await catalogue.send(a_series(room_id, "FREQ=DAILY", place="Via Po 1"), host)
    for row in (await sessions(catalogue, room_id))[:2]:
        await catalogue.send(CancelSession(room_id=room_id, session_id=row.session_id), host)
    await catalogue.handle(joined(a_membership(room_id, member)))
    expected = [str(row.session_id) for row in (await sessions(catalogue, room_id))[2:22]]
    for person, sees in ((host, PRIVATE), (member, PRIVATE), (stranger, set())):
        listed = (await shown(catalogue, room_id, person))["sessions"]
        assert [each["session_id"] for each in listed] == expected
        assert PRIVATE & set().union(*listed) == sees


async def test_an_answer_holds_as_many_sessions_as_fit(catalogue: Catalogue) -> None:
    host = uuid4()
    room_id = await a_published_room(catalogue, host, purpose="字" * 10_000, for_whom="字" * 10_000)
    long = {"place": "🏠" * 1_000, "meeting_url": f"https://example.org/{'字' * 1_900}"}
    await catalogue.send(a_series(room_id, "FREQ=DAILY", **long), host)
    whole = await shown(catalogue, room_id, host)
    assert 5 < len(whole["sessions"]) < 20
    assert len(json.dumps(whole, ensure_ascii=False).encode()) < 256 * 1024 - 4_096


async def test_no_query_for_sessions_reads_the_whole_table(catalogue: Catalogue) -> None:
    fill = """
        INSERT INTO session (room_id, session_id, starts_at, ends_at, time_zone, status, revision, has_own_time, asked)
        SELECT room_id, gen_random_uuid(), now() + n * interval '1 hour', now() + (n + 1) * interval '1 hour', 'UTC',
               'scheduled', 0, false, ''
        FROM room, generate_series(1, 2000) AS n WHERE room_id = ANY(CAST(:rooms AS uuid[]))"""
    host = uuid4()
    rooms = [str(await a_published_room(catalogue, host)) for _ in range(10)]
    asked = {
        "to come": "room_id = ANY(ARRAY[CAST('{0}' AS uuid)]) AND starts_at > now() AND status = 'scheduled'",
        "named": "session_id = ANY(ARRAY[CAST('{0}' AS uuid)])",
        "shown": "room_id = '{0}' AND starts_at > now() AND ends_at > now() ORDER BY starts_at, session_id LIMIT 20",
    }
    async with catalogue.pool.connect() as connection:
        await connection.execute(text(fill), {"rooms": rooms})
        await connection.execute(text("ANALYZE session"))
        for where in asked.values():
            explain = f"EXPLAIN SELECT * FROM session WHERE {where.format(rooms[0])}"
            plan = "\n".join((await connection.exec_driver_sql(explain)).scalars())
            assert "Seq Scan" not in plan, plan
        await connection.rollback()
