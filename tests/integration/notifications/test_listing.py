"""Which letters were written: people see their own, the system all."""

from typing import Any
from uuid import UUID

from tests.integration.notifications.notifications_service import (
    Applicant,
    NotificationsService,
    an_applicant,
    membership_event,
    person_registered,
    room_published,
)
from tests.support.stack.example_service import received
from tests.unit.notifications.builders import NOW, an_event

from practio_chassis.database.engine import session_maker
from practio_contracts.answers import Refusal
from practio_contracts.membership import Declined, Requested, Status
from practio_contracts.notifications import Letters, ListLetters
from practio_notifications.queries.letters import list_letters


async def listed(notifications: NotificationsService, actor: UUID | str, **asked: Any) -> Letters | Refusal:
    async with session_maker(notifications.pool)() as session:
        return await list_letters(received(ListLetters.model_validate(asked), actor=actor), session, NOW)


async def kinds(notifications: NotificationsService, actor: UUID | str, **asked: Any) -> list[str]:
    answer = await listed(notifications, actor, **asked)
    assert isinstance(answer, Letters)
    return [letter.kind for letter in answer.letters]


async def two_letters(notifications: NotificationsService) -> Applicant:
    """Return a person with a letter about the request, and a newer one about the decline."""
    applicant = an_applicant()
    await notifications.receive(person_registered(applicant.person_id), room_published(applicant.room))
    await notifications.receive(membership_event(an_event(Requested, applicant.membership(Status.REQUESTED))))
    await notifications.receive(membership_event(an_event(Declined, applicant.membership(Status.DECLINED, version=2))))
    return applicant


async def test_people_see_their_own_letters_newest_first(notifications: NotificationsService) -> None:
    applicant = await two_letters(notifications)
    assert await kinds(notifications, applicant.person_id) == ["declined", "requested"]
    assert await kinds(notifications, applicant.person_id, person_id=str(applicant.person_id)) == [
        "declined",
        "requested",
    ]


async def test_people_do_not_see_the_letters_of_others(notifications: NotificationsService) -> None:
    applicant = await two_letters(notifications)
    answer = await listed(notifications, applicant.room.host_id, person_id=str(applicant.person_id))
    assert isinstance(answer, Refusal)
    assert answer.code == "not-allowed"
    assert await kinds(notifications, applicant.room.host_id, room_id=str(applicant.room.room_id)) == [
        "request-to-decide"
    ]


async def test_the_system_sees_all_letters_of_a_room_by_their_state(notifications: NotificationsService) -> None:
    applicant = await two_letters(notifications)
    room_id = str(applicant.room.room_id)
    assert sorted(await kinds(notifications, "system", room_id=room_id)) == [
        "declined",
        "request-to-decide",
        "requested",
    ]
    assert await kinds(notifications, "system", room_id=room_id, status="held") == ["request-to-decide"]


async def test_pages_neither_skip_nor_repeat(notifications: NotificationsService) -> None:
    applicant = await two_letters(notifications)
    first = await listed(notifications, applicant.person_id, limit=1)
    assert isinstance(first, Letters)
    assert first.after is not None
    second = await listed(notifications, applicant.person_id, limit=1, after=first.after)
    assert isinstance(second, Letters)
    assert [letter.kind for letter in first.letters + second.letters] == ["declined", "requested"]
    assert second.after is None


async def test_a_foreign_cursor_is_refused(notifications: NotificationsService) -> None:
    early = f"0001-01-01T00:00:00+14:00~{UUID(int=1)}"
    for cursor in ("nonsense", "2026-01-01~x", f"2026-01-01~{UUID(int=1)}", "~", early):
        for asked in ({}, {"person_id": str(UUID(int=2))}):
            answer = await listed(notifications, UUID(int=1), after=cursor, **asked)
            assert isinstance(answer, Refusal), cursor
            assert answer.code == "invalid"
