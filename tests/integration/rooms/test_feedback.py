"""Feedback on a real database: accepted once per person, and never stored with the person's id."""

import json
from uuid import UUID, uuid4

from tests.integration.rooms.catalogue import Catalogue, a_membership, joined, withdrawn
from tests.integration.rooms.past_sessions import a_room_of, a_session, feedback, give
from tests.support.stack.example_service import received

from practio_contracts.envelope import SYSTEM
from practio_contracts.people import PersonErased
from practio_contracts.rooms import GiveFeedback

ANSWERS = ("feedback_waiting", "feedback_number", "feedback_comment")


def some_people(count: int) -> list[UUID]:
    return [uuid4() for _ in range(count)]


async def test_four_entries_are_shown_only_to_host_and_offices(catalogue: Catalogue) -> None:
    host, people = uuid4(), some_people(4)
    room_id = await a_room_of(catalogue, *people, host=host)
    session_id = await a_session(catalogue, room_id)
    for person, useful in zip(people[:3], (5, 4, 4), strict=True):
        answer = await give(catalogue, room_id, session_id, person, useful=useful, comment=f"I say {useful}")
        assert answer["state"] == {"room_id": str(room_id), "session_id": str(session_id)}
    assert (await feedback(catalogue, room_id, host, session_id))["answers"] == 0

    await give(catalogue, room_id, session_id, people[3], useful=1)

    shown = await feedback(catalogue, room_id, host, session_id)
    assert (shown["answers"], shown["average"]) == (4, 3.5)
    assert shown["useful"] == {"1": 1, "2": 0, "3": 0, "4": 2, "5": 1}
    assert (shown["comments"], shown["comments_left_out"]) == (["I say 4", "I say 4", "I say 5"], 0)
    whole = await feedback(catalogue, room_id, SYSTEM)
    assert (whole["answers"], whole["session_id"]) == (4, None)
    assert [await feedback(catalogue, room_id, person) for person in (people[0], uuid4())] == ["not-allowed"] * 2
    assert await feedback(catalogue, room_id, host, uuid4()) == "session-unknown"
    assert await feedback(catalogue, uuid4(), host) == "room-unknown"


async def test_feedback_is_given_once_by_people_in_the_room_on_a_session_that_has_begun(catalogue: Catalogue) -> None:
    host, person, gone = uuid4(), uuid4(), uuid4()
    room_id = await a_room_of(catalogue, person, host=host)
    left = a_membership(room_id, gone)
    await catalogue.handle(joined(left), withdrawn(left))
    session_id, next_one = await a_session(catalogue, room_id), await a_session(catalogue, room_id, hours=2)

    async def outcome(by: UUID, about: UUID = session_id) -> str | None:
        return (await give(catalogue, room_id, about, by)).get("code")

    assert [await outcome(by) for by in (host, gone, uuid4())] == ["not-allowed"] * 3
    assert [await outcome(person, about) for about in (uuid4(), next_one)] == ["session-unknown", "not-allowed"]
    assert [await outcome(person), await outcome(person)] == [None, "already-given"]
    elsewhere = await give(catalogue, uuid4(), session_id, person)
    assert elsewhere["code"] == "room-unknown"
    [answer] = await catalogue.handle(
        received(GiveFeedback(room_id=room_id, session_id=session_id, useful=3), actor=SYSTEM, account="practio-rooms")
    )
    assert answer["data"]["code"] == "not-allowed"


async def test_entries_of_one_batch_are_handled_as_if_they_were_separate(catalogue: Catalogue) -> None:
    host, people = uuid4(), some_people(5)
    room_id = await a_room_of(catalogue, *people, host=host)
    session_id = await a_session(catalogue, room_id)
    command = GiveFeedback(room_id=room_id, session_id=session_id, useful=2, comment="Fine")
    answers = await catalogue.handle(*(received(command, actor=person) for person in (*people, people[0])))
    assert [answer["data"].get("code") for answer in answers] == [None] * 5 + ["already-given"]
    shown = await feedback(catalogue, room_id, host, session_id)
    assert (shown["answers"], shown["comments"]) == (4, ["Fine"] * 4)
    assert len(await catalogue.rows("SELECT 1 FROM feedback_waiting WHERE room_id = :room", room=room_id)) == 1


async def test_leftovers_of_sessions_are_shown_for_the_room_as_a_whole_once_four_people_gave_them(
    catalogue: Catalogue,
) -> None:
    host, people = uuid4(), some_people(4)
    room_id = await a_room_of(catalogue, *people, host=host)
    for hours in (-50, -40):
        session_id = await a_session(catalogue, room_id, hours=hours)
        for person in people[:3]:
            await give(catalogue, room_id, session_id, person)
    session_id = await a_session(catalogue, room_id, hours=-30)
    await give(catalogue, room_id, session_id, people[0])
    assert (await feedback(catalogue, room_id, host))["answers"] == 0
    await give(catalogue, room_id, session_id, people[3])
    await give(catalogue, room_id, await a_session(catalogue, room_id), people[0])
    assert (await feedback(catalogue, room_id, host))["answers"] == 8
    waiting = "SELECT 1 FROM feedback_given WHERE room_id = :room AND waits"
    assert len(await catalogue.rows(waiting, room=room_id)) == 1


async def test_no_table_holds_feedback_together_with_its_giver(catalogue: Catalogue) -> None:
    people = some_people(5)
    room_id = await a_room_of(catalogue, *people)
    session_id = await a_session(catalogue, room_id)
    for person in people:
        await give(catalogue, room_id, session_id, person, comment="Quite a peculiar remark")
    await give(catalogue, room_id, session_id, people[0], comment="Quite a peculiar remark")

    tables = [
        row[0] for row in await catalogue.rows("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    ]
    assert set(ANSWERS) < set(tables)
    ids = "|".join(map(str, people))
    for table in tables:
        rows = await catalogue.rows(f"SELECT t::text AS row FROM {table} AS t")
        with_remark = [row[0] for row in rows if "peculiar remark" in row[0]]
        assert bool(with_remark) == (table in ("feedback_waiting", "feedback_comment")), table
        if table in ANSWERS:
            assert not any(identity in row[0] for row in rows for identity in ids.split("|"))
    for table, column in (("inbox", "answer"), ("outbox", "public"), ("outbox", "internal")):
        rows = await catalogue.rows(f"SELECT encode({column}, 'escape') FROM {table} WHERE {column} IS NOT NULL")
        assert not any("peculiar remark" in row[0] or '"useful"' in row[0] for row in rows)


async def test_entries_have_no_time_no_rising_number_and_no_transaction_of_their_own(catalogue: Catalogue) -> None:
    kinds = await catalogue.rows(
        "SELECT DISTINCT data_type, column_default FROM information_schema.columns WHERE table_name = ANY(:tables)",
        tables=list(ANSWERS),
    )
    assert {tuple(row) for row in kinds} == {("uuid", None), ("smallint", None), ("text", None)}
    people = some_people(3)
    room_id = await a_room_of(catalogue, *people)
    session_id = await a_session(catalogue, room_id)
    for person in people:
        await give(catalogue, room_id, session_id, person)
    query = "SELECT DISTINCT xmin::text FROM feedback_waiting WHERE room_id = :room"
    assert len(await catalogue.rows(query, room=room_id)) == 1


async def test_the_place_of_an_entry_on_disk_does_not_reveal_when_it_came(catalogue: Catalogue) -> None:
    people = some_people(3)
    last = []
    for _ in range(12):
        room_id = await a_room_of(catalogue, *people)
        session_id = await a_session(catalogue, room_id)
        for useful, person in enumerate(people, 1):
            await give(catalogue, room_id, session_id, person, useful=useful)
        rows = await catalogue.rows(
            "SELECT useful FROM feedback_waiting WHERE room_id = :room ORDER BY ctid", room=room_id
        )
        last.append(rows[-1][0])
    assert set(last) != {3}


async def test_a_public_refusal_reveals_neither_person_nor_content(catalogue: Catalogue) -> None:
    person = uuid4()
    room_id = await a_room_of(catalogue, person)
    session_id = await a_session(catalogue, room_id)
    for _ in range(2):
        await give(catalogue, room_id, session_id, person, comment="A peculiar remark")
    refused = (await catalogue.published(room_id))[-1]
    assert refused.routing_key == "rooms.command-refused.v1"
    assert json.loads(refused.public)["data"]["code"] == "already-given"
    assert str(person) not in refused.public.decode()


async def test_erasure_deletes_that_a_person_gave_feedback_and_keeps_its_content(
    catalogue: Catalogue,
) -> None:
    person = uuid4()
    room_id = await a_room_of(catalogue, person)
    await give(catalogue, room_id, await a_session(catalogue, room_id), person)
    await catalogue.handle(received(PersonErased(person_id=person), subject=str(person), sequence="2", actor=None))
    assert await catalogue.rows("SELECT 1 FROM feedback_given WHERE person_id = :person", person=person) == []
    assert len(await catalogue.rows("SELECT 1 FROM feedback_waiting WHERE room_id = :room", room=room_id)) == 1


async def test_comments_that_do_not_fit_into_the_answer_are_counted(catalogue: Catalogue) -> None:
    host, people = uuid4(), some_people(72)
    room_id = await a_room_of(catalogue, *people, host=host)
    session_id = await a_session(catalogue, room_id)
    command = GiveFeedback(room_id=room_id, session_id=session_id, useful=4, comment="界" * 1_000)
    await catalogue.handle(*(received(command, actor=person) for person in people))
    shown = await feedback(catalogue, room_id, host)
    assert (shown["answers"], len(shown["comments"]), shown["comments_left_out"]) == (72, 68, 4)
    assert len(json.dumps(shown, ensure_ascii=False).encode()) < 220 * 1024
