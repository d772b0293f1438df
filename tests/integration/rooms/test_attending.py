"""Who comes, what is planned, who came: on a real database."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from tests.integration.rooms.catalogue import Catalogue, a_membership, ended, joined, withdrawn
from tests.integration.rooms.living import TRIAD, Living
from tests.integration.rooms.past_sessions import feedback, give, report
from tests.integration.rooms.planning import a_series, change, internal, local
from tests.support.stack.example_service import received

from practio_chassis.database.engine import session_maker
from practio_contracts.people import PersonErased
from practio_contracts.rooms import (
    AnswerSession,
    Appoint,
    ArchiveRoom,
    CancelRoom,
    CancelSession,
    Coming,
    Dismiss,
    RescheduleSession,
    Room,
    TopUpSeries,
    WatchSessions,
)
from practio_rooms.domain.feedback import LOT
from practio_rooms.store.attending import standing_answers


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


async def test_an_answer_may_be_for_all_dates_that_follow(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 1)
    series = a_series(room.room_id, "FREQ=WEEKLY;COUNT=4")
    await catalogue.send(series, room.host)
    rows = await catalogue.rows(
        "SELECT session_id FROM session WHERE room_id = :room ORDER BY starts_at", room=room.room_id
    )
    dates = [row.session_id for row in rows]
    await room.answer(dates[1], room.people[0], "no", scope="following")
    assert [(await room.shown(each)).coming.no for each in dates] == [0, 1, 1, 1]


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


async def test_an_answer_that_is_repeated_changes_what_it_changes_for_a_date_that_follows(catalogue: Catalogue) -> None:
    """The named date has the answer already; whether anything changed is decided by all dates."""
    room = await Living.with_people(catalogue, 1)
    series = a_series(room.room_id, "FREQ=WEEKLY;COUNT=3")
    await catalogue.send(series, room.host)
    [person] = room.people
    await room.answer(series.session_id, person, "no", scope="following")
    assert (await room.answer(series.session_id, person, "no", scope="following"))["changed"] is False
    rows = await catalogue.rows(
        "SELECT session_id FROM session WHERE room_id = :room ORDER BY starts_at", room=room.room_id
    )
    last = rows[-1].session_id
    await room.answer(last, person, "yes")
    assert (await room.answer(series.session_id, person, "no", scope="following"))["changed"] is True
    assert (await room.shown(last)).coming.no == 1
    assert [await room.events(row.session_id) for row in rows] == [
        ["session-answered"],
        ["session-answered"],
        ["session-answered"] * 3,
    ]


async def test_an_answer_for_one_date_is_changed_by_the_same_for_all_that_follow(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 1)
    series = a_series(room.room_id, "FREQ=WEEKLY;COUNT=1")
    await catalogue.send(series, room.host)
    [person] = room.people
    await room.answer(series.session_id, person, "no")
    answers = [await room.answer(series.session_id, person, "no", scope="following") for _ in range(2)]
    assert [each["changed"] for each in answers] == [True, False]
    assert (await room.answer(series.session_id, person, "no"))["changed"] is False, "it stands for all that follow"


async def test_dates_that_are_planned_later_are_answered_as_those_before(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 2)
    series = a_series(room.room_id, "FREQ=WEEKLY")
    await catalogue.send(series, room.host)
    ada, ben = room.people
    await room.answer(series.session_id, ada, "no", scope="following", note="A year abroad")
    await room.answer(series.session_id, ben, "yes")
    shift = "UPDATE series SET planned_until = planned_until - interval '14 days' WHERE room_id = :room"
    await change(catalogue, shift, room=room.room_id)
    last = "SELECT session_id FROM session WHERE room_id = :room ORDER BY starts_at DESC LIMIT 2"
    gone = [row.session_id for row in await catalogue.rows(last, room=room.room_id)]
    for table in ("session_answer", "session"):
        await change(catalogue, f"DELETE FROM {table} WHERE session_id = ANY(:gone)", gone=gone)
    await catalogue.handle(internal(TopUpSeries(room_id=room.room_id, series_id=series.session_id)))
    for session in gone:
        seen = (await room.shown(session)).coming
        assert (seen.no, seen.yes, seen.unanswered) == (1, 0, 1)
    stand = "SELECT follows, note FROM session_answer WHERE session_id = ANY(:gone)"
    found = await catalogue.rows(stand, gone=gone)
    assert [(row.follows, row.note) for row in found] == [(True, "A year abroad")] * 2, "for the dates after them too"


async def test_one_answer_a_person_is_read_for_dates_that_are_planned_later_and_it_is_their_last(
    catalogue: Catalogue,
) -> None:
    room = await Living.with_people(catalogue, 2)
    series = a_series(room.room_id, "FREQ=WEEKLY")
    await catalogue.send(series, room.host)
    ada, ben = room.people
    of_room = "SELECT session_id FROM session WHERE room_id = :room ORDER BY starts_at"
    dates = [row.session_id for row in await catalogue.rows(of_room, room=room.room_id)]
    await room.answer(dates[0], ada, "no", scope="following")
    await room.answer(dates[4], ada, "maybe", scope="following")
    await room.answer(dates[0], ben, "yes", scope="following")
    await change(
        catalogue,
        "UPDATE session SET ends_at = ends_at + interval '1 hour' WHERE session_id = ANY(:longer)",
        longer=dates[-2:],
    )
    async with session_maker(catalogue.pool)() as session:
        [row] = await catalogue.rows("SELECT snapshot FROM room WHERE room_id = :room", room=room.room_id)
        found = await standing_answers(session, Room.model_validate(row.snapshot), series.session_id, datetime.now(UTC))
        assert {each.person_id: (each.coming, each.session_id) for each in found} == {
            ada: ("maybe", dates[-3]),
            ben: ("yes", dates[-3]),
        }


async def test_dates_of_a_series_that_moved_are_not_answered_as_those_held_before(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 1)
    series = a_series(room.room_id, "FREQ=WEEKLY")
    await catalogue.send(series, room.host)
    await room.answer(series.session_id, room.people[0], "no", scope="following")
    await room.begins_in(series.session_id, hours=-2)
    moves = "DELETE FROM session_answer WHERE room_id = :room AND session_id <> :held"
    await change(catalogue, moves, room=room.room_id, held=series.session_id)
    shift = "UPDATE series SET planned_until = planned_until - interval '7 days' WHERE room_id = :room"
    await change(catalogue, shift, room=room.room_id)
    last = "SELECT session_id FROM session WHERE room_id = :room ORDER BY starts_at DESC LIMIT 1"
    [gone] = await catalogue.rows(last, room=room.room_id)
    await change(catalogue, "DELETE FROM session WHERE session_id = :gone", gone=gone.session_id)
    await catalogue.handle(internal(TopUpSeries(room_id=room.room_id, series_id=series.session_id)))
    assert (await room.shown(gone.session_id)).coming.unanswered == 1


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


async def test_an_answer_for_a_session_that_moved_is_not_counted(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 2)
    session = await room.session()
    for person in room.people:
        await room.answer(session, person, "yes")
    move = RescheduleSession(room_id=room.room_id, session_id=session, starts_at=local(9))
    answer = received(move, actor=room.host)
    await catalogue.handle(answer)
    assert (await room.shown(session)).coming.unanswered == 2
    back = RescheduleSession(room_id=room.room_id, session_id=session, starts_at=local(7))
    await catalogue.send(back, room.host)
    assert (await room.shown(session)).coming.unanswered == 2
    await room.answer(session, room.people[0], "maybe")
    assert (await room.shown(session)).coming.maybe == 1


async def test_an_answer_after_a_move_counts_though_both_come_in_one_batch(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 1)
    session, [person] = await room.session(), room.people
    await room.answer(session, person, "yes", note="By train")
    about = {"room_id": room.room_id, "session_id": session}
    move = RescheduleSession.model_validate(about | {"starts_at": local(9)})
    answer = AnswerSession.model_validate(about | {"person_id": person, "coming": "yes"})
    [_, answered] = await catalogue.handle(received(move, actor=room.host), received(answer, actor=person))
    assert (answered["data"]["changed"], answered["data"]["state"]["note"]) == (True, None)
    assert (await room.shown(session)).coming.yes == 1


async def test_an_answer_is_not_counted_if_a_release_moved_the_session_that_knows_no_answers(
    catalogue: Catalogue,
) -> None:
    room = await Living.with_people(catalogue, 1)
    session = await room.session()
    await room.answer(session, room.people[0], "yes")
    async with catalogue.pool.begin() as connection:
        await connection.exec_driver_sql(
            f"UPDATE session SET starts_at = starts_at + interval '1 hour', ends_at = ends_at + interval '1 hour' "
            f"WHERE session_id = '{session}'"
        )
    assert (await room.shown(session)).coming.unanswered == 1


@pytest.mark.parametrize(
    "stale",
    [
        "membership_id = gen_random_uuid()",
        "starts_at = starts_at - interval '1 hour'",
        "ends_at = ends_at + interval '1 hour'",
    ],
)
async def test_the_same_answer_again_counts_if_the_one_before_does_not(catalogue: Catalogue, stale: str) -> None:
    """Such rows are left by a release that knows no answers; the note of one is for another time, or person's stay."""
    room = await Living.with_people(catalogue, 1)
    session, [person] = await room.session(), room.people
    await room.answer(session, person, "yes", note="By train")
    await change(catalogue, f"UPDATE session_answer SET {stale} WHERE session_id = :session", session=session)
    assert (await room.shown(session)).coming.yes == 0
    again = await room.answer(session, person, "yes")
    assert (again["changed"], again["state"]["note"]) == (True, None)
    assert (await room.shown(session)).coming.yes == 1


async def test_a_cancelled_session_forgets_the_answers(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 1)
    session = await room.session()
    await room.answer(session, room.people[0], "yes")
    await catalogue.send(CancelSession(room_id=room.room_id, session_id=session), room.host)
    assert await catalogue.rows("SELECT 1 FROM session_answer WHERE session_id = :session", session=session) == []
    assert (await room.shown(session)).coming.yes == 0


async def test_a_room_that_ends_forgets_the_answers_to_its_sessions(catalogue: Catalogue) -> None:
    for end in (CancelRoom, ArchiveRoom):
        room = await Living.with_people(catalogue, 1)
        sessions = [await room.session(starts_at=local(day)) for day in (7, 8)]
        for session in sessions:
            await room.answer(session, room.people[0], "yes")
            await room.answer(session, room.host, "no")
        reason = {"reason": "No interest"} if end is CancelRoom else {}
        await catalogue.send(end.model_validate({"room_id": room.room_id} | reason), room.host)
        assert await catalogue.rows("SELECT 1 FROM session_answer WHERE room_id = :room", room=room.room_id) == []
        for session in sessions:
            assert (await room.shown(session)).coming.model_dump() == {"yes": 0, "no": 0, "maybe": 0, "unanswered": 1}
            assert (await room.answer(session, room.people[0], "yes"))["code"] == "not-in-this-state"


async def test_answers_are_not_counted_in_a_room_that_a_release_cancelled_that_knows_no_answers(
    catalogue: Catalogue,
) -> None:
    """Such a release leaves the answers where they are; nothing counts them, watches the room or breaks on them."""
    room = await Living.with_people(catalogue, 1)
    session = await room.session()
    await room.answer(session, room.people[0], "yes")
    as_before = "SELECT * FROM session_answer WHERE session_id = :session"
    [left] = await catalogue.rows(as_before, session=session)
    await catalogue.send(CancelRoom(room_id=room.room_id, reason="No interest"), room.host)
    stated = left._asdict()
    values = ", ".join(f":{name}" for name in stated)
    await change(catalogue, f"INSERT INTO session_answer ({', '.join(stated)}) VALUES ({values})", **stated)
    assert (await room.shown(session)).coming.yes == 0
    await catalogue.handle(internal(WatchSessions(room_id=room.room_id)), withdrawn(room.members[0]))
    assert await catalogue.rows(as_before, session=session) == []
    assert await room.events(session) == ["session-answered"]


async def test_leaving_the_room_ends_an_answer_and_coming_back_does_not_revive_it(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 1)
    session = await room.session()
    [member], [person] = room.members, room.people
    await room.answer(session, person, "yes")
    await catalogue.handle(withdrawn(member))
    assert (await room.shown(session)).coming.yes == 0
    assert await catalogue.rows("SELECT 1 FROM session_answer WHERE session_id = :session", session=session) == []
    await catalogue.handle(joined(a_membership(room.room_id, person)))
    await room.answer(session, person, "maybe")
    await catalogue.handle(withdrawn(member))
    assert (await room.shown(session)).coming.maybe == 1


async def test_an_answer_stays_when_something_else_of_the_membership_changes(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 1)
    session, [member] = await room.session(), room.members
    await room.answer(session, member.person_id, "yes")
    await catalogue.handle(joined(member.model_copy(update={"version": member.version + 1, "role": "coach"})))
    assert (await room.shown(session)).coming.yes == 1


async def test_a_host_plans_cases_roles_and_guests_of_people_in_the_room(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 2)
    session = await room.session()
    ada, ben = room.people
    roles = [{"name": "timekeeper", "person_id": str(ben)}]
    answer = await room.plan(session, case_by=[str(ada)], roles=roles, guests=["Ilse Berg"])
    assert answer["state"] == {
        "room_id": str(room.room_id),
        "session_id": str(session),
        "case_by": [str(ada)],
        "roles": roles,
        "guests": ["Ilse Berg"],
    }
    assert (await room.plan(session, case_by=[str(ada)]))["changed"] is False
    assert (await room.plan(session, guests=[]))["state"]["case_by"] == [str(ada)]
    assert (await room.plan(session, roles=[]))["changed"] is True
    assert (await room.plan(session, roles=roles))["state"]["roles"] == roles
    assert await room.events(session) == ["session-planned"] * 4
    [event, *_] = await catalogue.published(session)
    assert "guests" not in json.loads(event.public)["data"]
    refused = await room.plan(session, case_by=[str(uuid4())])
    assert (refused["code"], refused["errors"][0]["field"]) == ("person-unknown", "case_by.0")
    refused = await room.plan(session, roles=[*roles, {"name": "host", "person_id": str(uuid4())}])
    assert [each["field"] for each in refused["errors"]] == ["roles.1.person_id"]
    assert (await room.plan(session, by=ada, case_by=[]))["code"] == "not-allowed"

    await catalogue.handle(withdrawn(room.members[0]))
    assert (await room.shown(session)).case_by == []
    await room.begins_in(session, hours=-3)
    assert (await room.plan(session, case_by=[]))["code"] == "session-over"


async def test_a_triad_is_proposed_roles_in_turn(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 3, **TRIAD)
    series = a_series(room.room_id, "FREQ=WEEKLY;COUNT=4")
    await catalogue.send(series, room.host)
    rows = await catalogue.rows(
        "SELECT session_id FROM session WHERE room_id = :room ORDER BY starts_at", room=room.room_id
    )
    coaches = []
    for row in rows:
        proposed = (await room.shown(row.session_id)).proposed_roles or []
        assert [each.name for each in proposed] == ["coach", "coachee", "observer"]
        assert {each.person_id for each in proposed} == set(room.people)
        coaches.append(proposed[0].person_id)
    assert len(set(coaches[:3])) == 3
    assert coaches[3] == coaches[0]


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


async def test_the_offices_are_shown_which_dates_follow_and_which_were_moved_on_their_own(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 1)
    await catalogue.send(a_series(room.room_id, "FREQ=DAILY;COUNT=5"), room.host)
    rows = await catalogue.rows(
        "SELECT session_id FROM session WHERE room_id = :it ORDER BY starts_at", it=room.room_id
    )
    dates = [row.session_id for row in rows]
    move = RescheduleSession(room_id=room.room_id, session_id=dates[1], starts_at=local(30))
    await catalogue.send(move, room.host)
    await catalogue.send(CancelSession(room_id=room.room_id, session_id=dates[3]), room.host)
    first, second = await room.shown(dates[0]), await room.shown(dates[1])
    assert (first.following, first.moved_alone) == ([dates[1], dates[2], dates[4]], [dates[1]])
    assert (second.following, second.moved_alone) == ([dates[2], dates[4]], [dates[1]])
    assert (await room.shown(dates[0], room.people[0])).following is None
    alone = await room.shown(await room.session(starts_at=local(9)))
    assert (alone.following, alone.moved_alone) == ([], [])
