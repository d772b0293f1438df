"""Sessions in query results: how many, for whom, and by which index."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from tests.integration.rooms.catalogue import Catalogue, a_membership, ended, joined, withdrawn
from tests.integration.rooms.past_sessions import a_session as a_past_session
from tests.integration.rooms.planning import (
    PRIVATE,
    a_published_room,
    a_series,
    a_session,
    change,
    local,
    sessions,
    shown,
)
from tests.support.clients.commands import a_room

from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.rooms import (
    ArchiveRoom,
    CancelSession,
    CloseRoom,
    CreateRoom,
    GetSession,
    ListSessions,
    PublishRoom,
    SessionResult,
    SessionsFound,
)


async def test_a_room_is_shown_with_its_next_20_sessions_and_their_place_only_to_people_in_it(
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


async def listed(catalogue: Catalogue, room_id: UUID, by: UUID | str, **asked: Any) -> SessionsFound | str:
    """Return a page of a room's sessions, or the code of the refusal."""
    query = ListSessions.model_validate({"room_id": room_id, **asked})
    found = await catalogue.ask(query, by, datetime.now(UTC))
    return found.code if isinstance(found, Refusal) else found


def ids(found: SessionsFound | str) -> list[UUID]:
    assert isinstance(found, SessionsFound), found
    return [each.session_id for each in found.sessions]


async def test_people_in_the_room_list_coming_and_past_sessions_and_others_the_coming_ones(
    catalogue: Catalogue,
) -> None:
    host, member, stranger = uuid4(), uuid4(), uuid4()
    room_id = await a_published_room(catalogue, host)
    await catalogue.handle(joined(a_membership(room_id, member)))
    soon, later, cancelled = (a_session(room_id, starts_at=local(day), place="Via Po 1") for day in (1, 3, 2))
    for planned in (later, soon, cancelled):
        await catalogue.send(planned, host)
    await catalogue.send(CancelSession(room_id=room_id, session_id=cancelled.session_id), host)
    running, newer, older = [await a_past_session(catalogue, room_id, hours=ago) for ago in (-1, -30, -60)]
    await change(catalogue, "UPDATE session SET status = 'cancelled' WHERE session_id = :id", id=newer)
    for person, sees in ((host, PRIVATE), (member, PRIVATE), (SYSTEM, PRIVATE), (stranger, set())):
        coming = await listed(catalogue, room_id, person)
        assert ids(coming) == [running, soon.session_id, later.session_id]
        assert isinstance(coming, SessionsFound)
        assert PRIVATE & coming.sessions[1].model_dump(mode="json").keys() == sees
        past = await listed(catalogue, room_id, person, when="past")
        assert past == "not-allowed" if person == stranger else ids(past) == [cancelled.session_id, newer, older]


async def test_people_who_were_in_the_room_when_it_ended_list_its_past_sessions(catalogue: Catalogue) -> None:
    host, member, left = uuid4(), uuid4(), uuid4()
    room_id = await a_published_room(catalogue, host)
    stayed, gone = a_membership(room_id, member), a_membership(room_id, left)
    await catalogue.handle(joined(stayed), joined(gone))
    held = await a_past_session(catalogue, room_id, hours=-30)
    await catalogue.handle(withdrawn(gone))
    await catalogue.send(ArchiveRoom(room_id=room_id), host)
    await catalogue.handle(ended(stayed))
    past = await listed(catalogue, room_id, member, when="past")
    assert ids(past) == [held]
    assert isinstance(past, SessionsFound)
    assert not PRIVATE & past.sessions[0].model_dump(mode="json").keys(), "they are for people in the room"
    assert await listed(catalogue, room_id, left, when="past") == "not-allowed"
    one = await catalogue.ask(GetSession(room_id=room_id, session_id=held), member, datetime.now(UTC))
    assert isinstance(one, SessionResult)
    assert not PRIVATE & one.model_dump(mode="json")["session"].keys()
    assert isinstance(await catalogue.ask(GetSession(room_id=room_id, session_id=held), left), Refusal)


async def test_sessions_of_a_draft_are_for_its_host_and_those_of_a_closed_room_for_the_people_in_it(
    catalogue: Catalogue,
) -> None:
    host, steward = uuid4(), uuid4()
    draft = CreateRoom.model_validate(a_room(steward_ids=[str(steward)]))
    planned = a_session(draft.room_id)
    await catalogue.send(draft, host)
    await catalogue.send(planned, host)
    assert ids(await listed(catalogue, draft.room_id, host)) == [planned.session_id]
    assert await listed(catalogue, draft.room_id, steward) == "room-unknown"
    await catalogue.send(PublishRoom(room_id=draft.room_id), host)
    await catalogue.send(CloseRoom(room_id=draft.room_id), host)
    assert ids(await listed(catalogue, draft.room_id, steward)) == [planned.session_id]
    assert await listed(catalogue, draft.room_id, uuid4()) == "not-allowed"
    assert await listed(catalogue, uuid4(), host) == "room-unknown"


async def test_pages_of_sessions_go_on_where_the_last_one_ended(catalogue: Catalogue) -> None:
    host = uuid4()
    room_id = await a_published_room(catalogue, host)
    await catalogue.send(a_series(room_id, "FREQ=WEEKLY;COUNT=4"), host)
    for ago in range(3, 8):
        await a_past_session(catalogue, room_id, hours=-ago * 10)
    for when in ("coming", "past"):
        whole = ids(await listed(catalogue, room_id, host, when=when))
        seen: list[UUID] = []
        after = None
        while len(seen) < len(whole):
            page = await listed(catalogue, room_id, host, when=when, limit=2, after=after)
            assert isinstance(page, SessionsFound)
            seen, after = seen + ids(page), page.after
        assert (seen, after) == (whole, None)
        assert len(whole) > 3
    assert await listed(catalogue, room_id, host, after="nonsense") == "invalid"


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
        "past": "room_id = '{0}' AND (ends_at <= now() OR status = 'cancelled') "
        "ORDER BY starts_at DESC, session_id DESC LIMIT 20",
    }
    async with catalogue.pool.connect() as connection:
        await connection.execute(text(fill), {"rooms": rooms})
        await connection.execute(text("ANALYZE session"))
        for where in asked.values():
            explain = f"EXPLAIN SELECT * FROM session WHERE {where.format(rooms[0])}"
            plan = "\n".join((await connection.exec_driver_sql(explain)).scalars())
            assert "Seq Scan" not in plan, plan
        await connection.rollback()
