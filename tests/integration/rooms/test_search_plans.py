"""No search reads the whole table."""

from typing import Any

import pytest
from sqlalchemy import text
from tests.integration.rooms.catalogue import Catalogue

from practio_contracts.rooms import SearchRooms
from practio_rooms.queries import statement_of

MANY = 20_000
FILL = """
INSERT INTO room (room_id, snapshot, asked, guidelines_version, office_ids, status, published_at, format, mode,
                  language, domain, policy, sponsor_kind, sponsor_name, seats_free, waiting)
SELECT gen_random_uuid(), jsonb_build_object('title', 'Room ' || n), '', 0, '{}', 'published',
       now() - n * interval '1 minute', (ARRAY['intervision', 'peer-coaching'])[1 + n % 2],
       (ARRAY['online', 'hybrid'])[1 + n % 2], (ARRAY['en', 'de'])[1 + n % 2], 'domain ' || n % 500,
       (ARRAY['open', 'approval'])[1 + n % 2], (ARRAY['participants', 'organisation'])[1 + n % 2],
       'sponsor ' || n % 500, n % 3, 0
FROM generate_series(1, :many) AS n
"""


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"text": "1234"},
        {"format": "intervision"},
        {"mode": "online"},
        {"language": "de"},
        {"domain": "domain 7"},
        {"policy": "open"},
        {"sponsor": {"kind": "organisation"}},
        {"sponsor": {"name": "sponsor 7"}},
        {"with_free_seats": True},
        {"format": "intervision", "domain": "domain 8", "with_free_seats": True},
    ],
)
async def test_every_search_has_an_index_behind_it(catalogue: Catalogue, asked: dict[str, Any]) -> None:
    asking = statement_of(SearchRooms.model_validate(asked)).compile(dialect=catalogue.pool.dialect)
    values = tuple(asking.params[name] for name in asking.positiontup or ())
    async with catalogue.pool.connect() as connection:
        await connection.execute(text(FILL), {"many": MANY})
        await connection.execute(text("ANALYZE room"))
        plan = "\n".join((await connection.exec_driver_sql(f"EXPLAIN {asking}", values)).scalars())
        await connection.rollback()
    assert "Index Scan" in plan
    assert "Seq Scan" not in plan
