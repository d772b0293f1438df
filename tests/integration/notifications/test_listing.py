"""Which letters were written: people see their own, the system all."""

from typing import Any
from uuid import UUID

from tests.integration.notifications.post import Post, Way, a_way, published, registered, told
from tests.support.stack.handling import received
from tests.unit.notifications.builders import NOW, an_event

from practio_chassis.database.engine import session_maker
from practio_contracts.answers import Refusal
from practio_contracts.membership import Declined, Requested, Status
from practio_contracts.notifications import Letters, ListLetters
from practio_notifications.queries.letters import list_letters


async def listed(post: Post, actor: UUID | str, **asked: Any) -> Letters | Refusal:
    async with session_maker(post.pool)() as session:
        return await list_letters(received(ListLetters.model_validate(asked), actor=actor), session, NOW)


async def kinds(post: Post, actor: UUID | str, **asked: Any) -> list[str]:
    answer = await listed(post, actor, **asked)
    assert isinstance(answer, Letters)
    return [letter.kind for letter in answer.letters]


async def two_letters(post: Post) -> Way:
    """Give a person with a letter about the request, and a newer one about the decline."""
    way = a_way()
    await post.hear(registered(way.person_id), published(way.room))
    await post.hear(told(an_event(Requested, way.membership(Status.REQUESTED))))
    await post.hear(told(an_event(Declined, way.membership(Status.DECLINED, version=2))))
    return way


async def test_people_see_their_own_letters_newest_first(post: Post) -> None:
    way = await two_letters(post)
    assert await kinds(post, way.person_id) == ["declined", "requested"]
    assert await kinds(post, way.person_id, person_id=str(way.person_id)) == ["declined", "requested"]


async def test_people_do_not_see_the_letters_of_others(post: Post) -> None:
    way = await two_letters(post)
    answer = await listed(post, way.room.host_id, person_id=str(way.person_id))
    assert isinstance(answer, Refusal)
    assert answer.code == "not-allowed"
    assert await kinds(post, way.room.host_id, room_id=str(way.room.room_id)) == ["request-to-decide"]


async def test_the_system_sees_all_letters_of_a_room_by_their_state(post: Post) -> None:
    way = await two_letters(post)
    room_id = str(way.room.room_id)
    assert sorted(await kinds(post, "system", room_id=room_id)) == ["declined", "request-to-decide", "requested"]
    assert await kinds(post, "system", room_id=room_id, status="held") == ["request-to-decide"]


async def test_pages_neither_skip_nor_repeat(post: Post) -> None:
    way = await two_letters(post)
    first = await listed(post, way.person_id, limit=1)
    assert isinstance(first, Letters)
    assert first.after is not None
    second = await listed(post, way.person_id, limit=1, after=first.after)
    assert isinstance(second, Letters)
    assert [letter.kind for letter in first.letters + second.letters] == ["declined", "requested"]
    assert second.after is None


async def test_a_cursor_that_is_none_of_ours_is_refused(post: Post) -> None:
    early = f"0001-01-01T00:00:00+14:00~{UUID(int=1)}"
    for cursor in ("nonsense", "2026-01-01~x", f"2026-01-01~{UUID(int=1)}", "~", early):
        answer = await listed(post, UUID(int=1), after=cursor)
        assert isinstance(answer, Refusal), cursor
        assert answer.code == "invalid"
