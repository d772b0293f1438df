"""An erased person is gone for good: address, letters, preferences, bounces of every address they had."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from tests.integration.notifications.notifications_service import (
    NotificationsService,
    an_applicant,
    membership_event,
    person_registered,
    room_published,
)
from tests.support.stack.example_service import received
from tests.unit.notifications.builders import an_event

from practio_chassis.context import ReceivedMessage
from practio_contracts.membership import Declined, Status
from practio_contracts.message import Message
from practio_contracts.notifications import ReportBounce, SendLink, SetPreferences
from practio_contracts.people import PersonChanged, PersonErased, PersonRestored


def from_directory(event: Message, person: UUID, *, sequence: int, at: int = 0) -> ReceivedMessage[Message]:
    clock = datetime.fromisoformat(f"2026-03-01T18:{at:02}:00+00:00")
    return received(event, subject=str(person), sequence=str(sequence), actor=None, time=clock)


def erased(person: UUID, *, sequence: int = 1, at: int = 0) -> ReceivedMessage[Message]:
    return from_directory(PersonErased(person_id=person), person, sequence=sequence, at=at)


def changed(person: UUID, *, sequence: int, email: str, at: int = 0) -> ReceivedMessage[Message]:
    data = {"display_name": "Ada Moretti", "email": email, "locale": "en", "time_zone": "Europe/Rome"}
    return from_directory(PersonChanged(person_id=person, **data), person, sequence=sequence, at=at)


async def address_of(notifications: NotificationsService, person: UUID) -> str | None:
    rows = await notifications.rows("SELECT email FROM contact WHERE person_id = :person", person=person)
    return rows[0].email if rows else None


def report(email: str, letter_id: UUID | None = None) -> ReceivedMessage[Message]:
    command = ReportBounce(email=email, kind="hard", letter_id=letter_id, detail=f"<{email}> is unknown")
    return received(command, actor="system", account="practio-notifications")


async def written_about(notifications: NotificationsService, word: str) -> list[str]:
    """Return the tables in which a word occurs."""
    tables = await notifications.rows("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    found = []
    for (table,) in tables:
        [row] = await notifications.rows(
            f'SELECT count(*) AS found FROM "{table}" AS each WHERE position(:word in each::text) > 0 '
            "OR position(encode(:word, 'hex') in each::text) > 0".replace("encode(:word, 'hex')", ":hex"),
            word=word,
            hex=word.encode().hex(),
        )
        if row.found:
            found.append(table)
    return found


async def test_an_erasure_counts_whatever_its_sequence(notifications: NotificationsService) -> None:
    person = uuid4()
    await notifications.receive(person_registered(person, sequence=5))
    await notifications.receive(erased(person, sequence=1))
    assert await address_of(notifications, person) is None
    await notifications.receive(changed(person, sequence=6, email="ada@example.org"))
    assert await address_of(notifications, person) is None, "what the directory publishes later changes nothing"
    await notifications.receive(person_registered(person, sequence=7))
    assert await address_of(notifications, person) is None, "nor does a registration alone"


async def test_a_restored_person_is_registered_again_even_in_one_batch(notifications: NotificationsService) -> None:
    person = uuid4()
    email = f"{person}@example.org"
    await notifications.send(received(SetPreferences(person_id=person, reminders=False), actor=person))
    restored = from_directory(PersonRestored(person_id=person), person, sequence=3, at=2)
    await notifications.receive(
        changed(person, sequence=1, email=email),
        erased(person, sequence=2, at=1),
        restored,
        changed(person, sequence=4, email=email),
    )
    assert await address_of(notifications, person) == email
    kept = "SELECT person_id FROM preference WHERE person_id = :person"
    assert not await notifications.rows(kept, person=person), "what was erased does not come back"


async def test_every_address_that_a_person_had_is_erased_from_every_table(notifications: NotificationsService) -> None:
    applicant = an_applicant()
    person = applicant.person_id
    before, after, unknown = (f"{name}-{person}@example.org" for name in ("before", "after", "unknown"))
    await notifications.receive(changed(person, sequence=1, email=before), room_published(applicant.room))
    event = an_event(Declined, applicant.membership(Status.DECLINED, version=1, reason=f"not {before}"))
    await notifications.receive(membership_event(event))
    letter = await notifications.letter(person)
    await notifications.send(received(SetPreferences(person_id=person, reminders=False), actor=person))
    await notifications.send(report(before))
    await notifications.receive(changed(person, sequence=2, email=after))
    await notifications.send(report(after))
    await notifications.send(report(unknown, letter.letter_id))
    assert {"bounce", "suppression", "letter", "contact"} <= {*await written_about(notifications, before)} | {
        *await written_about(notifications, after)
    }
    await notifications.receive(erased(person))
    await notifications.send(report(after, letter.letter_id))
    assert [await written_about(notifications, each) for each in (before, after, unknown)] == [[], [], ["suppression"]]


async def test_the_suppression_of_an_address_stays_while_somebody_else_has_it(
    notifications: NotificationsService,
) -> None:
    gone, stays = uuid4(), uuid4()
    email = f"both-{gone}@example.org"
    await notifications.receive(*(changed(each, sequence=1, email=email) for each in (gone, stays)))
    await notifications.send(report(email))
    await notifications.receive(erased(gone))
    assert await notifications.rows("SELECT email FROM suppression WHERE email = :email", email=email)
    await notifications.receive(erased(stays))
    assert not await notifications.rows("SELECT email FROM suppression WHERE email = :email", email=email)


async def test_an_address_that_somebody_typed_is_not_kept_and_the_repeated_answer_states_it(
    notifications: NotificationsService,
) -> None:
    notifications.settings = {"pages_url": "https://rooms.example.org", "link_keys": "a" * 44}
    typed = f"{uuid4()}@example.org"
    command = received(SendLink(email=typed))
    first = await notifications.send(command)
    assert await written_about(notifications, typed) == []
    assert (await notifications.send(command), first["state"]["email"]) == (first, typed)


async def test_an_erased_person_cannot_set_preferences(notifications: NotificationsService) -> None:
    person = uuid4()
    await notifications.receive(person_registered(person), erased(person))
    answer: dict[str, Any] = await notifications.send(received(SetPreferences(person_id=person), actor=person))
    assert answer["code"] == "person-erased", json.dumps(answer)
    assert not await notifications.rows("SELECT person_id FROM preference WHERE person_id = :person", person=person)
