"""What is said again: rooms is right about its sessions and hand-overs, and nobody gets a letter of it."""

from uuid import UUID, uuid4

from tests.integration.notifications.post import Post, Way, told
from tests.integration.notifications.rooms import a_person_in_a_room, of_room, session_of
from tests.unit.notifications.builders import an_event

from practio_contracts.membership import MembershipReplayed, Status
from practio_contracts.rooms import (
    HandOverProposed,
    RoomReplayed,
    Session,
    SessionReplayed,
    SessionRescheduled,
    SessionScheduled,
)


async def revisions(post: Post, way: Way) -> dict[UUID, int]:
    rows = await post.rows("SELECT session_id, revision FROM session WHERE room_id = :id", id=way.room.room_id)
    return {row.session_id: row.revision for row in rows}


async def say_again(post: Post, way: Way, *sessions: Session, **fields: object) -> None:
    named = {session.session_id: session.revision for session in sessions}
    events = [of_room(SessionReplayed, way, session=each) for each in sessions]
    await post.hear(of_room(RoomReplayed, way, sessions=named, **fields), *events)


async def test_sessions_that_are_not_there_any_more_are_forgotten_and_older_ones_known_again(post: Post) -> None:
    way = await a_person_in_a_room(post)
    lost, planned, kept = session_of(way), session_of(way, days=8), session_of(way, days=9)
    moved = planned.model_copy(update={"revision": 1})
    await post.hear(
        *(of_room(SessionScheduled, way, session=each) for each in (lost, planned, kept)),
        of_room(SessionRescheduled, way, session=moved, former_starts_at=planned.starts_at),
    )
    await say_again(post, way, planned, kept)
    assert await revisions(post, way) == {planned.session_id: 0, kept.session_id: 0}


async def test_nobody_gets_a_letter_of_a_session_that_was_missed_and_is_said_again(post: Post) -> None:
    way = await a_person_in_a_room(post)
    missed = session_of(way)
    await say_again(post, way, missed)
    assert await revisions(post, way) == {missed.session_id: 0}
    assert await post.letters(way.person_id) == []


async def test_who_may_become_the_host_is_as_rooms_says_again(post: Post) -> None:
    way = await a_person_in_a_room(post)
    first, second = uuid4(), uuid4()
    await post.hear(of_room(HandOverProposed, way, person_id=first))
    await say_again(post, way, proposed_host_id=second, room={"version": 1})
    [row] = await post.rows("SELECT * FROM room WHERE room_id = :id", id=way.room.room_id)
    assert (row.proposed_host_id, row.proposed_in) == (second, 1)


async def test_a_membership_that_is_said_again_is_known_and_not_written_of(post: Post) -> None:
    way = await a_person_in_a_room(post)
    gone = way.membership(Status.WITHDRAWN, by="system", version=2)
    await post.hear(told(an_event(MembershipReplayed, gone)))
    [row] = await post.rows("SELECT * FROM standing WHERE person_id = :id", id=way.person_id)
    assert row.status == "withdrawn"
    assert await post.letters(way.person_id) == []
