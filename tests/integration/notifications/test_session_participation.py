"""Sessions as people live them: answers, plans, risks, ends and words, in what is kept and in letters."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.integration.notifications.mail_servers import MailServer, listening
from tests.integration.notifications.notifications_service import (
    Applicant,
    NotificationsService,
    membership_event,
    person_erased,
    person_registered,
)
from tests.integration.notifications.room_events import (
    a_person_in_a_room,
    remind,
    room_event,
    session_of,
    time_is_up,
)
from tests.support.stack.example_service import received
from tests.unit.notifications.builders import a_membership, an_event
from uuid_utils.compat import uuid7

from practio_chassis.context import NotKnownYetError, ReceivedMessage
from practio_contracts.membership import BuddyAssigned, Joined, Status, Waitlisted, Withdrawn
from practio_contracts.message import Message
from practio_contracts.notifications import SetPreferences
from practio_contracts.rooms import (
    Announced,
    Session,
    SessionAnswered,
    SessionAtRisk,
    SessionCancelled,
    SessionOver,
    SessionPlanned,
    SessionRescheduled,
    SessionScheduled,
    SessionStatus,
)

NOW = datetime.now(UTC).replace(microsecond=0)


def news(kind: type[Message], applicant: Applicant, **fields: Any) -> ReceivedMessage[Message]:
    """Return a received event of rooms that names the room by its id."""
    at = fields.pop("at", NOW)
    event = kind.model_validate({"room_id": applicant.room.room_id, **fields})
    attributes = {"account": "practio-rooms", "source": "/practio/rooms", "actor": "system"}
    return received(event, subject=str(applicant.room.room_id), time=at, **attributes)


def answered(
    applicant: Applicant, session: Session, coming: str, *, at: datetime = NOW, **fields: Any
) -> ReceivedMessage[Message]:
    about = {"session_id": session.session_id, "person_id": applicant.person_id, "starts_at": session.starts_at}
    return news(SessionAnswered, applicant, coming=coming, at=at, **(about | fields))


async def a_session_tomorrow(notifications: NotificationsService) -> tuple[Applicant, Session]:
    """Return a person in a room and a session of which it is time to remind; no letter waits."""
    applicant = await a_person_in_a_room(notifications)
    for person_id in (applicant.person_id, applicant.room.host_id):
        await notifications.send(received(SetPreferences(person_id=person_id, quiet_hours=None), actor=person_id))
    session = session_of(applicant, days=2)
    await notifications.receive(room_event(SessionScheduled, applicant, session=session))
    await notifications.do("DELETE FROM letter WHERE room_id = :room_id", room_id=applicant.room.room_id)
    await time_to_remind(notifications, session)
    return applicant, session


async def time_to_remind(notifications: NotificationsService, session: Session) -> None:
    await notifications.do("UPDATE session SET remind_at = now() WHERE session_id = :id", id=session.session_id)


async def sent(
    notifications: NotificationsService, applicant: Applicant, expected: dict[str, str], person_id: UUID | None = None
) -> MailServer:
    """Let time pass until the letters to a person have these statuses; return the mail server they went to."""
    async with listening(MailServer()) as server, notifications.sending(server):
        await time_is_up(notifications, applicant)
        await notifications.settled_all(person_id or applicant.person_id, expected)
    return server


def text_to(person_id: UUID, server: MailServer) -> str:
    """Return the text of the letter that a mail server received for a person; others may have one, too."""
    [letter] = [each for each in server.letters if str(person_id) in str(each["To"])]
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


async def test_who_said_no_is_not_reminded(notifications: NotificationsService) -> None:
    applicant, session = await a_session_tomorrow(notifications)
    await notifications.receive(answered(applicant, session, "yes", at=NOW), answered(applicant, session, "no", at=NOW))
    await remind(notifications)
    await sent(notifications, applicant, {"session-reminder": "skipped"})
    assert (await notifications.letter(applicant.person_id)).reason == "said-no"


async def test_the_newest_answer_counts_in_any_order_of_arrival(notifications: NotificationsService) -> None:
    applicant, session = await a_session_tomorrow(notifications)
    later = NOW + timedelta(seconds=1)
    await notifications.receive(answered(applicant, session, "yes", at=later))
    await notifications.receive(answered(applicant, session, "no", at=NOW))
    await remind(notifications)
    await sent(notifications, applicant, {"session-reminder": "sent"})


@pytest.mark.parametrize("is_late", [False, True], ids=["before the move", "after it"])
async def test_a_session_that_moved_asks_again(notifications: NotificationsService, is_late: bool) -> None:
    applicant, session = await a_session_tomorrow(notifications)
    moved = session.model_copy(
        update={
            "starts_at": session.starts_at + timedelta(days=1),
            "ends_at": session.ends_at + timedelta(days=1),
            "revision": 1,
        }
    )
    events = [
        answered(applicant, session, "no"),
        room_event(SessionRescheduled, applicant, session=moved, former_starts_at=session.starts_at),
    ]
    await notifications.receive(events[1 if is_late else 0])
    await notifications.receive(events[0 if is_late else 1])
    await notifications.do("DELETE FROM letter WHERE room_id = :room_id", room_id=applicant.room.room_id)
    await time_to_remind(notifications, moved)
    await remind(notifications)
    await sent(notifications, applicant, {"session-reminder": "sent"})


async def test_a_move_away_and_back_or_a_longer_session_asks_again(notifications: NotificationsService) -> None:
    """Rooms forgets the answers with each of these events, so nobody's old answer counts again."""
    applicant, session = await a_session_tomorrow(notifications)
    longer = session.model_copy(update={"ends_at": session.ends_at + timedelta(hours=1), "revision": 1})
    await notifications.receive(answered(applicant, session, "no"))
    await notifications.receive(
        room_event(SessionRescheduled, applicant, at=NOW, session=longer, former_starts_at=session.starts_at)
    )
    await notifications.do("DELETE FROM letter WHERE room_id = :room_id", room_id=applicant.room.room_id)
    await time_to_remind(notifications, session)
    await remind(notifications)
    await sent(notifications, applicant, {"session-reminder": "sent"})


async def left_and_back(notifications: NotificationsService, applicant: Applicant) -> None:
    """Have a person leave their room and join it again."""
    left = an_event(Withdrawn, applicant.membership(Status.WITHDRAWN, version=2, since=NOW))
    back = an_event(Joined, applicant.membership(Status.JOINED, version=3, since=NOW))
    await notifications.receive(membership_event(left), membership_event(back))
    await notifications.do("DELETE FROM letter WHERE room_id = :room_id", room_id=applicant.room.room_id)


async def test_who_left_and_came_back_is_asked_again(notifications: NotificationsService) -> None:
    applicant, session = await a_session_tomorrow(notifications)
    await notifications.receive(answered(applicant, session, "no", at=NOW - timedelta(seconds=1)))
    await left_and_back(notifications, applicant)
    await remind(notifications)
    await sent(notifications, applicant, {"session-reminder": "sent"})


async def test_leaving_ends_no_newer_answer_and_none_in_another_room(notifications: NotificationsService) -> None:
    applicant, session = await a_session_tomorrow(notifications)
    other, elsewhere = await a_session_tomorrow(notifications)
    there = replace(other, person_id=applicant.person_id)
    later = NOW + timedelta(seconds=1)
    await notifications.receive(answered(applicant, session, "no", at=later), answered(there, elsewhere, "no"))
    await left_and_back(notifications, applicant)
    mine = "SELECT session_id FROM session_answer WHERE person_id = :id"
    kept = {row.session_id for row in await notifications.rows(mine, id=applicant.person_id)}
    assert kept == {session.session_id, elsewhere.session_id}


async def test_a_reminder_tells_the_plan_of_the_date(notifications: NotificationsService) -> None:
    applicant, session = await a_session_tomorrow(notifications)
    plan = {
        "session_id": session.session_id,
        "case_by": [applicant.person_id],
        "roles": [{"name": "Scribe", "person_id": applicant.room.host_id}],
        "guests": ["Elif Demir"],
    }
    earlier = {"session_id": session.session_id, "case_by": [], "roles": [], "guests": ["Nobody"]}
    await notifications.receive(news(SessionPlanned, applicant, **plan))
    await notifications.receive(news(SessionPlanned, applicant, at=NOW - timedelta(seconds=1), **earlier))
    await remind(notifications)
    server = await sent(notifications, applicant, {"session-reminder": "sent"})
    text = text_to(applicant.person_id, server)
    assert "Guest: Elif Demir" in text
    assert "Case: " in text
    assert "Role: Scribe" in text


async def test_a_reminder_tells_whose_turn_it_is_though_nobody_planned_the_date(
    notifications: NotificationsService,
) -> None:
    applicant, session = await a_session_tomorrow(notifications)
    host = applicant.room.host_id
    turns = [{"name": "coach", "person_id": applicant.person_id}, {"name": "observer", "person_id": host}]
    plan = {"session_id": session.session_id, "case_by": [], "roles": [], "proposed_roles": turns}
    await notifications.receive(news(SessionPlanned, applicant, **plan))
    await remind(notifications)
    text = text_to(applicant.person_id, await sent(notifications, applicant, {"session-reminder": "sent"}))
    assert [line.split(" – ")[0] for line in text.splitlines() if line.startswith("Proposed role: ")] == [
        "Proposed role: coach",
        "Proposed role: observer",
    ]


async def test_a_newer_plan_replaces_what_was_proposed_and_nobody_erased_is_proposed(
    notifications: NotificationsService,
) -> None:
    applicant, session = await a_session_tomorrow(notifications)
    plan = {"session_id": session.session_id, "case_by": []}
    mine, hosts = (
        {"name": "coach", "person_id": person_id} for person_id in (applicant.person_id, applicant.room.host_id)
    )
    later = NOW + timedelta(seconds=1)
    await notifications.receive(
        news(SessionPlanned, applicant, **plan, roles=[], proposed_roles=[mine, hosts]),
        news(SessionPlanned, applicant, at=later, **plan, roles=[mine], proposed_roles=[]),
    )
    parts = "SELECT person_id, is_proposed FROM session_part WHERE session_id = :id"
    [[*kept]] = await notifications.rows(parts, id=session.session_id)
    assert kept == [applicant.person_id, False]
    await notifications.receive(person_erased(applicant.person_id))
    again = news(SessionPlanned, applicant, at=later, **plan, roles=[], proposed_roles=[mine, hosts])
    await notifications.receive(again)
    [[*kept]] = await notifications.rows(parts, id=session.session_id)
    assert kept == [applicant.room.host_id, True]


async def test_a_plan_is_kept_as_long_as_its_session_though_that_is_moved_far_away(
    notifications: NotificationsService,
) -> None:
    applicant, session = await a_session_tomorrow(notifications)
    plan = {"case_by": [applicant.person_id], "roles": [], "guests": ["Elif Demir"]}
    await notifications.receive(news(SessionPlanned, applicant, session_id=session.session_id, **plan))
    away = timedelta(days=200)
    times = {"starts_at": session.starts_at + away, "ends_at": session.ends_at + away}
    moved, outdated = [session.model_copy(update={**times, "revision": 2}), session.model_copy(update={"revision": 1})]
    for each in (moved, outdated):
        event = room_event(SessionRescheduled, applicant, session=each, former_starts_at=session.starts_at)
        await notifications.receive(event)
    for table in ("session_plan", "session_part"):
        [found] = await notifications.rows(f"SELECT ends_at FROM {table} WHERE session_id = :id", id=session.session_id)
        assert found.ends_at == moved.ends_at


async def test_a_reminder_names_nobody_who_left_or_does_not_come(notifications: NotificationsService) -> None:
    applicant, session = await a_session_tomorrow(notifications)
    gone, absent = uuid4(), uuid4()
    memberships = [
        a_membership(Status.WITHDRAWN, room_id=applicant.room.room_id, person_id=gone),
        a_membership(Status.JOINED, room_id=applicant.room.room_id, person_id=absent),
    ]
    await notifications.receive(
        membership_event(an_event(Withdrawn, memberships[0], from_status="joined")),
        membership_event(an_event(Joined, memberships[1])),
        answered(replace(applicant, person_id=absent), session, "no"),
    )
    await notifications.do("DELETE FROM letter WHERE room_id = :room_id", room_id=applicant.room.room_id)
    plan = {
        "session_id": session.session_id,
        "case_by": [gone, applicant.person_id],
        "roles": [
            {"name": "Scribe", "person_id": absent},
            {"name": "Usher", "person_id": gone},
            {"name": "Timekeeper", "person_id": applicant.room.host_id},
        ],
        "guests": [],
    }
    await notifications.receive(news(SessionPlanned, applicant, **plan))
    await remind(notifications)
    text = text_to(applicant.person_id, await sent(notifications, applicant, {"session-reminder": "sent"}))
    assert text.count("Case: ") == 1
    assert [role for role in ("Scribe", "Usher", "Timekeeper") if role in text] == ["Timekeeper"]


async def test_a_plan_is_kept_without_whom_it_was_about_once_they_are_erased(
    notifications: NotificationsService,
) -> None:
    applicant, session = await a_session_tomorrow(notifications)
    plan = {"session_id": session.session_id, "case_by": [applicant.person_id], "roles": [], "guests": []}
    await notifications.receive(news(SessionPlanned, applicant, **plan), answered(applicant, session, "yes"))
    await notifications.receive(person_erased(applicant.person_id))
    later = NOW + timedelta(seconds=1)
    await notifications.receive(
        news(SessionPlanned, applicant, at=later, **plan), answered(applicant, session, "no", at=later)
    )
    for table in ("session_part", "session_answer"):
        found = await notifications.rows(f"SELECT 1 FROM {table} WHERE session_id = :id", id=session.session_id)
        assert found == []


async def test_a_session_that_is_over_is_looked_back_on_by_members_and_recorded_by_the_host(
    notifications: NotificationsService,
) -> None:
    applicant, session = await a_session_tomorrow(notifications)
    over = news(SessionOver, applicant, session_id=session.session_id, ended_at=NOW)
    await notifications.receive(over, over)
    await sent(notifications, applicant, {"session-over": "sent"})
    assert [each.kind for each in await notifications.letters(applicant.room.host_id)] == ["session-to-record"]


async def test_who_did_not_come_is_not_asked_how_it_was(notifications: NotificationsService) -> None:
    applicant, session = await a_session_tomorrow(notifications)
    await notifications.receive(answered(applicant, session, "no"))
    await notifications.receive(news(SessionOver, applicant, session_id=session.session_id, ended_at=NOW))
    await sent(notifications, applicant, {"session-over": "skipped"})


async def test_offices_learn_that_a_session_may_not_run_unless_it_was_called_off(
    notifications: NotificationsService,
) -> None:
    applicant, session = await a_session_tomorrow(notifications)
    about = {"session_id": session.session_id, "starts_at": session.starts_at, "coming": {"no": 2}}
    await notifications.receive(news(SessionAtRisk, applicant, missing_roles=["coach"], **about))
    await sent(notifications, applicant, {"session-at-risk": "sent"}, applicant.room.host_id)
    assert await notifications.letters(applicant.person_id) == []

    applicant, session = await a_session_tomorrow(notifications)
    about = {"session_id": session.session_id, "starts_at": session.starts_at, "coming": {"no": 2}}
    off = session.model_copy(update={"revision": 1, "status": SessionStatus.CANCELLED})
    await notifications.receive(
        news(SessionAtRisk, applicant, **about),
        room_event(SessionCancelled, applicant, by=applicant.room.host_id, session=off),
    )
    await sent(notifications, applicant, {"session-at-risk": "skipped"}, applicant.room.host_id)


async def test_a_word_reaches_those_who_wait_if_it_is_for_everybody(notifications: NotificationsService) -> None:
    applicant, _ = await a_session_tomorrow(notifications)
    waiting = uuid4()
    membership = a_membership(Status.WAITLISTED, room_id=applicant.room.room_id, person_id=waiting)
    await notifications.receive(person_registered(waiting), membership_event(an_event(Waitlisted, membership)))
    await notifications.do("DELETE FROM letter WHERE room_id = :room_id", room_id=applicant.room.room_id)
    word = {"announcement_id": uuid4(), "by": str(applicant.room.host_id), "text": "Bring a chair."}
    await notifications.receive(news(Announced, applicant, to="joined", **word))
    assert await notifications.letters(waiting) == []
    await notifications.receive(news(Announced, applicant, to="everybody", **(word | {"announcement_id": uuid4()})))
    [letter] = await notifications.letters(waiting)
    assert (letter.kind, letter.member_id) == ("announced", applicant.room.host_id)
    assert len(await notifications.letters(applicant.person_id)) == 2
    assert await notifications.letters(applicant.room.host_id) == []


async def test_buddies_read_who_helps_whom(notifications: NotificationsService) -> None:
    newer = await a_person_in_a_room(notifications)
    older = replace(newer, person_id=uuid4(), membership_id=uuid4())
    joined = an_event(Joined, older.membership(Status.JOINED, by="system"))
    await notifications.receive(person_registered(older.person_id), membership_event(joined))
    await notifications.do("DELETE FROM letter WHERE room_id = :room_id", room_id=newer.room.room_id)
    event = BuddyAssigned(room_id=newer.room.room_id, person_id=older.person_id, buddy_id=newer.person_id)
    about = {"account": "practio-membership", "source": "/practio/membership", "actor": "system"}
    await notifications.receive(received(event, subject=str(event.room_id), time=NOW, **about))
    server = await sent(notifications, newer, {"buddy-assigned": "sent"})
    await notifications.settled_all(older.person_id, {"buddy-assigned": "sent"})
    assert "chosen you as the buddy of" in " ".join(text_to(newer.person_id, server).split())
    assert "chosen a buddy for you" in " ".join(text_to(older.person_id, server).split())


@pytest.mark.parametrize("is_newer", [True, False])
async def test_buddies_read_nothing_of_a_pair_that_is_over_or_another_by_then(
    notifications: NotificationsService, is_newer: bool
) -> None:
    newer = await a_person_in_a_room(notifications)
    older, third = (replace(newer, person_id=uuid4(), membership_id=uuid4()) for _ in range(2))
    for each in (older, third):
        joined = an_event(Joined, each.membership(Status.JOINED, by="system"))
        await notifications.receive(person_registered(each.person_id), membership_event(joined))
    await notifications.do("DELETE FROM letter WHERE room_id = :room_id", room_id=newer.room.room_id)
    about = {"account": "practio-membership", "source": "/practio/membership", "actor": "system"}

    def assigned(buddy_id: UUID | None, id: UUID | None = None) -> ReceivedMessage[BuddyAssigned]:  # noqa: A002
        event = BuddyAssigned(room_id=newer.room.room_id, person_id=newer.person_id, buddy_id=buddy_id)
        return received(event, id=id or uuid7(), subject=str(event.room_id), time=NOW, **about)

    await notifications.receive(assigned(older.person_id), assigned(third.person_id))
    await sent(notifications, newer, {"buddy-assigned": "skipped"}, older.person_id)
    await notifications.settled_all(third.person_id, {"buddy-assigned": "sent"})

    queued_again = "UPDATE letter SET status = 'queued', due_at = now(), sent_at = NULL, tries = 0"
    await notifications.do(f"{queued_again} WHERE room_id = :room_id", room_id=newer.room.room_id)
    await notifications.receive(assigned(None, id=None if is_newer else UUID(int=1)))
    await sent(notifications, newer, {"buddy-assigned": "skipped" if is_newer else "sent"}, third.person_id)


async def test_news_of_a_room_that_is_not_known_yet_wait_for_it(notifications: NotificationsService) -> None:
    applicant = await a_person_in_a_room(notifications)
    other = replace(applicant, room=applicant.room.model_copy(update={"room_id": uuid4()}))
    with pytest.raises(NotKnownYetError):
        await notifications.receive(news(SessionOver, other, session_id=uuid4(), ended_at=NOW))
