"""Preferences: set by the person, as a whole, shown, and erased with the person."""

from typing import Any
from uuid import UUID, uuid4

from tests.integration.notifications.notifications_service import NotificationsService, person_erased, person_registered
from tests.support.stack.example_service import received

from practio_chassis.database.engine import session_maker
from practio_contracts.answers import Refusal
from practio_contracts.notifications import GetPreferences, PreferencesFound, SetPreferences
from practio_notifications.queries.letters import get_preferences


async def shown(notifications: NotificationsService, person_id: UUID, actor: UUID | str) -> PreferencesFound | Refusal:
    async with session_maker(notifications.pool)() as session:
        query = received(GetPreferences(person_id=person_id), actor=actor)
        return await get_preferences(query, session, query.envelope.time)


async def send(
    notifications: NotificationsService, person_id: UUID, actor: UUID | str | None = None, **wanted: Any
) -> dict[str, Any]:
    """Set preferences, as the person; return the answer's data."""
    command = SetPreferences.model_validate({"person_id": person_id} | wanted)
    return await notifications.send(received(command, actor=actor or person_id))


async def test_a_person_who_set_nothing_has_the_defaults(notifications: NotificationsService) -> None:
    person_id = uuid4()
    defaults = await shown(notifications, person_id, person_id)
    assert defaults == PreferencesFound(person_id=person_id, link_version=0)
    assert defaults.model_dump(mode="json", by_alias=True) == {
        "person_id": str(person_id),
        "requests_digest": "at-once",
        "activity": "daily",
        "reminders": True,
        "quiet_hours": {"from": "21:00", "to": "08:00"},
        "muted_room_ids": [],
        "link_version": 0,
        "calendar_version": 0,
        "introduction": None,
    }


async def test_preferences_are_set_whole_and_shown(notifications: NotificationsService) -> None:
    person_id, room_id = uuid4(), uuid4()
    first = await send(notifications, person_id, activity="off", quiet_hours=None, muted_room_ids=[room_id, room_id])
    assert (first["changed"], first["state"]["muted_room_ids"]) == (True, [str(room_id)])
    then = await send(notifications, person_id, requests_digest="weekly")
    assert then["state"]["activity"] == "daily"
    assert await shown(notifications, person_id, "system") == PreferencesFound(
        person_id=person_id, link_version=0, requests_digest="weekly"
    )


async def test_the_same_preferences_again_change_nothing(notifications: NotificationsService) -> None:
    person_id = uuid4()
    assert (await send(notifications, person_id, reminders=False))["changed"]
    assert not (await send(notifications, person_id, reminders=False))["changed"]
    assert not (await send(notifications, uuid4()))["changed"]


async def test_nobody_sets_or_sees_the_preferences_of_others(notifications: NotificationsService) -> None:
    person_id = uuid4()
    assert (await send(notifications, person_id, uuid4(), activity="off"))["code"] == "not-allowed"
    refused = await shown(notifications, person_id, uuid4())
    assert isinstance(refused, Refusal)
    assert refused.code == "not-allowed"


async def test_preferences_are_erased_with_the_person(notifications: NotificationsService) -> None:
    person_id = uuid4()
    await notifications.receive(person_registered(person_id))
    await send(notifications, person_id, activity="off")
    await notifications.receive(person_erased(person_id))
    assert await shown(notifications, person_id, "system") == PreferencesFound(person_id=person_id, link_version=1)
