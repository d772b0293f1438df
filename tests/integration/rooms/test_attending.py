"""Who comes: answers to one session, on a real database."""

import json
from datetime import UTC, datetime
from uuid import uuid4

from tests.integration.rooms.catalogue import Catalogue, a_membership, ended, joined, withdrawn
from tests.integration.rooms.living import Living
from tests.integration.rooms.planning import a_series, local
from tests.support.stack.example_service import received

from practio_contracts.people import PersonErased
from practio_contracts.rooms import (
    CancelSession,
    Coming,
    RescheduleSession,
)


async def test_people_answer_and_the_room_sees_who_comes(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 3)
    session = await room.session()
    ada, ben, cleo = room.people
    answer = await room.answer(session, ada, "no", note="I am away.")
    assert (answer["changed"], answer["state"]["coming"]) == (True, "no")
    assert (await room.answer(session, ada, "no", note="I am away."))["changed"] is False
    await room.answer(session, ben, "yes")
    await room.answer(session, room.host, "yes")

    seen = await room.shown(session, cleo)
    assert (seen.coming.yes, seen.coming.no, seen.coming.maybe, seen.coming.unanswered) == (2, 1, 0, 1)
    assert seen.people
    assert {each.person_id: (each.coming, each.note) for each in seen.people} == {
        ada: (Coming.NO, "I am away."),
        ben: (Coming.YES, None),
        room.host: (Coming.YES, None),
        cleo: (None, None),
    }
    assert (seen.present, (await room.shown(session)).present) == (None, [])

    [event, *_] = await catalogue.published(session)
    assert json.loads(event.internal)["data"]["note"] == "I am away."
    assert "note" not in json.loads(event.public)["data"]
    assert [json.loads(each.internal)["sequence"] for each in await catalogue.published(session)] == ["1", "2", "3"]


async def test_people_outside_see_a_coming_session_without_the_people(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 1)
    session = await room.session(place="Room 4")
    await room.plan(session, case_by=[str(room.people[0])], guests=["Ilse Berg"])
    seen = await room.shown(session, uuid4())
    assert (seen.people, seen.present, seen.guests, seen.proposed_roles) == (None, None, [], None)
    assert (seen.case_by, seen.coming.unanswered) == (room.people, 1)
    assert "place" not in seen.model_dump()["session"]
    assert (await room.shown(session, room.people[0])).guests == ["Ilse Berg"]
    await room.begins_in(session, hours=-5)
    assert (await room.asked(session, uuid4())).code == "not-allowed"
    assert (await room.asked(uuid4(), room.host)).code == "session-unknown"


async def test_only_the_person_answers_while_in_the_room_and_before_it_begins(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 2)
    session, cancelled = await room.session(), await room.session(starts_at=local(8))
    await catalogue.send(CancelSession(room_id=room.room_id, session_id=cancelled), room.host)
    ada, ben = room.people
    assert (await room.answer(session, ada, "yes", by=ben))["code"] == "not-allowed"
    assert (await room.answer(session, uuid4(), "yes"))["code"] == "not-allowed"
    assert (await room.answer(uuid4(), ada, "yes"))["code"] == "session-unknown"
    assert (await room.answer(cancelled, ada, "yes"))["code"] == "not-in-this-state"
    await room.begins_in(session, seconds=-1)
    assert (await room.answer(session, ada, "yes"))["code"] == "session-past"


async def test_an_answer_that_states_no_note_leaves_the_note_and_null_clears_it(catalogue: Catalogue) -> None:
    """A calendar's answer has no note if nobody commented it; what the person wrote on the page stays."""
    room = await Living.with_people(catalogue, 1)
    series = a_series(room.room_id, "FREQ=WEEKLY;COUNT=2")
    await catalogue.send(series, room.host)
    session, [person] = series.session_id, room.people
    await room.answer(session, person, "maybe", note="Ten minutes late")
    assert (await room.answer(session, person, "maybe"))["changed"] is False
    assert (await room.answer(session, person, "yes", scope="following"))["state"]["note"] == "Ten minutes late"
    rows = await catalogue.rows(
        "SELECT note FROM session_answer WHERE room_id = :it ORDER BY starts_at", it=room.room_id
    )
    assert [row.note for row in rows] == ["Ten minutes late", None]
    cleared = await room.answer(session, person, "yes", note=None)
    assert (cleared["changed"], cleared["state"]["note"]) == (True, None)

    await room.answer(session, person, "yes", note="By train")
    move = RescheduleSession(room_id=room.room_id, session_id=session, starts_at=local(9))
    await catalogue.send(move, room.host)
    assert (await room.answer(session, person, "yes"))["state"]["note"] is None, "it was for another time"


async def test_a_session_that_has_begun_is_of_those_who_were_there(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 2)
    session = await room.session()
    [gone, member], later = room.members, a_membership(room.room_id, uuid4())
    await room.answer(session, gone.person_id, "yes")
    await room.begins_in(session, hours=-3)
    now = {"since": datetime.now(UTC)}
    await catalogue.handle(withdrawn(gone.model_copy(update=now)), joined(later.model_copy(update=now)))
    seen = await room.shown(session)
    assert {each.person_id for each in seen.people or ()} == {room.host, gone.person_id, member.person_id}
    assert (seen.coming.yes, seen.coming.unanswered) == (1, 1)
    await catalogue.handle(ended(member.model_copy(update=now)))
    assert (await room.shown(session, member.person_id)).people == seen.people
    refused = await room.asked(session, gone.person_id)
    assert refused.code == "not-allowed"


async def test_erasure_removes_answers_attendance_and_parts(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 2)
    past, coming = await room.session(), await room.session(starts_at=local(8))
    ada, ben = room.people
    await room.begins_in(past, hours=-1)
    await room.record(past, present=[str(ada), str(ben)])
    await room.answer(coming, ada, "no", note="A secret")
    await room.plan(coming, case_by=[str(ada)], roles=[{"name": "timekeeper", "person_id": str(ada)}])
    await catalogue.handle(received(PersonErased(person_id=ada), subject=str(ada), sequence="9", actor=None))
    for table in ("session_answer", "attendance", "session_part"):
        assert await catalogue.rows(f"SELECT 1 FROM {table} WHERE person_id = :ada", ada=ada) == [], table
    assert (await room.shown(past)).present == [ben]
    assert (await room.shown(coming)).case_by == []
