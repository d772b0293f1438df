"""Count as free only the seats that somebody can take: the roles of a room may add up to less than its capacity.

From here on every occupancy event states them. Of the rooms that are here already only those change whose roles are
short of seats; ``roles_taken`` has the people in each role, and the seats held are those that were missing before.
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_COUNT = """
UPDATE room
SET seats_free = figures.free
FROM (
    SELECT short.room_id,
           greatest(0, least(short.seats_free, sum(greatest(0, role.seats - used.taken)) - min(short.held))) AS free
    FROM (
        SELECT room_id, seats_free, roles_taken, snapshot,
               greatest(0, (snapshot ->> 'capacity')::int - seats_free - (
                   SELECT coalesce(sum(value::int), 0) FROM jsonb_each_text(roles_taken)
               )) AS held
        FROM room
        WHERE seats_free > 0
    ) AS short
    CROSS JOIN LATERAL jsonb_to_recordset(short.snapshot -> 'roles') AS role (name text, seats int)
    CROSS JOIN LATERAL (SELECT coalesce((short.roles_taken ->> role.name)::int, 0) AS taken) AS used
    GROUP BY short.room_id, short.seats_free
    HAVING count(*) = count(role.seats)
) AS figures
WHERE room.room_id = figures.room_id AND room.seats_free <> figures.free
"""


def upgrade() -> None:
    op.execute(_COUNT)


def downgrade() -> None:
    """Leave the counts: they are those of the seats that can be taken, and the next occupancy event replaces them."""
