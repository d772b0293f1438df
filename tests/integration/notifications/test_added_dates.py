"""Dates that a series is given later: no letter each, calendars by the next reminder, or a letter three weeks ahead."""

from uuid import uuid4

from tests.integration.notifications.mail_servers import MailServer, listening
from tests.integration.notifications.notifications_service import (
    Applicant,
    NotificationsService,
    membership_event,
    person_registered,
)
from tests.integration.notifications.room_events import (
    a_person_in_a_room,
    announce,
    entries_of,
    remind,
    room_event,
    session_of,
    time_is_up,
)
from tests.support.eventually import eventually
from tests.support.stack.example_service import received
from tests.unit.notifications.builders import an_event

from practio_contracts.membership import Joined, Status
from practio_contracts.notifications import SetPreferences
from practio_contracts.rooms import Session, SessionReplayed, SessionRescheduled, SessionScheduled


async def series_of(notifications: NotificationsService, applicant: Applicant, *added: float) -> list[Session]:
    """Plan a series that begins in two days, and add dates so many days from now; all wait as they would."""
    series_id = uuid4()
    first = session_of(applicant, days=2, session_id=series_id, series_id=series_id)
    dates = [session_of(applicant, days=days, series_id=series_id) for days in added]
    await notifications.receive(room_event(SessionScheduled, applicant, session=first))
    await notifications.do("DELETE FROM letter WHERE room_id = :room_id", room_id=applicant.room.room_id)
    await notifications.receive(*(room_event(SessionScheduled, applicant, session=each, by="system") for each in dates))
    return [first, *dates]


async def sent(notifications: NotificationsService, applicant: Applicant, **expected: str) -> MailServer:
    """Let time pass until the letters to a person have these statuses; return the mail server they went to."""
    statuses = {kind.replace("_", "-"): status for kind, status in expected.items()}
    async with listening(MailServer()) as server, notifications.sending(server):
        await time_is_up(notifications, applicant)
        await notifications.settled_all(applicant.person_id, statuses)
    return server


async def wants(notifications: NotificationsService, applicant: Applicant, *, reminders: bool) -> None:
    command = SetPreferences(person_id=applicant.person_id, quiet_hours=None, reminders=reminders)
    await notifications.send(received(command, actor=applicant.person_id))


async def it_is_time_to(notifications: NotificationsService, what: str, session: Session) -> None:
    """Let it be time to remind of a date, or to announce it."""
    column = {"remind": "remind_at", "announce": "announce_at"}[what]
    await notifications.do(f"UPDATE session SET {column} = now() WHERE session_id = :id", id=session.session_id)


async def test_an_added_date_has_no_letter_of_its_own(notifications: NotificationsService) -> None:
    applicant = await a_person_in_a_room(notifications)
    await series_of(notifications, applicant, 84)
    await announce(notifications)
    for person_id in (applicant.person_id, applicant.room.host_id):
        assert await notifications.letters(person_id) == []


async def test_the_next_reminder_brings_the_entries_of_added_dates_once(notifications: NotificationsService) -> None:
    applicant = await a_person_in_a_room(notifications)
    await wants(notifications, applicant, reminders=True)
    first, *added = await series_of(notifications, applicant, 77, 84)
    await it_is_time_to(notifications, "remind", first)
    await remind(notifications)
    server = await sent(notifications, applicant, session_reminder="sent")
    expected = [("REQUEST", str(each.session_id), 1) for each in added]
    assert entries_of(server, applicant.person_id) == expected
    for each in added:
        await it_is_time_to(notifications, "announce", each)
    await announce(notifications)
    await it_is_time_to(notifications, "remind", added[0])
    await remind(notifications)
    server = await sent(notifications, applicant, session_reminder="sent")
    assert entries_of(server, applicant.person_id) == []
    assert {letter.kind for letter in await notifications.letters(applicant.person_id)} == {"session-reminder"}


async def test_a_reminder_that_is_tried_again_brings_the_entries_again(notifications: NotificationsService) -> None:
    applicant = await a_person_in_a_room(notifications)
    await wants(notifications, applicant, reminders=True)
    first, added = await series_of(notifications, applicant, 84)
    await it_is_time_to(notifications, "remind", first)
    await remind(notifications)
    answers = iter(["451 4.7.1 Try later"])

    def to_rcpt(address: str) -> str:
        return next(answers, "250 OK") if str(applicant.person_id) in address else "250 OK"

    async with listening(MailServer(to_rcpt=to_rcpt)) as server, notifications.sending(server):
        await time_is_up(notifications, applicant)
        await notifications.settled_all(applicant.person_id, {"session-reminder": "sent"})
    assert entries_of(server, applicant.person_id) == [("REQUEST", str(added.session_id), 2)]


async def test_who_has_no_entry_gets_one_letter_about_all_added_dates_three_weeks_before(
    notifications: NotificationsService,
) -> None:
    applicant = await a_person_in_a_room(notifications)
    await wants(notifications, applicant, reminders=False)
    _, *added = await series_of(notifications, applicant, 77, 84)
    await it_is_time_to(notifications, "announce", added[0])
    await announce(notifications)
    await it_is_time_to(notifications, "announce", added[1])
    server = await sent(notifications, applicant, session_scheduled="sent")
    expected = [("REQUEST", str(each.session_id), 1) for each in added]
    assert entries_of(server, applicant.person_id) == expected
    await announce(notifications)
    assert len(await notifications.letters(applicant.person_id)) == 1


async def test_a_date_added_less_than_three_weeks_ahead_is_announced_at_once(
    notifications: NotificationsService,
) -> None:
    applicant = await a_person_in_a_room(notifications)
    _, *added = await series_of(notifications, applicant, 5, 12)
    await announce(notifications)
    server = await sent(notifications, applicant, session_scheduled="sent")
    assert [uid for _, uid, _ in entries_of(server, applicant.person_id)] == [str(each.session_id) for each in added]
    assert len(await notifications.letters(applicant.room.host_id)) == 1


async def test_who_joins_later_or_learns_of_a_change_has_the_entry_already(notifications: NotificationsService) -> None:
    applicant = await a_person_in_a_room(notifications)
    _, added, moved = await series_of(notifications, applicant, 77, 84)
    newcomer = Applicant(applicant.room, uuid4(), uuid4())
    await notifications.receive(
        person_registered(newcomer.person_id),
        membership_event(an_event(Joined, newcomer.membership(Status.JOINED, by="system"))),
    )
    await sent(notifications, newcomer, joined="sent")
    later = session_of(applicant, days=85, session_id=moved.session_id, series_id=moved.series_id, revision=1)
    event = room_event(SessionRescheduled, applicant, session=later, former_starts_at=moved.starts_at)
    await notifications.receive(event)
    await sent(notifications, applicant, session_rescheduled="sent")
    [row] = await notifications.rows("SELECT announce_at FROM session WHERE session_id = :id", id=moved.session_id)
    assert row.announce_at is None
    await it_is_time_to(notifications, "announce", added)
    await announce(notifications)
    kinds = {letter.kind for letter in await notifications.letters(newcomer.person_id)}
    assert kinds == {"joined", "session-rescheduled"}
    server = await sent(notifications, applicant, session_rescheduled="sent", session_scheduled="sent")
    assert [uid for _, uid, _ in entries_of(server, applicant.person_id)] == [str(added.session_id)]


async def test_a_replay_leaves_an_added_date_to_be_announced(notifications: NotificationsService) -> None:
    applicant = await a_person_in_a_room(notifications)
    _, added = await series_of(notifications, applicant, 84)
    newer = added.model_copy(update={"topic": "Another", "revision": 1})
    await notifications.receive(room_event(SessionReplayed, applicant, session=newer))
    await it_is_time_to(notifications, "announce", added)
    await announce(notifications)
    server = await sent(notifications, applicant, session_scheduled="sent")
    assert [uid for _, uid, _ in entries_of(server, applicant.person_id)] == [str(added.session_id)]


async def test_a_date_that_changes_after_nobody_could_be_written_to_is_announced_again(
    notifications: NotificationsService,
) -> None:
    applicant = await a_person_in_a_room(notifications)
    _, added = await series_of(notifications, applicant, 84)
    await it_is_time_to(notifications, "announce", added)
    await announce(notifications)
    newer = added.model_copy(update={"topic": "Another", "revision": 1})
    await notifications.receive(room_event(SessionReplayed, applicant, session=newer))
    await it_is_time_to(notifications, "announce", added)
    await announce(notifications)
    letters = await notifications.letters(applicant.person_id)
    assert [letter.kind for letter in letters] == ["session-scheduled"] * 2
    async with listening(MailServer()) as server, notifications.sending(server):
        await time_is_up(notifications, applicant)
        await eventually(lambda: entries_of(server, applicant.person_id), message="an entry")
    assert {uid for _, uid, _ in entries_of(server, applicant.person_id)} == {str(added.session_id)}
