"""The sessions of all rooms of a person."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.integration.rooms.catalogue import Catalogue, a_membership, joined, withdrawn
from tests.integration.rooms.past_sessions import a_session as a_past_session
from tests.integration.rooms.planning import a_published_room, a_series, a_session, local
from tests.support.clients.commands import a_room

from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.rooms import AgendaFound, CancelSession, CreateRoom, ListAgenda


async def agenda(catalogue: Catalogue, person: UUID, by: UUID | str | None = None, **asked: Any) -> AgendaFound:
    """Return a page of a person's agenda, which they list themselves unless ``by`` is given."""
    query = ListAgenda.model_validate({"person_id": person, **asked})
    found = await catalogue.ask(query, by or person, datetime.now(UTC))
    assert isinstance(found, AgendaFound), found
    return found


def ids(found: AgendaFound) -> list[UUID]:
    return [each.session.session_id for each in found.sessions]


async def test_an_agenda_has_the_sessions_of_all_rooms_of_a_person_by_their_start(catalogue: Catalogue) -> None:
    person, host = uuid4(), uuid4()
    hosted, attended, left = [await a_published_room(catalogue, by) for by in (person, host, host)]
    there = a_membership(left, person)
    await catalogue.handle(joined(a_membership(attended, person)), joined(there))
    await catalogue.handle(withdrawn(there))
    first, second, third = (
        a_session(attended, starts_at=local(2), place="Via Po 1"),
        a_session(hosted, starts_at=local(4), meeting_url="https://meet.example.org/once"),
        a_session(attended, starts_at=local(6)),
    )
    cancelled = a_session(attended, starts_at=local(5))
    for planned in (third, first, cancelled, second, a_session(left, starts_at=local(3))):
        await catalogue.send(planned, person if planned.room_id == hosted else host)
    await catalogue.send(CancelSession(room_id=attended, session_id=cancelled.session_id), host)
    running = await a_past_session(catalogue, attended, hours=-1)
    await a_past_session(catalogue, attended, hours=-3)
    found = await agenda(catalogue, person)
    assert ids(found) == [running, first.session_id, second.session_id, third.session_id]
    assert [(each.place, each.meeting_url) for each in found.sessions[1:3]] == [
        ("Via Po 1", "https://meet.example.org/heads"),
        (None, "https://meet.example.org/once"),
    ]
    assert found.sessions[0].room_title == "Intervision for school heads"
    assert ids(await agenda(catalogue, person, SYSTEM)) == ids(found)
    refused = await catalogue.ask(ListAgenda(person_id=person), host)
    assert isinstance(refused, Refusal)
    assert refused.code == "not-allowed"


async def test_sessions_of_a_draft_are_in_its_host_s_agenda_alone(catalogue: Catalogue) -> None:
    host, steward = uuid4(), uuid4()
    draft = CreateRoom.model_validate(a_room(steward_ids=[str(steward)]))
    planned = a_session(draft.room_id)
    await catalogue.send(draft, host)
    await catalogue.send(planned, host)
    assert ids(await agenda(catalogue, host)) == [planned.session_id]
    assert ids(await agenda(catalogue, steward)) == []


async def test_an_agenda_reaches_90_days_ahead_unless_its_ends_are_given(catalogue: Catalogue) -> None:
    host = uuid4()
    room_id = await a_published_room(catalogue, host)
    near, far = a_session(room_id, starts_at=local(88)), a_session(room_id, starts_at=local(92))
    for planned in (near, far):
        await catalogue.send(planned, host)
    assert ids(await agenda(catalogue, host)) == [near.session_id]
    beyond = datetime.now(UTC) + timedelta(days=90)
    from_beyond: dict[str, Any] = {"from": beyond}
    assert ids(await agenda(catalogue, host, **from_beyond)) == [far.session_id]
    assert ids(await agenda(catalogue, host, to=beyond + timedelta(days=9))) == [near.session_id, far.session_id]
    from_before: dict[str, Any] = {"from": datetime.now(UTC) - timedelta(days=60)}
    assert ids(await agenda(catalogue, host, **from_before)) == [near.session_id]
    assert ids(await agenda(catalogue, host, **{"from": "0001-01-01T00:00:00Z"})) == [near.session_id]
    assert ids(await agenda(catalogue, host, **{"from": "9999-12-31T00:00:00Z"})) == []


@pytest.mark.parametrize("to", ["2026-03-01T18:00:00Z", "2026-03-01T17:00:00Z"])
async def test_a_period_that_ends_before_it_begins_is_refused_by_its_field(catalogue: Catalogue, to: str) -> None:
    person = uuid4()
    query = ListAgenda.model_validate({"person_id": person, "from": "2026-03-01T18:00:00Z", "to": to})
    for actor in (person, uuid4()):
        refused = await catalogue.ask(query, actor)
        assert isinstance(refused, Refusal)
        assert (refused.code, [each.field for each in refused.errors]) == ("invalid", ["to"])


async def test_pages_of_an_agenda_neither_skip_nor_repeat_sessions_at_the_same_time(catalogue: Catalogue) -> None:
    host = uuid4()
    for _ in range(3):
        await catalogue.send(a_series(await a_published_room(catalogue, host), "FREQ=WEEKLY;COUNT=3"), host)
    whole = ids(await agenda(catalogue, host))
    seen: list[UUID] = []
    after = None
    while len(seen) < len(whole):
        page = await agenda(catalogue, host, limit=2, after=after)
        seen, after = seen + ids(page), page.after
    assert (seen, after) == (whole, None)
    assert len(set(whole)) == 9
