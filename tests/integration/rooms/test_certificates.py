"""Certificates of attendance, and their codes."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.integration.rooms.catalogue import Catalogue
from tests.integration.rooms.living import Living
from tests.integration.rooms.planning import change
from tests.integration.rooms.test_forgetting import forget, running
from tests.support.stack.example_service import received

from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.people import PersonErased
from practio_contracts.rooms import Certificate, GetCertificate, Verification, VerifyCertificate
from practio_rooms.periodic.certificates import count_once


async def ask(room: Living, person: UUID, by: UUID | str | None = None) -> Certificate | Refusal:
    query = GetCertificate(room_id=room.room_id, person_id=person)
    found: Certificate | Refusal = await room.catalogue.ask(query, by or person, datetime.now(UTC))
    return found


async def certificate(room: Living, person: UUID) -> Certificate:
    found = await ask(room, person)
    assert isinstance(found, Certificate), found
    return found


async def verify(catalogue: Catalogue, code: str) -> Verification:
    found: Verification = await catalogue.ask(VerifyCertificate(code=code), uuid4(), datetime.now(UTC))
    return found


async def a_session_with(room: Living, *present: UUID, days_ago: int = 1, **fields: Any) -> UUID:
    session_id = await room.session(**fields)
    await room.begins_in(session_id, days=-min(days_ago, 20))
    assert (await room.record(session_id, present=list(present)))["changed"] is True
    if days_ago > 20:
        await _ages(room.catalogue, session_id, days_ago)
    return session_id


async def _ages(catalogue: Catalogue, session_id: UUID, days: int) -> None:
    away = timedelta(days=-days)
    times = "starts_at = now() + :away, ends_at = now() + :away + interval '90 minutes'"
    await change(catalogue, f"UPDATE session SET {times} WHERE session_id = :id", away=away, id=session_id)
    recorded = "recorded_at = now() + :away + interval '2 hours'"
    await change(catalogue, f"UPDATE attendance SET {recorded} WHERE session_id = :id", away=away, id=session_id)


async def test_a_certificate_states_the_sessions_that_a_person_attended(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 2, title="Cases of school heads")
    ada, ben = room.people
    await a_session_with(room, ada, ben, days_ago=9)
    await a_session_with(room, ada, days_ago=2)
    missed = await a_session_with(room, ben, days_ago=1)
    await room.record(missed, absent=[ada])
    found = await certificate(room, ada)
    today = datetime.now(UTC)
    assert (found.title, found.sessions_attended, found.minutes) == ("Cases of school heads", 2, 180)
    assert (found.since, found.until) == ((today - timedelta(days=9)).date(), (today - timedelta(days=2)).date())
    assert (await certificate(room, ada)).code == found.code
    assert (await certificate(room, ben)).code != found.code


async def test_only_the_person_and_the_system_get_it_and_only_if_attendance_was_recorded(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 2)
    ada, ben = room.people
    unknown = await ask(room, ada)
    assert isinstance(unknown, Refusal)
    assert unknown.code == "certificate-unknown"
    session_id = await a_session_with(room, ada)
    for other in (ben, room.host, uuid4()):
        refused = await ask(room, ada, other)
        assert isinstance(refused, Refusal)
        assert refused.code == "not-allowed"
    assert isinstance(await ask(room, ada, SYSTEM), Certificate)
    code = (await certificate(room, ada)).code
    await room.record(session_id, absent=[ada])
    assert isinstance(await ask(room, ada), Refusal)
    assert not (await verify(catalogue, code)).valid


async def test_a_session_that_is_not_over_or_was_called_off_does_not_count(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 1)
    [ada] = room.people
    session_id = await room.session()
    await room.begins_in(session_id, minutes=-10)
    await room.check_in(session_id, ada)
    assert isinstance(await ask(room, ada), Refusal)
    await room.begins_in(session_id, days=-1)
    assert (await certificate(room, ada)).sessions_attended == 1
    await change(catalogue, "UPDATE session SET status = 'cancelled' WHERE session_id = :id", id=session_id)
    assert isinstance(await ask(room, ada), Refusal)


async def test_a_code_is_verified_without_a_name_however_it_is_typed(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 1)
    [ada] = room.people
    await a_session_with(room, ada)
    found = await certificate(room, ada)
    for typed in (found.code, found.code.lower(), found.code.replace("-", " "), f" {found.code.replace('-', '')}"):
        verified = await verify(catalogue, typed)
        assert verified.model_dump() == {"valid": True, **found.model_dump()}
    assert str(ada) not in (await verify(catalogue, found.code)).model_dump_json()
    for wrong in (found.code[:-1], f"{found.code}2", "0000-" + found.code[5:], "' OR true --"):
        assert await verify(catalogue, wrong) == Verification(valid=False)


async def test_erasure_ends_a_certificate(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 1)
    [ada] = room.people
    await a_session_with(room, ada)
    code = (await certificate(room, ada)).code
    await catalogue.handle(received(PersonErased(person_id=ada), subject=str(ada), sequence="9", actor=None))
    assert await verify(catalogue, code) == Verification(valid=False)
    assert isinstance(await ask(room, ada, SYSTEM), Refusal)


async def test_a_certificate_outlasts_its_sessions_and_counts_each_once(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 1)
    [ada] = room.people
    old = await a_session_with(room, ada, days_ago=40)
    await a_session_with(room, ada, days_ago=3)
    before = await certificate(room, ada)
    assert (before.sessions_attended, before.minutes) == (2, 180)
    for _ in range(2):
        while await count_once(running(catalogue), chunk=1):
            pass
        assert await certificate(room, ada) == before
    await _ages(catalogue, old, 1_200)
    await forget(catalogue)
    assert await catalogue.rows("SELECT 1 FROM attendance WHERE session_id = :id", id=old) == []
    assert await certificate(room, ada) == before
    assert (await verify(catalogue, before.code)).sessions_attended == 2


async def test_attendance_of_an_earlier_release_gets_its_code(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 1)
    [ada] = room.people
    await a_session_with(room, ada)
    await change(catalogue, "DELETE FROM certificate WHERE person_id = :person", person=ada)
    assert isinstance(await ask(room, ada), Refusal)
    await count_once(running(catalogue))
    assert (await certificate(room, ada)).sessions_attended == 1


async def test_attendance_is_summed_up_in_a_certificate_even_if_others_without_a_code_come_first(
    catalogue: Catalogue,
) -> None:
    room = await Living.with_people(catalogue, 2)
    ada, ben = room.people
    recent = await a_session_with(room, ada, days_ago=1)
    await a_session_with(room, ben, days_ago=40)
    earlier = "UPDATE attendance SET recorded_at = now() - interval '60 days' WHERE session_id = :id"
    await change(catalogue, earlier, id=recent)
    await change(catalogue, "DELETE FROM certificate WHERE room_id = :room", room=room.room_id)
    while await count_once(running(catalogue), chunk=1):
        pass
    assert (await certificate(room, ben)).sessions_attended == 1
    assert (await certificate(room, ada)).sessions_attended == 1
