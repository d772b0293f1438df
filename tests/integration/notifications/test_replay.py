"""A replay: rooms is right about its sessions and hand-overs, and no letter is sent."""

from typing import Any
from uuid import UUID, uuid4

from tests.integration.notifications.notifications_service import Applicant, NotificationsService, membership_event
from tests.integration.notifications.room_events import a_person_in_a_room, room_event, session_of
from tests.unit.notifications.builders import an_event

from practio_contracts.membership import MembershipReplayed, Status
from practio_contracts.rooms import (
    HandOverProposed,
    RoomReplayed,
    Session,
    SessionReplayed,
    SessionRescheduled,
    SessionScheduled,
)


async def revisions(notifications: NotificationsService, applicant: Applicant) -> dict[UUID, int]:
    rows = await notifications.rows(
        "SELECT session_id, revision FROM session WHERE room_id = :id", id=applicant.room.room_id
    )
    return {row.session_id: row.revision for row in rows}


async def replay_it(
    notifications: NotificationsService, applicant: Applicant, *sessions: Session, **fields: Any
) -> None:
    named = {session.session_id: session.revision for session in sessions}
    events = [room_event(SessionReplayed, applicant, session=each) for each in sessions]
    await notifications.receive(room_event(RoomReplayed, applicant, sessions=named, **fields), *events)


async def test_a_replay_deletes_missing_sessions_and_restores_older_ones(notifications: NotificationsService) -> None:
    applicant = await a_person_in_a_room(notifications)
    lost, planned, kept = session_of(applicant), session_of(applicant, days=8), session_of(applicant, days=9)
    moved = planned.model_copy(update={"revision": 1})
    await notifications.receive(
        *(room_event(SessionScheduled, applicant, session=each) for each in (lost, planned, kept)),
        room_event(SessionRescheduled, applicant, session=moved, former_starts_at=planned.starts_at),
    )
    await replay_it(notifications, applicant, planned, kept)
    assert await revisions(notifications, applicant) == {planned.session_id: 0, kept.session_id: 0}


async def test_a_replayed_session_sends_no_letter(notifications: NotificationsService) -> None:
    applicant = await a_person_in_a_room(notifications)
    missed = session_of(applicant)
    await replay_it(notifications, applicant, missed)
    assert await revisions(notifications, applicant) == {missed.session_id: 0}
    assert await notifications.letters(applicant.person_id) == []


async def test_a_replay_corrects_the_proposed_host(notifications: NotificationsService) -> None:
    applicant = await a_person_in_a_room(notifications)
    first, second = uuid4(), uuid4()
    await notifications.receive(room_event(HandOverProposed, applicant, person_id=first))
    await replay_it(notifications, applicant, proposed_host_id=second, room={"version": 1})
    [row] = await notifications.rows("SELECT * FROM room WHERE room_id = :id", id=applicant.room.room_id)
    assert (row.proposed_host_id, row.proposed_in) == (second, 1)


async def test_a_replayed_membership_is_known_and_sends_no_letter(notifications: NotificationsService) -> None:
    applicant = await a_person_in_a_room(notifications)
    gone = applicant.membership(Status.WITHDRAWN, by="system", version=2)
    await notifications.receive(membership_event(an_event(MembershipReplayed, gone)))
    [row] = await notifications.rows("SELECT * FROM standing WHERE person_id = :id", id=applicant.person_id)
    assert row.status == "withdrawn"
    assert await notifications.letters(applicant.person_id) == []
