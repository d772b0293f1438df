"""Who came: recorded by offices, by people who check in, and counted in the report."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from tests.integration.rooms.catalogue import Catalogue, a_membership, joined, withdrawn
from tests.integration.rooms.living import Living
from tests.integration.rooms.past_sessions import feedback, give, report

from practio_contracts.rooms import (
    Appoint,
    Dismiss,
)
from practio_rooms.domain.feedback import LOT


async def test_attendance_is_recorded_from_the_start_until_thirty_days_after(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 3)
    session = await room.session()
    ada, ben, cleo = room.people
    early = await room.record(session, present=[str(ada)])
    assert (early["code"], early["next_step"]) == ("not-yet", "retry-after")
    await room.begins_in(session, hours=-1)
    answer = await room.record(session, present=[str(ada), str(ben)], absent=[str(cleo)])
    assert (answer["state"]["present_count"], answer["state"]["absent_count"]) == (2, 1)
    assert (await room.record(session, present=[str(ada)]))["changed"] is False
    assert (await room.record(session, absent=[str(ben)]))["state"] == answer["state"] | {
        "present_count": 1,
        "absent_count": 2,
    }
    seen = await room.shown(session)
    assert (seen.present, set(seen.absent or [])) == ([ada], {ben, cleo})
    assert (await room.shown(session, ada)).present is None
    [first, second] = [json.loads(each.internal)["data"] for each in await catalogue.published(session)]
    assert (set(first["present"]), second["present"], second["absent"]) == ({str(ada), str(ben)}, [], [str(ben)])
    for row in await catalogue.published(session):
        assert {"present", "absent"}.isdisjoint(json.loads(row.public)["data"])

    stranger = str(uuid4())
    refused = await room.record(session, present=[str(ada), stranger], absent=[str(cleo)])
    assert (refused["code"], [each["field"] for each in refused["errors"]]) == ("person-unknown", ["present.1"])
    refusals = [row.public for row in await catalogue.published(room.room_id) if "refused" in row.routing_key]
    published = refusals[-1]
    assert stranger.encode() not in published, "who came is for services alone"
    assert (await room.record(session, by=ada, present=[str(ada)]))["code"] == "not-allowed"
    await room.begins_in(session, days=-31)
    assert (await room.record(session, present=[str(cleo)]))["code"] == "session-over"


async def test_who_is_recorded_and_does_not_fit_is_not_listed_as_if_they_were_not(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("practio_rooms.queries.session.MOST_RECORDED", 1)
    room = await Living.with_people(catalogue, 4)
    session = await room.session()
    await room.begins_in(session, minutes=-1)
    first, second, away, unrecorded = sorted(room.people)
    await room.record(session, present=[first, second], absent=[away])
    seen = await room.shown(session)
    assert (seen.present, seen.absent, seen.people_left_out) == ([first], [away], 1)
    assert {each.person_id for each in seen.people or ()} == {room.host, first, away, unrecorded}


@pytest.mark.parametrize("away", [timedelta(days=7), timedelta(minutes=-1)])
async def test_as_many_people_as_fit_are_listed_after_those_who_answered(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, away: timedelta
) -> None:
    room = await Living.with_people(catalogue, 9)
    session = await room.session()
    [answering] = room.people[-1:]
    await room.answer(session, answering, "yes", note="I bring a cake.")
    await room.begins_in(session, seconds=away.total_seconds())
    whole = await room.shown(session)
    silent = sorted({room.host, *room.people[:-1]})
    assert [each.person_id for each in whole.people or ()] == [answering, *silent]
    assert (whole.people_left_out, whole.coming.yes, whole.coming.unanswered) == (0, 1, 8)
    for most in (0, 1, 3, 10):
        size = len(whole.model_copy(update={"people": (whole.people or [])[:most]}).model_dump_json()) + most
        monkeypatch.setattr("practio_rooms.queries.session.PAGE_BYTES", size)
        part = await room.shown(session)
        assert part.people == (whole.people or [])[: len(part.people or ())]
        assert len(part.people or ()) + part.people_left_out == 10
        assert len(part.model_dump_json()) <= size + 10
        assert most - 2 <= len(part.people or ()) <= most
        assert part.coming == whole.coming


async def test_a_person_who_left_since_can_still_be_recorded(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 1)
    session = await room.session()
    await room.begins_in(session, hours=-1)
    gone = room.members[0].model_copy(update={"since": datetime.now(UTC)})
    await catalogue.handle(withdrawn(gone))
    assert (await room.record(session, present=[str(gone.person_id)]))["state"]["present_count"] == 1


async def test_people_who_came_later_or_lost_their_office_since_can_be_recorded(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 0)
    session, steward = await room.session(), uuid4()
    office = {"room_id": room.room_id, "person_id": steward, "office": "steward"}
    await catalogue.send(Appoint.model_validate(office), room.host)
    await room.begins_in(session, hours=-3)
    await room.record(session, present=[str(steward)])
    await catalogue.send(Dismiss.model_validate(office), room.host)
    later = a_membership(room.room_id, uuid4()).model_copy(update={"since": datetime.now(UTC)})
    await catalogue.handle(joined(later))
    answer = await room.record(session, present=[str(later.person_id)], absent=[str(steward)])
    assert (answer["state"]["present_count"], answer["state"]["absent_count"]) == (1, 1)
    assert (await report(catalogue, room.room_id, room.host))["attended"] == 0, "they had no seat at that time"


async def test_people_check_in_from_half_an_hour_before_until_the_end(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 2)
    session = await room.session()
    ada, ben = room.people
    await room.begins_in(session, minutes=31)
    assert (await room.check_in(session, ada))["code"] == "not-yet"
    await room.begins_in(session, minutes=29)
    assert [(await room.check_in(session, ada))["changed"] for _ in range(2)] == [True, False]
    assert (await room.check_in(session, ben, by=ada))["code"] == "not-allowed"
    assert (await room.check_in(session, room.host))["code"] == "not-allowed"
    await room.begins_in(session, minutes=-91)
    assert (await room.check_in(session, ben))["code"] == "session-over"
    assert (await room.shown(session)).present == [ada]


async def test_the_report_counts_the_seats_of_people_who_came(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 3)
    session = await room.session()
    await room.begins_in(session, hours=-3)
    shown = await report(catalogue, room.room_id, room.host)
    assert (shown["sessions_held"], shown["attended"], shown["sessions_recorded"]) == (1, None, 0)
    await room.record(
        session, present=[str(each) for each in (*room.people[:2], room.host)], absent=[str(room.people[2])]
    )
    shown = await report(catalogue, room.room_id, room.host)
    assert (shown["seats_used"], shown["attended"], shown["sessions_recorded"]) == (3, 2, 1)
    [month] = [each for each in shown["months"] if each["sessions_held"]]
    assert (month["attended"], month["sessions_recorded"]) == (2, 1)


async def test_attendance_changes_nothing_that_feedback_shows(catalogue: Catalogue) -> None:
    """Three ratings stay hidden however many came, a fourth shows four, and an absent person's counts as any other."""
    room = await Living.with_people(catalogue, 5)
    session = await room.session()
    await room.begins_in(session, hours=-3)
    ada, ben, cleo, dora, eve = room.people
    hidden = await feedback(catalogue, room.room_id, room.host, session)
    for present, absent in (([ada], []), ([ada, ben, cleo], [dora, eve]), ([dora], [ada, ben])):
        await room.record(session, present=[str(each) for each in present], absent=[str(each) for each in absent])
        for person in present:
            await give(catalogue, room.room_id, session, person)
        shown = await feedback(catalogue, room.room_id, room.host, session)
        assert shown == hidden or shown["answers"] == LOT
    assert shown["answers"] == LOT
    await room.record(session, present=[str(each) for each in room.people])
    assert await feedback(catalogue, room.room_id, room.host, session) == shown
