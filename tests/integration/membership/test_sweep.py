"""A seat that a path forgot to give is found by the sweep."""

import json

from tests.integration.membership.house import House, of_ourselves, people

from practio_chassis.service import Running
from practio_contracts.membership import FillSeats, Withdraw
from practio_membership.timers import look_once


async def test_the_sweep_finds_a_free_seat_for_which_somebody_waits(house: House) -> None:
    forgotten, full = await house.publish(capacity=1), await house.publish(capacity=1)
    [first, second] = people(2)
    for room in (forgotten, full):
        await house.join(room, first, second)
    await house.change(
        "UPDATE membership SET status = 'withdrawn' WHERE room_id = :room AND person_id = :person",
        room=forgotten.room_id,
        person=first,
    )
    await house.change("UPDATE room SET taken = 0, by_role = '{}' WHERE room_id = :room", room=forgotten.room_id)
    await look_once(Running(house.transaction.background, None))
    query = "SELECT internal FROM outbox WHERE routing_key = 'membership.fill-seats.v1' ORDER BY id"
    wished = [json.loads(row.internal)["data"] for row in await house.rows(query)]
    assert {"room_id": str(forgotten.room_id)} in wished
    assert {"room_id": str(full.room_id)} not in wished
    await house.take(of_ourselves(FillSeats(room_id=forgotten.room_id)))
    assert (await house.statuses(forgotten))[second] == "offered"
    await house.send(Withdraw(room_id=forgotten.room_id, person_id=second), by=second)
