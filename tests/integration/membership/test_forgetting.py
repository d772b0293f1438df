"""What people wrote about a membership that ended long ago is forgotten; who was where and when stays."""

from tests.integration.membership.membership_service import MembershipService, people
from tests.support.stack.retention import forget_once

from practio_chassis.service import Running
from practio_contracts.membership import Withdraw
from practio_membership.retention import retentions
from practio_membership.settings import Settings

QUESTIONS = [{"key": "why", "text": "Why?"}]
LONG_AGO = "UPDATE membership SET since = now() - interval '366 days'"


def running(membership: MembershipService) -> Running:
    """Return what a background loop has."""
    settings = Settings(
        broker_url="amqp://practio-membership:secret@broker/practio",
        database_url="postgresql://practio_membership@database/practio",
    )
    return Running(membership.transaction.background, settings)


async def forget(membership: MembershipService) -> None:
    while await forget_once(running(membership), "membership", retentions):
        pass


async def test_texts_are_kept_while_a_membership_is_live_and_a_year_after(
    membership: MembershipService,
) -> None:
    [stays, left, left_long_ago] = people(3)
    room = await membership.publish(capacity=5, questions=QUESTIONS)
    await membership.join(room, stays, left, left_long_ago, answers={"why": "to learn"}, message="Hello")
    for person in (left, left_long_ago):
        await membership.send(Withdraw(room_id=room.room_id, person_id=person, reason="moved away"), by=person)
    for person in (stays, left_long_ago):
        await membership.change(f"{LONG_AGO} WHERE person_id = :person", person=person)
    await forget(membership)
    rows = await membership.rows("SELECT * FROM membership WHERE room_id = :room", room=room.room_id)
    kept = {row.person_id: (row.status, row.answers, row.message, row.reason) for row in rows}
    assert kept == {
        stays: ("joined", {"why": "to learn"}, "Hello", None),
        left: ("withdrawn", {"why": "to learn"}, "Hello", "moved away"),
        left_long_ago: ("withdrawn", {}, None, None),
    }


async def test_only_reasons_in_the_history_are_forgotten_after_a_year(
    membership: MembershipService,
) -> None:
    [person] = people(1)
    room = await membership.publish()
    await membership.join(room, person)
    await membership.send(Withdraw(room_id=room.room_id, person_id=person, reason="moved away"), by=person)
    before = await membership.rows("SELECT * FROM history WHERE person_id = :person ORDER BY id", person=person)
    await forget(membership)
    assert [row.reason for row in before] == [None, "moved away"]
    await membership.change("ALTER TABLE history DISABLE TRIGGER keep_history")
    await membership.change("UPDATE history SET at = at - interval '366 days' WHERE person_id = :person", person=person)
    await membership.change("ALTER TABLE history ENABLE TRIGGER keep_history")
    await forget(membership)
    after = await membership.rows("SELECT * FROM history WHERE person_id = :person ORDER BY id", person=person)
    assert [(row.id, row.to_status, row.reason) for row in after] == [(row.id, row.to_status, None) for row in before]
