"""The names of people in a room: who learns which, in which order."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.integration.notifications.notifications_service import (
    Applicant,
    NotificationsService,
    an_applicant,
    membership_event,
    person_erased,
    person_registered,
    room_published,
)
from tests.integration.notifications.room_events import room_event
from tests.support.stack.example_service import received
from tests.unit.notifications.builders import NOW, an_event

from practio_chassis.database.engine import session_maker
from practio_contracts.answers import Refusal
from practio_contracts.membership import Declined, Joined, Status, Withdrawn
from practio_contracts.notifications import NamePeople, Names
from practio_contracts.rooms import HandOverProposed
from practio_notifications.queries.letters import name_people

NAMES = {"host": "Hanna Vogel", "facilitator": "Febe Conti", "steward": "Sami Aho", "member": "Bruno Riva"}


async def asked(
    notifications: NotificationsService, applicant: Applicant, actor: UUID | str, *people: UUID
) -> Names | Refusal:
    async with session_maker(notifications.pool)() as session:
        query = received(NamePeople(room_id=applicant.room.room_id, person_ids=list(people)), actor=actor)
        return await name_people(query, session, NOW)


async def names(
    notifications: NotificationsService, applicant: Applicant, actor: UUID | str, *people: UUID
) -> list[str]:
    """Return the names of the answer, in order."""
    answer = await asked(notifications, applicant, actor, *people)
    assert isinstance(answer, Names), answer
    return [person.display_name for person in answer.people]


async def refused(notifications: NotificationsService, applicant: Applicant, actor: UUID | str) -> str:
    """Return the code of a refusal."""
    answer = await asked(notifications, applicant, actor, applicant.room.host_id)
    assert isinstance(answer, Refusal)
    return answer.code


async def a_room_with_people(notifications: NotificationsService, **room: Any) -> tuple[Applicant, dict[str, UUID]]:
    """Return a room with a person in each office, and a person whose request was declined."""
    facilitator, steward = uuid4(), uuid4()
    applicant = an_applicant(facilitator_ids=[facilitator], steward_ids=[steward], **room)
    ids = {
        "host": applicant.room.host_id,
        "facilitator": facilitator,
        "steward": steward,
        "member": applicant.person_id,
    }
    await notifications.receive(
        *(person_registered(ids[who], display_name=name) for who, name in NAMES.items()),
        room_published(applicant.room),
        membership_event(an_event(Declined, applicant.membership(Status.DECLINED))),
    )
    return applicant, ids


@pytest.mark.parametrize("who", ["host", "facilitator", "steward", "system"])
async def test_office_holders_and_the_system_learn_all_names_in_the_order_of_the_query(
    notifications: NotificationsService, who: str
) -> None:
    applicant, ids = await a_room_with_people(notifications)
    people = list(reversed(ids.values()))
    assert await names(notifications, applicant, ids.get(who, who), *people, *people) == list(reversed(NAMES.values()))


async def test_a_person_with_a_membership_learns_the_names_of_office_holders_and_their_own(
    notifications: NotificationsService,
) -> None:
    applicant, ids = await a_room_with_people(notifications)
    others, their_ids = await a_room_with_people(notifications)
    people = [*ids.values(), *their_ids.values()]
    assert await names(notifications, applicant, applicant.person_id, *people) == [
        NAMES[who] for who in ("host", "facilitator", "steward", "member")
    ]
    assert await names(notifications, others, others.person_id, *ids.values()) == []


async def test_a_host_learns_no_names_of_people_elsewhere_and_the_system_does(
    notifications: NotificationsService,
) -> None:
    applicant, ids = await a_room_with_people(notifications)
    stranger = uuid4()
    await notifications.receive(person_registered(stranger, display_name="Somebody Else"))
    assert await names(notifications, applicant, ids["host"], stranger) == []
    assert await names(notifications, applicant, "system", stranger) == ["Somebody Else"]


async def test_strangers_learn_nothing(notifications: NotificationsService) -> None:
    applicant, _ = await a_room_with_people(notifications)
    other, _ = await a_room_with_people(notifications)
    assert await refused(notifications, applicant, uuid4()) == "not-allowed"
    assert await refused(notifications, applicant, other.person_id) == "not-allowed"


async def test_a_person_proposed_as_host_learns_the_name_of_the_host(notifications: NotificationsService) -> None:
    applicant, ids = await a_room_with_people(notifications)
    chosen = uuid4()
    await notifications.receive(person_registered(chosen, display_name="Chiara Sala"))
    await notifications.receive(room_event(HandOverProposed, applicant, person_id=chosen))
    assert await names(notifications, applicant, chosen, ids["host"], ids["member"]) == [NAMES["host"]]
    assert await names(notifications, applicant, ids["steward"], chosen) == ["Chiara Sala"]


async def test_unknown_and_erased_people_are_left_out(notifications: NotificationsService) -> None:
    applicant, ids = await a_room_with_people(notifications)
    await notifications.receive(person_erased(ids["member"]))
    assert await names(notifications, applicant, ids["host"], uuid4(), ids["member"], ids["host"]) == [NAMES["host"]]


async def test_an_unknown_room_is_refused(notifications: NotificationsService) -> None:
    assert await refused(notifications, an_applicant(), uuid4()) == "room-unknown"


async def test_a_draft_is_visible_only_to_its_host_and_the_system(notifications: NotificationsService) -> None:
    applicant, ids = await a_room_with_people(notifications, status="draft")
    for who in ("facilitator", "steward", "member"):
        assert await refused(notifications, applicant, ids[who]) == "room-unknown"
    for asker in (ids["host"], "system"):
        assert await names(notifications, applicant, asker, ids["host"]) == [NAMES["host"]]


@pytest.mark.parametrize("last", [Status.WITHDRAWN, Status.JOINED])
async def test_who_left_and_came_again_has_a_seat_whichever_membership_was_written_last(
    notifications: NotificationsService, last: Status
) -> None:
    applicant, ids = await a_room_with_people(notifications)
    before, again = replace(applicant, membership_id=uuid4()), replace(applicant, membership_id=uuid4())
    events = {
        Status.WITHDRAWN: membership_event(an_event(Withdrawn, before.membership(Status.WITHDRAWN))),
        Status.JOINED: membership_event(an_event(Joined, again.membership(Status.JOINED))),
    }
    await notifications.receive(*(event for status, event in events.items() if status is not last))
    await notifications.receive(events[last])
    other = replace(applicant, person_id=uuid4(), membership_id=uuid4())
    await notifications.receive(membership_event(an_event(Joined, other.membership(Status.JOINED))))
    assert await names(notifications, applicant, other.person_id, ids["member"]) == [NAMES["member"]]
