"""Answers for all dates of a series that follow: on a real database."""

from datetime import UTC, datetime

from tests.integration.rooms.catalogue import Catalogue
from tests.integration.rooms.living import Living
from tests.integration.rooms.planning import a_series, change, internal

from practio_chassis.database.engine import session_maker
from practio_contracts.rooms import (
    Room,
    TopUpSeries,
)
from practio_rooms.store.attending import standing_answers


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
