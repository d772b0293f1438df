"""As many published rooms as a large catalogue has, made by PostgreSQL itself."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from practio_rooms.domain.session_sort_key import NEVER

MANY = 100_000

WORDS = """\
peer coaching supervision intervision practice method case school teacher nurse manager leader conflict feedback
reflection question dialogue team change health social education pupil parent class hospital patient ward care museum
library craft software design research writing mentoring listening trust boundary ethics diversity migration youth
elder family therapy counselling prison police justice finance budget strategy board volunteer church village city
climate garden farm food energy water bridge road rail harbour sea island mountain forest river bookbinding"""
"""The words from which phrases are drawn."""

PHRASES = """
CREATE TEMPORARY TABLE phrase ON COMMIT DROP AS
SELECT number, string_agg(words[1 + floor(cardinality(words) * power(random(), 2))::int], ' ') AS said
FROM (SELECT regexp_split_to_array(trim(:words), '\\s+') AS words) AS vocabulary,
     generate_series(0, 1999) AS number, generate_series(1, 30)
GROUP BY number
"""
"""Draws phrases of ``:words`` for the transaction that then draws rooms."""

COLUMNS = """
    room_id snapshot asked guidelines_version office_ids status published_at format mode language dictionary
    soonness domain policy sponsor_kind sponsor_name seats_free waiting
"""

ROOMS = """
SELECT
    id,
    jsonb_build_object(
        'room_id', id, 'version', 2, 'status', 'published', 'host_id', id, 'title', 'Room ' || n || ' for ' || heading,
        'purpose', said, 'for_whom', 'Everybody who works in team ' || n % 5000
    ),
    '', 0, ARRAY[id], 'published', now() - n * interval '1 minute',
    (ARRAY['intervision', 'peer-coaching', 'peer-supervision', 'method-practice'])[1 + floor(random() * 4)],
    (ARRAY['online', 'in-person', 'hybrid'])[1 + floor(random() * 3)],
    (ARRAY['en', 'de', 'fr', 'it', 'cs'])[spoken],
    (ARRAY['english', 'german', 'french', 'italian', 'simple'])[spoken],
    CASE WHEN random() < 0.3 THEN CAST(:never AS bigint) ELSE -1800000000000000 - floor(random() * 1e13)::bigint END,
    'domain ' || floor(random() * 500),
    (ARRAY['open', 'approval', 'invitation'])[1 + floor(random() * 3)],
    (ARRAY['participants', 'organisation'])[1 + floor(random() * 2)],
    'sponsor ' || floor(random() * 500),
    floor(random() * 3), 0
FROM (
    SELECT n, gen_random_uuid() AS id, 1 + floor(random() * 5)::int AS spoken, said,
           split_part(said, ' ', 1 + n % 30) AS heading
    FROM generate_series(1, CAST(:many AS int)) AS n
    JOIN phrase ON phrase.number = n * 7919 % 2000
) AS drawn
"""
"""Returns ``:many`` rooms as rows of ``COLUMNS``."""


async def fill(pool: AsyncEngine, *, many: int = MANY) -> None:
    """Publish ``many`` rooms in the catalogue, the same each time, and update PostgreSQL's statistics."""
    async with pool.begin() as connection:
        await connection.execute(text("SET LOCAL statement_timeout = 0"))
        await connection.execute(text("SELECT setseed(0.42)"))
        await connection.execute(text(PHRASES), {"words": WORDS})
        await connection.execute(
            text(f"INSERT INTO room ({', '.join(COLUMNS.split())}) {ROOMS}"), {"never": NEVER, "many": many}
        )
    async with pool.connect() as connection:
        analysing = await connection.execution_options(isolation_level="AUTOCOMMIT")
        for statement in ("SET statement_timeout = 0", "VACUUM ANALYZE room", "RESET statement_timeout"):
            await analysing.execute(text(statement))
