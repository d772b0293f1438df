"""An address becomes a person whom an office can invite; nobody learns whether it was known."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.integration.notifications.mail_servers import MailServer, listening
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
from practio_contracts.membership import InvitationDeclined, InvitationLapsed, Invited, Joined, RequestLapsed, Status
from practio_contracts.notifications import Introduce, NamePeople, Names
from practio_contracts.rooms import HandOverProposed, RoomDrafted, RoomStatus
from practio_notifications.letters.introductions import MOST, MOST_OF_ADDRESS
from practio_notifications.letters.kinds import KIND
from practio_notifications.letters.relevance import Contact
from practio_notifications.queries.letters import name_people
from practio_notifications.rendering.text import draft, rendered
from practio_notifications.store.situations import situations


def an_address() -> str:
    return f"Noor-{uuid4()}@example.org"


async def a_room(notifications: NotificationsService) -> Applicant:
    """Let a room be known, with a host and a facilitator."""
    applicant = an_applicant(facilitator_ids=[uuid4()], language="nl", time_zone="Europe/Amsterdam")
    await notifications.receive(room_published(applicant.room))
    return applicant


async def send(notifications: NotificationsService, email: str, *, actor: UUID | str, **fields: Any) -> dict[str, Any]:
    """Introduce an address; return the answer's data."""
    command = Introduce.model_validate({"email": email} | fields)
    account = "practio-notifications" if actor == "system" else "intranet"
    return await notifications.send(received(command, actor=actor, account=account))


async def introduce(notifications: NotificationsService, applicant: Applicant, email: str, **fields: Any) -> UUID:
    """Introduce an address to a room as its host; return the person's id."""
    room = applicant.room
    answer = await send(notifications, email, actor=room.host_id, room_id=room.room_id, **fields)
    return UUID(answer["state"]["person_id"])


async def contact(notifications: NotificationsService, person_id: UUID) -> tuple[Any, ...]:
    what = "SELECT display_name, email, locale, time_zone FROM contact WHERE person_id = :person_id"
    [row] = await notifications.rows(what, person_id=person_id)
    return tuple(row)


def invited(applicant: Applicant, person_id: UUID) -> Applicant:
    return Applicant(applicant.room, person_id, uuid4())


async def test_an_address_to_which_no_letter_can_leave_is_refused(notifications: NotificationsService) -> None:
    applicant = await a_room(notifications)
    room = applicant.room
    for email in ("ада@example.org", "a..b@example.org", "ada@-.org"):
        answer = await send(notifications, email, actor=room.host_id, room_id=room.room_id)
        assert (answer["code"], answer["errors"][0]["field"]) == ("invalid", "email"), email


async def test_an_address_is_looked_at_before_who_introduces_it_to_what(notifications: NotificationsService) -> None:
    room = (await a_room(notifications)).room
    refused = [
        await send(notifications, "ада@example.org", actor=uuid4(), room_id=room.room_id),
        await send(notifications, "ада@example.org", actor=room.host_id, room_id=uuid4()),
    ]
    assert [answer["code"] for answer in refused] == ["invalid", "invalid"]


async def test_a_room_that_is_not_known_yet_is_asked_for_again_in_a_moment(notifications: NotificationsService) -> None:
    refused = await send(notifications, an_address(), actor=uuid4(), room_id=uuid4())
    assert (refused["code"], refused["next_step"]) == ("room-unknown", "retry-after")
    assert refused["retry_after"]


async def test_only_its_host_and_the_system_introduce_people_to_a_draft(notifications: NotificationsService) -> None:
    draft_room = an_applicant(facilitator_ids=[facilitator := uuid4()], status=RoomStatus.DRAFT)
    await notifications.receive(room_event(RoomDrafted, draft_room))
    room = draft_room.room
    for actor in (facilitator, uuid4()):
        refused = await send(notifications, an_address(), actor=actor, room_id=room.room_id)
        nothing = await send(notifications, an_address(), actor=actor, room_id=uuid4())
        assert refused["code"] == "room-unknown"
        assert {**refused, "command_id": None, "retry_after": None} == {
            **nothing,
            "command_id": None,
            "retry_after": None,
        }
    assert "state" in await send(notifications, an_address(), actor=room.host_id, room_id=room.room_id)
    assert "state" in await send(notifications, an_address(), actor="system", room_id=room.room_id)


async def names(notifications: NotificationsService, applicant: Applicant) -> list[str]:
    """Return the names that the host is shown of the person."""
    async with session_maker(notifications.pool)() as session:
        asked = NamePeople(room_id=applicant.room.room_id, person_ids=[applicant.person_id])
        answer = await name_people(received(asked, actor=applicant.room.host_id), session, NOW)
    assert isinstance(answer, Names), answer
    return [person.display_name for person in answer.people]


async def test_an_unknown_address_becomes_a_person_as_the_introduction_and_the_room_say(
    notifications: NotificationsService,
) -> None:
    applicant = await a_room(notifications)
    bare, whole = an_address(), an_address()
    person_id = await introduce(notifications, applicant, bare)
    assert await contact(notifications, person_id) == ("", bare, "nl", "Europe/Amsterdam")
    theirs = {"display_name": "Li", "locale": "de", "time_zone": "Asia/Taipei"}
    person_id = await introduce(notifications, applicant, whole, **theirs)
    assert await contact(notifications, person_id) == ("Li", whole, "de", "Asia/Taipei")


async def test_a_known_address_has_the_same_answer_and_its_person_is_not_changed(
    notifications: NotificationsService,
) -> None:
    applicant, known, email, unknown = await a_room(notifications), uuid4(), an_address(), an_address()
    await notifications.receive(person_registered(known, email=email))
    before = await contact(notifications, known)
    old = await send(notifications, email.upper(), actor="system", display_name="Somebody else")
    new = await send(notifications, unknown, actor="system")
    assert UUID(old["state"]["person_id"]) == known
    assert await contact(notifications, known) == before
    assert {**old, "state": None, "command_id": None} == {**new, "state": None, "command_id": None}
    assert await introduce(notifications, applicant, unknown.upper()) == UUID(new["state"]["person_id"])


async def test_an_erased_person_is_not_found_by_their_address(notifications: NotificationsService) -> None:
    applicant, email = await a_room(notifications), an_address()
    first = await introduce(notifications, applicant, email, display_name="Noor")
    await notifications.receive(person_erased(first))
    assert await introduce(notifications, applicant, email) != first
    assert await notifications.rows("SELECT 1 FROM introduction WHERE person_id = :person_id", person_id=first) == []


async def test_only_an_office_introduces_to_its_room_and_only_the_system_without_one(
    notifications: NotificationsService,
) -> None:
    applicant = await a_room(notifications)
    [facilitator] = applicant.room.facilitator_ids
    room_id = applicant.room.room_id
    assert "state" in await send(notifications, an_address(), actor=facilitator, room_id=room_id)
    refusals = [
        await send(notifications, an_address(), actor=applicant.person_id, room_id=room_id),
        await send(notifications, an_address(), actor=facilitator),
        await send(notifications, an_address(), actor="system", room_id=uuid4()),
    ]
    assert [each["code"] for each in refusals] == ["not-allowed", "not-allowed", "room-unknown"]


async def test_beyond_fifty_a_day_an_actor_is_asked_to_wait(notifications: NotificationsService) -> None:
    applicant = await a_room(notifications)
    host, [facilitator] = applicant.room.host_id, applicant.room.facilitator_ids
    for _ in range(MOST):
        await introduce(notifications, applicant, an_address())
    refused = await send(notifications, an_address(), actor=host, room_id=applicant.room.room_id)
    [(oldest,)] = await notifications.rows("SELECT min(at) FROM introduction WHERE actor_id = :host", host=host)
    assert (refused["code"], refused["next_step"]) == ("too-many", "retry-after")
    assert refused["retry_after"] == (oldest + timedelta(days=1)).isoformat().replace("+00:00", "Z")
    assert "state" in await send(notifications, an_address(), actor=facilitator, room_id=applicant.room.room_id)
    day = "UPDATE introduction SET at = at - interval '1 day' WHERE at = :oldest"
    await notifications.do(day, oldest=oldest)
    assert "state" in await send(notifications, an_address(), actor=host, room_id=applicant.room.room_id)


async def test_of_introductions_at_once_no_more_count_than_an_actor_has_left(
    notifications: NotificationsService,
) -> None:
    applicant = await a_room(notifications)
    room = applicant.room
    for _ in range(MOST - 2):
        await introduce(notifications, applicant, an_address())
    at_once = (send(notifications, an_address(), actor=room.host_id, room_id=room.room_id) for _ in range(6))
    answers = await asyncio.gather(*at_once)
    assert sorted(answer.get("code", "") for answer in answers) == ["", "", *["too-many"] * 4]


@pytest.mark.parametrize("is_known", [True, False])
async def test_an_address_is_introduced_a_few_times_a_day_by_all_together_whether_it_is_known_or_not(
    notifications: NotificationsService, is_known: bool
) -> None:
    email = an_address()
    if is_known:
        await notifications.receive(person_registered(uuid4(), email=email))
    rooms = [(await a_room(notifications)).room for _ in range(MOST_OF_ADDRESS + 1)]
    answers = [await send(notifications, email, actor=room.host_id, room_id=room.room_id) for room in rooms]
    assert [answer.get("code") for answer in answers] == [*[None] * MOST_OF_ADDRESS, "too-many"]
    assert answers[-1]["retry_after"]
    other = await send(notifications, an_address(), actor=rooms[-1].host_id, room_id=rooms[-1].room_id)
    assert "state" in other


async def test_letters_to_an_address_that_asked_for_them_do_not_keep_others_from_inviting_it(
    notifications: NotificationsService,
) -> None:
    applicant = await a_room(notifications)
    person_id = await introduce(notifications, applicant, email := an_address())
    itself = (
        "INSERT INTO introduction (introduction_id, person_id, actor_id, at) "
        "SELECT gen_random_uuid(), :id, :id, now() FROM generate_series(1, 50)"
    )
    await notifications.do(itself, id=person_id)
    assert await introduce(notifications, applicant, email) == person_id


async def test_all_together_introduce_as_many_a_day_as_the_setting_says(notifications: NotificationsService) -> None:
    await notifications.do("DELETE FROM introduction")
    notifications.settings = notifications.settings | {"invited_addresses_per_day": 3}
    rooms = [(await a_room(notifications)).room for _ in range(4)]
    answers = [await send(notifications, an_address(), actor=room.host_id, room_id=room.room_id) for room in rooms]
    assert [answer.get("code") for answer in answers] == [None, None, None, "too-many"]
    assert answers[-1]["retry_after"]


async def test_introductions_by_the_system_leave_others_as_many_as_the_setting_says(
    notifications: NotificationsService,
) -> None:
    await notifications.do("DELETE FROM introduction")
    notifications.settings = notifications.settings | {"invited_addresses_per_day": 3}
    for _ in range(3):
        assert "state" in await send(notifications, an_address(), actor="system")
    assert await introduce(notifications, await a_room(notifications), an_address())


async def test_an_actor_who_introduces_an_address_again_leaves_others_as_many(
    notifications: NotificationsService,
) -> None:
    applicant, email = await a_room(notifications), an_address()
    ids = {await introduce(notifications, applicant, email) for _ in range(MOST_OF_ADDRESS + 1)}
    assert ids == {await introduce(notifications, await a_room(notifications), email)}


async def test_the_id_of_a_new_person_tells_nothing_of_when_they_became_known(
    notifications: NotificationsService,
) -> None:
    applicant = await a_room(notifications)
    ids = [await introduce(notifications, applicant, an_address()) for _ in range(3)]
    assert [each.version for each in ids] == [4, 4, 4]


@pytest.mark.parametrize(("name", "greeting"), [("Noor", "Hello Noor,"), (None, "Hello,")])
async def test_an_introduced_person_reads_the_invitation(
    notifications: NotificationsService, name: str | None, greeting: str
) -> None:
    applicant, email = await a_room(notifications), an_address()
    person_id = await introduce(notifications, applicant, email, display_name=name, locale="en")
    way = invited(applicant, person_id)
    endless = way.membership(Status.INVITED, by=str(applicant.room.host_id), invitation_expires_at=None)
    event = an_event(Invited, endless)
    await notifications.receive(membership_event(event))
    async with listening(MailServer()) as server, notifications.sending(server):
        await notifications.settled(person_id, "sent")
    [mail] = server.letters
    assert mail["To"] == (f"{name} <{email}>" if name else email)
    text = mail.get_body(("plain",))
    assert text is not None
    assert greeting in text.get_content().splitlines()


async def test_the_name_of_an_introduced_person_is_shown_once_they_accept(
    notifications: NotificationsService,
) -> None:
    applicant = await a_room(notifications)
    way = invited(applicant, await introduce(notifications, applicant, an_address(), display_name="Noor"))
    await notifications.receive(membership_event(an_event(Invited, way.membership(Status.INVITED, version=1))))
    assert await names(notifications, way) == []
    await notifications.receive(membership_event(an_event(Joined, way.membership(Status.JOINED, version=2))))
    assert await names(notifications, way) == ["Noor"]


async def test_an_introduced_person_is_shown_by_the_name_in_the_directory_once_they_accept(
    notifications: NotificationsService,
) -> None:
    applicant = await a_room(notifications)
    way = invited(applicant, await introduce(notifications, applicant, an_address(), display_name="Nor"))
    event = an_event(Invited, way.membership(Status.INVITED))
    await notifications.receive(membership_event(event), person_registered(way.person_id, display_name="Noor de Wit"))
    assert await names(notifications, way) == []
    await notifications.receive(membership_event(an_event(Joined, way.membership(Status.JOINED, version=2))))
    assert await names(notifications, way) == ["Noor de Wit"]


@pytest.mark.parametrize("end", [InvitationDeclined, InvitationLapsed])
async def test_a_registered_address_tells_a_host_no_more_than_an_unknown_one_before_its_person_accepts(
    notifications: NotificationsService, end: type[InvitationDeclined | InvitationLapsed]
) -> None:
    applicant, known, unknown = await a_room(notifications), an_address(), an_address()
    await notifications.receive(
        person_registered(applicant.room.host_id), person_registered(uuid4(), email=known, display_name="Noor de Wit")
    )
    letters = {}
    for email in (known, unknown):
        way = invited(applicant, await introduce(notifications, applicant, email))
        await notifications.receive(membership_event(an_event(Invited, way.membership(Status.INVITED))))
        assert await names(notifications, way) == [], email
        status = Status.WITHDRAWN if end is InvitationDeclined else Status.LAPSED
        over = an_event(end, way.membership(status, version=2, requested_at=None))
        await notifications.receive(membership_event(over))
        assert await names(notifications, way) == [], email
        letters[email] = await letters_to_host(notifications, way)
    assert letters[known] == letters[unknown]
    assert all(subject.startswith("Someone has declined") for subject, _ in letters[known])
    assert len(letters[known]) == (1 if end is InvitationDeclined else 0)


async def test_who_was_in_a_room_keeps_their_name_there_while_invited_and_after_declining(
    notifications: NotificationsService,
) -> None:
    applicant = await a_room(notifications)
    before, again = invited(applicant, person_id := uuid4()), invited(applicant, person_id)
    await notifications.receive(
        person_registered(applicant.room.host_id), person_registered(person_id, display_name="Noor de Wit")
    )
    await notifications.receive(membership_event(an_event(RequestLapsed, before.membership(Status.LAPSED))))
    await notifications.receive(membership_event(an_event(Invited, again.membership(Status.INVITED))))
    assert await names(notifications, again) == ["Noor de Wit"]
    declined = again.membership(Status.WITHDRAWN, version=2, requested_at=None)
    await notifications.receive(membership_event(an_event(InvitationDeclined, declined)))
    assert await names(notifications, again) == ["Noor de Wit"]
    [(subject, _)] = await letters_to_host(notifications, again)
    assert subject.startswith("Noor de Wit has declined")


async def test_who_is_invited_from_another_room_of_the_host_is_shown_by_name(
    notifications: NotificationsService,
) -> None:
    applicant = await a_room(notifications)
    way = invited(applicant, uuid4())
    await notifications.receive(person_registered(way.person_id, display_name="Noor de Wit"))
    known = way.membership(Status.INVITED, from_room_id=uuid4())
    await notifications.receive(membership_event(an_event(Invited, known)))
    assert await names(notifications, way) == ["Noor de Wit"]


async def test_proposing_an_invited_person_as_host_does_not_show_their_name(
    notifications: NotificationsService,
) -> None:
    applicant = await a_room(notifications)
    way = invited(applicant, uuid4())
    await notifications.receive(person_registered(way.person_id, display_name="Noor de Wit"))
    await notifications.receive(membership_event(an_event(Invited, way.membership(Status.INVITED))))
    await notifications.receive(room_event(HandOverProposed, applicant, person_id=way.person_id))
    assert await names(notifications, way) == []


async def letters_to_host(notifications: NotificationsService, way: Applicant) -> list[tuple[str, str]]:
    """Return the subjects and texts of the host's letters about a person, without their links."""
    found = [each for each in await notifications.letters(way.room.host_id) if each.member_id == way.person_id]
    async with session_maker(notifications.pool)() as session:
        known = await situations(session, found, NOW)
    written = []
    for letter, situation in zip(found, known, strict=True):
        assert situation is not None
        assert isinstance(situation.reader, Contact)
        event = InvitationDeclined.model_validate(letter.cause_data)
        mail = rendered(draft(KIND[letter.kind], event, situation.reader, situation, [], None))
        written.append((mail.subject, mail.text))
    return written
