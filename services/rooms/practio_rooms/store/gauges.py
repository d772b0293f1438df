"""What gauges show of all rooms together."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from practio_contracts.rooms import Reader

_HAS_STEWARD = """EXISTS (
    SELECT FROM jsonb_array_elements_text(room.snapshot::jsonb -> 'steward_ids') AS steward (id)
    WHERE steward.id::uuid <> ALL (report.about_ids) AND steward.id::uuid IS DISTINCT FROM report.reporter_id
)"""
_BY_READER = text(
    f"""SELECT {_HAS_STEWARD} AS has_steward, count(*)
    FROM conduct_report AS report JOIN room ON room.room_id = report.room_id
    WHERE report.settled_at IS NULL GROUP BY 1"""
)


async def open_reports(session: AsyncSession) -> dict[Reader, int]:
    """Return how many reports of conduct nobody has settled, by who reads them.

    One whose room has no other steward is for the system to settle.
    """
    found = {row[0]: row[1] for row in await session.execute(_BY_READER)}
    return {Reader.STEWARDS: found.get(True, 0), Reader.SYSTEM: found.get(False, 0)}
