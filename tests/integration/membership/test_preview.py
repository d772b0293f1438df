"""The preview of requests on a real database: it agrees with the requests, and writes nothing."""

from typing import Any
from uuid import UUID, uuid4

from tests.integration.membership.membership_service import MembershipService, people
from tests.support.stack.example_service import received
from tests.unit.membership.builders import FACILITATOR

from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import (
    ApproveRequest,
    DeclineRequest,
    Invite,
    PreviewedPlaces,
    PreviewedRequests,
    PreviewRequests,
    Remove,
    RequestToJoin,
    Withdraw,
)
from practio_contracts.people import PersonErased
from practio_contracts.rooms import Room

TRIAD = [{"name": "coach", "seats": 1}, {"name": "coachee", "seats": 1}, {"name": "observer", "seats": 2}]


async def previewed(
    membership: MembershipService,
    room: Room,
    persons: list[UUID],
    *,
    after: PreviewedPlaces | None = None,
    **fields: Any,
) -> PreviewedRequests:
    requests = [{"person_id": each, **fields} for each in persons]
    query = PreviewRequests.model_validate({"room_id": room.room_id, "requests": requests, "after": after})
    answer = await membership.query(query, by=SYSTEM)
    assert isinstance(answer, PreviewedRequests), answer
    return answer


def results(answer: PreviewedRequests) -> list[str]:
    return [str(each.status or each.code) for each in answer.outcomes]


async def imported(membership: MembershipService, room: Room, persons: list[UUID], **fields: Any) -> list[str]:
    found = []
    for person in persons:
        about = {"room_id": room.room_id, "person_id": person}
        answer = await membership.send(RequestToJoin.model_validate(about | fields), by=person)
        if answer.get("state", {}).get("status") == "requested":
            answer = await membership.send(ApproveRequest.model_validate(about), by=FACILITATOR)
        found.append(answer.get("code") or answer["state"]["status"])
    return found


async def stored(membership: MembershipService, room: Room) -> list[Any]:
    """Return all that is stored about a room."""
    tables = ("room", "membership", "history")
    about_it = "SELECT to_jsonb(each) FROM {} AS each WHERE room_id = :room_id ORDER BY 1"
    return [await membership.rows(about_it.format(table), room_id=room.room_id) for table in tables]


async def test_a_preview_says_what_the_requests_bring_and_changes_nothing(membership: MembershipService) -> None:
    room = await membership.publish(
        capacity=3, policy="approval", roles=TRIAD, waitlist={"limit": 1}, reapply_after_days=9
    )
    seated, left, declined, barred, invited, erased, *new = people(10)
    about = {"room_id": room.room_id}
    await membership.join(room, seated, left, declined, barred)
    for person in (seated, barred):
        await membership.send(ApproveRequest(**about, person_id=person), by=FACILITATOR)
    await membership.send(Withdraw(**about, person_id=left), by=left)
    await membership.send(DeclineRequest(**about, person_id=declined), by=FACILITATOR)
    await membership.send(Remove(**about, person_id=barred, reason="rude", bar=True), by=room.host_id)
    await membership.send(Invite(**about, person_id=invited, over_capacity=True), by=FACILITATOR)
    await membership.take(received(PersonErased(person_id=erased), subject=str(erased), sequence="5", actor=None))
    persons = [new[0], erased, barred, FACILITATOR, declined, seated, left, new[1], new[2], invited, new[0], new[3]]
    before = await stored(membership, room)

    answer = await previewed(membership, room, persons)

    assert results(answer) == [
        "joined",
        "person-erased",
        "barred",
        "holds-office",
        "reapply-later",
        "joined",
        "joined",
        "waitlisted",
        "waitlist-full",
        "joined",
        "joined",
        "waitlist-full",
    ]
    assert await stored(membership, room) == before
    assert await imported(membership, room, persons) == results(answer)


async def test_further_requests_are_previewed_after_those_before(membership: MembershipService) -> None:
    room, persons = await membership.publish(capacity=3, roles=TRIAD, waitlist={"enabled": False}), people(6)
    whole = await previewed(membership, room, persons, roles=["observer", "coach"])
    found, places = [], None
    for start in range(0, len(persons), 2):
        page = await previewed(membership, room, persons[start : start + 2], after=places, roles=["observer", "coach"])
        found += results(page)
        places = page.places
    assert found == results(whole) == ["joined"] * 3 + ["waitlist-closed"] * 3
    assert whole.places == places == PreviewedPlaces(by_role={"coach": 1, "observer": 2})
    assert await imported(membership, room, persons, roles=["observer", "coach"]) == found


async def test_only_offices_and_the_system_preview_the_requests_of_others(membership: MembershipService) -> None:
    room, [person] = await membership.publish(), people(1)
    requests = [{"person_id": person}]
    for room_id, by, code in ((room.room_id, person, "not-allowed"), (uuid4(), SYSTEM, "room-unknown")):
        answer = await membership.query(PreviewRequests.model_validate({"room_id": room_id, "requests": requests}), by)
        assert isinstance(answer, Refusal)
        assert answer.code == code
    allowed = PreviewRequests.model_validate({"room_id": room.room_id, "requests": requests})
    assert isinstance(await membership.query(allowed, by=FACILITATOR), PreviewedRequests)


async def test_an_answer_that_would_be_too_long_leaves_out_the_last_requests(membership: MembershipService) -> None:
    questions = [{"key": f"question-{each}", "text": "Why?", "required": True} for each in range(40)]
    room, persons = await membership.publish(questions=questions), people(100)
    answer = await previewed(membership, room, persons)
    assert 1 < len(answer.outcomes) < len(persons)
    assert [each.person_id for each in answer.outcomes] == persons[: len(answer.outcomes)]
    assert len(answer.model_dump_json()) < 256 * 1024
    assert {each.errors[7].field for each in answer.outcomes} == {"answers.question-7"}
