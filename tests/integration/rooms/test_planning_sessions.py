"""What is planned for a session: who brings the case, roles and guests, and whose turn it is."""

import json
from uuid import uuid4

from tests.integration.rooms.catalogue import Catalogue, withdrawn
from tests.integration.rooms.living import TRIAD, Living
from tests.integration.rooms.planning import a_series, local

from practio_contracts.rooms import (
    CancelSession,
    RescheduleSession,
)


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
