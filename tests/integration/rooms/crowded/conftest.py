"""A catalogue with so many rooms that a scan of them all shows in a plan.

The more rooms there are, the more a scan of all costs beside an index: what is not scanned among 30,000, which are made
in a third of the time, is not scanned among 100,000 either. ``make plans`` looks at the plans among these.
"""

from collections.abc import AsyncIterator

import pytest_asyncio
from sqlalchemy import text
from tests.integration.rooms.catalogue import Catalogue
from tests.support.clients.many_rooms import fill
from tests.support.stack.databases import migrated_database
from tests.support.stack.servers import Servers

from practio_chassis.database import engine
from practio_rooms.app import SERVICE

ROOMS = 30_000
NOTES = """
INSERT INTO note (
    note_id, room_id, kind, confidential, status, version, title, text, author_id, recorded_at, asked, dictionary
)
SELECT gen_random_uuid(), room_id, (ARRAY['case', 'tool', 'term'])[1 + n % 3], n % 10 > 0, 'kept', 1, 'Note ' || n,
       snapshot ->> 'purpose', room_id, now() - n * interval '1 minute', '', dictionary
FROM (SELECT room_id, snapshot, dictionary FROM room ORDER BY published_at LIMIT 500) AS old,
     generate_series(1, 60) AS n
"""


@pytest_asyncio.fixture(scope="package")
async def crowded(servers: Servers) -> AsyncIterator[Catalogue]:
    """Yield a catalogue of so many published rooms, some with notes."""
    async with migrated_database(servers, SERVICE) as url:
        pool = engine.engine(url, service=SERVICE.name, patience=None)
        await fill(pool, many=ROOMS)
        async with pool.begin() as connection:
            await connection.execute(text("SET LOCAL statement_timeout = 0"))
            await connection.execute(text(NOTES))
            await connection.execute(text("ANALYZE note"))
        yield Catalogue(pool)
        await pool.dispose()
