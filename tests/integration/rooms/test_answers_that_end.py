"""Answers that no longer count, or count again: after a move, a cancellation, or leaving."""

import pytest
from tests.integration.rooms.catalogue import Catalogue, a_membership, joined, withdrawn
from tests.integration.rooms.living import Living
from tests.integration.rooms.planning import change, internal, local
from tests.support.stack.example_service import received

from practio_contracts.rooms import (
    AnswerSession,
    ArchiveRoom,
    CancelRoom,
    CancelSession,
    RescheduleSession,
    WatchSessions,
)


async def test_an_answer_for_a_session_that_moved_is_not_counted(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 2)
    session = await room.session()
    for person in room.people:
        await room.answer(session, person, "yes")
    move = RescheduleSession(room_id=room.room_id, session_id=session, starts_at=local(9))
    answer = received(move, actor=room.host)
    await catalogue.handle(answer)
    assert (await room.shown(session)).coming.unanswered == 2
    back = RescheduleSession(room_id=room.room_id, session_id=session, starts_at=local(7))
    await catalogue.send(back, room.host)
    assert (await room.shown(session)).coming.unanswered == 2
    await room.answer(session, room.people[0], "maybe")
    assert (await room.shown(session)).coming.maybe == 1


async def test_an_answer_after_a_move_counts_though_both_come_in_one_batch(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 1)
    session, [person] = await room.session(), room.people
    await room.answer(session, person, "yes", note="By train")
    about = {"room_id": room.room_id, "session_id": session}
    move = RescheduleSession.model_validate(about | {"starts_at": local(9)})
    answer = AnswerSession.model_validate(about | {"person_id": person, "coming": "yes"})
    [_, answered] = await catalogue.handle(received(move, actor=room.host), received(answer, actor=person))
    assert (answered["data"]["changed"], answered["data"]["state"]["note"]) == (True, None)
    assert (await room.shown(session)).coming.yes == 1


async def test_an_answer_is_not_counted_if_a_release_moved_the_session_that_knows_no_answers(
    catalogue: Catalogue,
) -> None:
    room = await Living.with_people(catalogue, 1)
    session = await room.session()
    await room.answer(session, room.people[0], "yes")
    async with catalogue.pool.begin() as connection:
        await connection.exec_driver_sql(
            f"UPDATE session SET starts_at = starts_at + interval '1 hour', ends_at = ends_at + interval '1 hour' "
            f"WHERE session_id = '{session}'"
        )
    assert (await room.shown(session)).coming.unanswered == 1


@pytest.mark.parametrize(
    "stale",
    [
        "membership_id = gen_random_uuid()",
        "starts_at = starts_at - interval '1 hour'",
        "ends_at = ends_at + interval '1 hour'",
    ],
)
async def test_the_same_answer_again_counts_if_the_one_before_does_not(catalogue: Catalogue, stale: str) -> None:
    """Such rows are left by a release that knows no answers; the note of one is for another time, or person's stay."""
    room = await Living.with_people(catalogue, 1)
    session, [person] = await room.session(), room.people
    await room.answer(session, person, "yes", note="By train")
    await change(catalogue, f"UPDATE session_answer SET {stale} WHERE session_id = :session", session=session)
    assert (await room.shown(session)).coming.yes == 0
    again = await room.answer(session, person, "yes")
    assert (again["changed"], again["state"]["note"]) == (True, None)
    assert (await room.shown(session)).coming.yes == 1


async def test_a_cancelled_session_forgets_the_answers(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 1)
    session = await room.session()
    await room.answer(session, room.people[0], "yes")
    await catalogue.send(CancelSession(room_id=room.room_id, session_id=session), room.host)
    assert await catalogue.rows("SELECT 1 FROM session_answer WHERE session_id = :session", session=session) == []
    assert (await room.shown(session)).coming.yes == 0


async def test_a_room_that_ends_forgets_the_answers_to_its_sessions(catalogue: Catalogue) -> None:
    for end in (CancelRoom, ArchiveRoom):
        room = await Living.with_people(catalogue, 1)
        sessions = [await room.session(starts_at=local(day)) for day in (7, 8)]
        for session in sessions:
            await room.answer(session, room.people[0], "yes")
            await room.answer(session, room.host, "no")
        reason = {"reason": "No interest"} if end is CancelRoom else {}
        await catalogue.send(end.model_validate({"room_id": room.room_id} | reason), room.host)
        assert await catalogue.rows("SELECT 1 FROM session_answer WHERE room_id = :room", room=room.room_id) == []
        for session in sessions:
            assert (await room.shown(session)).coming.model_dump() == {"yes": 0, "no": 0, "maybe": 0, "unanswered": 1}
            assert (await room.answer(session, room.people[0], "yes"))["code"] == "not-in-this-state"


async def test_answers_are_not_counted_in_a_room_that_a_release_cancelled_that_knows_no_answers(
    catalogue: Catalogue,
) -> None:
    """Such a release leaves the answers where they are; nothing counts them, watches the room or breaks on them."""
    room = await Living.with_people(catalogue, 1)
    session = await room.session()
    await room.answer(session, room.people[0], "yes")
    as_before = "SELECT * FROM session_answer WHERE session_id = :session"
    [left] = await catalogue.rows(as_before, session=session)
    await catalogue.send(CancelRoom(room_id=room.room_id, reason="No interest"), room.host)
    stated = left._asdict()
    values = ", ".join(f":{name}" for name in stated)
    await change(catalogue, f"INSERT INTO session_answer ({', '.join(stated)}) VALUES ({values})", **stated)
    assert (await room.shown(session)).coming.yes == 0
    await catalogue.handle(internal(WatchSessions(room_id=room.room_id)), withdrawn(room.members[0]))
    assert await catalogue.rows(as_before, session=session) == []
    assert await room.events(session) == ["session-answered"]


async def test_leaving_the_room_ends_an_answer_and_coming_back_does_not_revive_it(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 1)
    session = await room.session()
    [member], [person] = room.members, room.people
    await room.answer(session, person, "yes")
    await catalogue.handle(withdrawn(member))
    assert (await room.shown(session)).coming.yes == 0
    assert await catalogue.rows("SELECT 1 FROM session_answer WHERE session_id = :session", session=session) == []
    await catalogue.handle(joined(a_membership(room.room_id, person)))
    await room.answer(session, person, "maybe")
    await catalogue.handle(withdrawn(member))
    assert (await room.shown(session)).coming.maybe == 1


async def test_an_answer_stays_when_something_else_of_the_membership_changes(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 1)
    session, [member] = await room.session(), room.members
    await room.answer(session, member.person_id, "yes")
    await catalogue.handle(joined(member.model_copy(update={"version": member.version + 1, "role": "coach"})))
    assert (await room.shown(session)).coming.yes == 1
