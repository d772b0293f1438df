"""The report on a sponsor with 10,000 of 30,000 rooms reads months and lots alone, and none of them many times."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text
from tests.integration.rooms.catalogue import Catalogue
from tests.integration.rooms.crowded.conftest import ROOMS
from tests.integration.rooms.fixing import register, report
from tests.plans.explained import explaining

from practio_contracts.rooms import Grouping

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(900)]

SPONSORED = 10_000
SUMMED = {"room_month", "lot"}
"""A third of these tables is the sponsor's, so that PostgreSQL may well read them as a whole; once."""

_MONTHS = "generate_series(1, 12) AS m"
_MONTH = "(date_trunc('month', now()) - m * interval '1 month')::date"
_SPONSOR = "CASE WHEN n <= :rooms THEN CAST(:sponsor AS uuid) ELSE CAST(:other AS uuid) END"
_FILL = (
    "CREATE TEMPORARY TABLE numbered AS SELECT row_number() OVER (ORDER BY room_id) AS n, room_id FROM room",
    f"INSERT INTO month_fixed (month, fixed_at) SELECT {_MONTH}, now() FROM {_MONTHS}",
    "INSERT INTO room_month (room_id, month, sponsor_id, format, sessions_held, notes, useful, released) "
    f"SELECT room_id, {_MONTH}, {_SPONSOR}, 'intervision', 2, 1, '{{0,0,0,2,2}}', '{{0,0,0,9,9}}' "
    f"FROM numbered, {_MONTHS}",
    "INSERT INTO lot (lot_id, kind, room_id, sponsor_id, format, month, amount) "
    "SELECT gen_random_uuid(), CASE WHEN m = 12 THEN 'people' ELSE 'attended' END, room_id, "
    f"{_SPONSOR}, 'intervision', {_MONTH}, 6 FROM numbered, {_MONTHS}",
)


@pytest_asyncio.fixture
async def sponsor_id(crowded: Catalogue) -> UUID:
    """Return the sponsor of a third of all rooms, in a year of months and lots."""
    sponsor_id, other = await register(crowded, uuid4()), await register(crowded)
    async with crowded.pool.begin() as connection:
        await connection.execute(text("SET LOCAL statement_timeout = 0"))
        for statement in _FILL:
            values = {"rooms": SPONSORED, "sponsor": sponsor_id, "other": other}
            named = {name: value for name, value in values.items() if f":{name}" in statement}
            await connection.execute(text(statement), named)
    async with crowded.pool.connect() as connection:
        await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(
            text("VACUUM ANALYZE month_fixed, room_month, lot")
        )
    return sponsor_id


async def test_a_year_of_ten_thousand_rooms(crowded: Catalogue, sponsor_id: UUID) -> None:
    begun = datetime.now(UTC)
    for by in Grouping:
        for period in ({}, {"from": f"{datetime.now(UTC).year - 1}-11-01"}):
            with explaining(crowded.pool) as plans:
                found = await report(crowded, sponsor_id=sponsor_id, by=by, **period)
            assert found.total.rooms == SPONSORED
            reads = [each for plan in plans.taken for each in plan.reads()]
            as_a_whole = {each.table for each in reads if each.how == "Seq Scan" and each.rows > 100}
            assert as_a_whole <= SUMMED, by
            assert max(each.rows for each in reads) <= ROOMS * 12, by
            print(by, period, [(round(plan.milliseconds), plan.statement[:40]) for plan in plans.taken])
    print(datetime.now(UTC) - begun)
