"""How people in a room are called: who learns it, of whom, in which order."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.integration.notifications.post import Post, Way, a_way, erased, published, registered, told
from tests.integration.notifications.rooms import of_room
from tests.support.stack.handling import received
from tests.unit.notifications.builders import NOW, an_event

from practio_chassis.database.engine import session_maker
from practio_contracts.answers import Refusal
from practio_contracts.membership import Declined, Status
from practio_contracts.notifications import NamePeople, Names
from practio_contracts.rooms import HandOverProposed
from practio_notifications.queries.letters import name_people

NAMES = {"host": "Hanna Vogel", "facilitator": "Febe Conti", "steward": "Sami Aho", "member": "Bruno Riva"}


async def asked(post: Post, way: Way, actor: UUID | str, *people: UUID) -> Names | Refusal:
    async with session_maker(post.pool)() as session:
        question = received(NamePeople(room_id=way.room.room_id, person_ids=list(people)), actor=actor)
        return await name_people(question, session, NOW)


async def names(post: Post, way: Way, actor: UUID | str, *people: UUID) -> list[str]:
    """Give the names that are told, in order."""
    answer = await asked(post, way, actor, *people)
    assert isinstance(answer, Names), answer
    return [person.display_name for person in answer.people]


async def refused(post: Post, way: Way, actor: UUID | str) -> str:
    """Give the code of a refusal."""
    answer = await asked(post, way, actor, way.room.host_id)
    assert isinstance(answer, Refusal)
    return answer.code


async def a_room_with_people(post: Post, **room: Any) -> tuple[Way, dict[str, UUID]]:
    """Give a room with somebody in each office, and a member whose request was declined."""
    facilitator, steward = uuid4(), uuid4()
    way = a_way(facilitator_ids=[facilitator], steward_ids=[steward], **room)
    ids = {"host": way.room.host_id, "facilitator": facilitator, "steward": steward, "member": way.person_id}
    await post.hear(
        *(registered(ids[who], display_name=name) for who, name in NAMES.items()),
        published(way.room),
        told(an_event(Declined, way.membership(Status.DECLINED))),
    )
    return way, ids


@pytest.mark.parametrize("who", ["host", "facilitator", "steward", "system"])
async def test_who_runs_a_room_and_the_system_learn_all_names_in_the_order_asked(post: Post, who: str) -> None:
    way, ids = await a_room_with_people(post)
    people = list(reversed(ids.values()))
    assert await names(post, way, ids.get(who, who), *people, *people) == list(reversed(NAMES.values()))


async def test_who_was_on_a_way_into_a_room_learns_who_runs_it_and_nobody_else(post: Post) -> None:
    way, ids = await a_room_with_people(post)
    others, their_ids = await a_room_with_people(post)
    people = [*ids.values(), *their_ids.values()]
    assert await names(post, way, way.person_id, *people) == [NAMES[who] for who in ("host", "facilitator", "steward")]
    assert await names(post, others, others.person_id, *ids.values()) == []


async def test_a_host_learns_no_names_of_people_elsewhere_and_the_system_does(post: Post) -> None:
    way, ids = await a_room_with_people(post)
    stranger = uuid4()
    await post.hear(registered(stranger, display_name="Somebody Else"))
    assert await names(post, way, ids["host"], stranger) == []
    assert await names(post, way, "system", stranger) == ["Somebody Else"]


async def test_strangers_learn_nothing(post: Post) -> None:
    way, _ = await a_room_with_people(post)
    other, _ = await a_room_with_people(post)
    assert await refused(post, way, uuid4()) == "not-allowed"
    assert await refused(post, way, other.person_id) == "not-allowed"


async def test_who_is_asked_to_host_learns_who_asks(post: Post) -> None:
    way, ids = await a_room_with_people(post)
    chosen = uuid4()
    await post.hear(registered(chosen, display_name="Chiara Sala"))
    await post.hear(of_room(HandOverProposed, way, person_id=chosen))
    assert await names(post, way, chosen, ids["host"], ids["member"]) == [NAMES["host"]]
    assert await names(post, way, ids["steward"], chosen) == ["Chiara Sala"]


async def test_who_is_unknown_or_erased_is_left_out(post: Post) -> None:
    way, ids = await a_room_with_people(post)
    await post.hear(erased(ids["member"]))
    assert await names(post, way, ids["host"], uuid4(), ids["member"], ids["host"]) == [NAMES["host"]]


async def test_a_room_nobody_told_of_is_unknown(post: Post) -> None:
    assert await refused(post, a_way(), uuid4()) == "room-unknown"


async def test_a_draft_is_unknown_to_all_but_its_host_and_the_system(post: Post) -> None:
    way, ids = await a_room_with_people(post, status="draft")
    for who in ("facilitator", "steward", "member"):
        assert await refused(post, way, ids[who]) == "room-unknown"
    for asker in (ids["host"], "system"):
        assert await names(post, way, asker, ids["host"]) == [NAMES["host"]]
