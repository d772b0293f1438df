"""How many reports of conduct wait, and for whom: of all rooms together."""

from uuid import uuid4

from prometheus_client import REGISTRY
from tests.integration.rooms.catalogue import Catalogue
from tests.integration.rooms.test_conduct import a_room_with_stewards, report, settle

from practio_chassis.database.engine import session_maker
from practio_chassis.handling.transaction import Transaction
from practio_rooms.app import SERVICE
from practio_rooms.gauges import count_once


async def counted(catalogue: Catalogue) -> list[float]:
    async with Transaction(SERVICE, session_maker(catalogue.pool)).background() as context:
        await count_once(context)
    shown = "practio_conduct_reports_open"
    return [REGISTRY.get_sample_value(shown, {"read_by": each}) or 0.0 for each in ("stewards", "system")]


async def test_open_reports_are_counted_by_who_reads_them_and_settled_ones_are_not(catalogue: Catalogue) -> None:
    before, identity = await counted(catalogue), uuid4()
    room, [steward] = await a_room_with_stewards(catalogue, stewards=1)
    await report(room, room.people[0], report_id=identity)
    await report(room, room.people[0], person_id=steward)
    assert await rise(catalogue, before) == [1.0, 1.0]
    await settle(room, steward, identity)
    assert await rise(catalogue, before) == [0.0, 1.0]


async def rise(catalogue: Catalogue, before: list[float]) -> list[float]:
    return [now - then for now, then in zip(await counted(catalogue), before, strict=True)]
