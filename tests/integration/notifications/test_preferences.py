"""What people want to read and when: set by themselves, whole, shown, forgotten with them."""

from typing import Any
from uuid import UUID, uuid4

from tests.integration.notifications.post import Post, erased, registered
from tests.support.stack.handling import received

from practio_chassis.database.engine import session_maker
from practio_contracts.answers import Refusal
from practio_contracts.notifications import GetPreferences, Preferences, SetPreferences
from practio_notifications.queries.letters import get_preferences


async def shown(post: Post, person_id: UUID, actor: UUID | str) -> Preferences | Refusal:
    async with session_maker(post.pool)() as session:
        question = received(GetPreferences(person_id=person_id), actor=actor)
        return await get_preferences(question, session, question.envelope.time)


async def send(post: Post, person_id: UUID, actor: UUID | str | None = None, **wished: Any) -> dict[str, Any]:
    """Wish for preferences, as the person; gives the answer's data."""
    command = SetPreferences.model_validate({"person_id": person_id} | wished)
    return await post.send(received(command, actor=actor or person_id))


async def test_who_never_said_anything_has_what_everybody_has_at_first(post: Post) -> None:
    person_id = uuid4()
    told = await shown(post, person_id, person_id)
    assert told == Preferences(person_id=person_id)
    assert told.model_dump(mode="json", by_alias=True) == {
        "person_id": str(person_id),
        "requests_digest": "at-once",
        "activity": "daily",
        "reminders": True,
        "quiet_hours": {"from": "21:00", "to": "08:00"},
        "muted_room_ids": [],
    }


async def test_preferences_are_set_whole_and_shown(post: Post) -> None:
    person_id, room_id = uuid4(), uuid4()
    first = await send(post, person_id, activity="off", quiet_hours=None, muted_room_ids=[room_id, room_id])
    assert (first["changed"], first["state"]["muted_room_ids"]) == (True, [str(room_id)])
    then = await send(post, person_id, requests_digest="weekly")
    assert then["state"]["activity"] == "daily"
    assert await shown(post, person_id, "system") == Preferences(person_id=person_id, requests_digest="weekly")


async def test_what_is_wished_again_changes_nothing(post: Post) -> None:
    person_id = uuid4()
    assert (await send(post, person_id, reminders=False))["changed"]
    assert not (await send(post, person_id, reminders=False))["changed"]
    assert not (await send(post, uuid4()))["changed"]


async def test_nobody_sets_or_sees_the_preferences_of_others(post: Post) -> None:
    person_id = uuid4()
    assert (await send(post, person_id, uuid4(), activity="off"))["code"] == "not-allowed"
    refused = await shown(post, person_id, uuid4())
    assert isinstance(refused, Refusal)
    assert refused.code == "not-allowed"


async def test_preferences_go_with_the_person(post: Post) -> None:
    person_id = uuid4()
    await post.hear(registered(person_id))
    await send(post, person_id, activity="off")
    await post.hear(erased(person_id))
    assert await shown(post, person_id, "system") == Preferences(person_id=person_id)
