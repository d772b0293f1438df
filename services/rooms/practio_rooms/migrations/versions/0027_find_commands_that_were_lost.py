"""Find what a lost command of the service itself has left: series, next sessions and names of sponsors of before.

Each has a timer, or a command on its way that repeats itself. A series is topped up once a day: two days behind and
without a timer, its command was lost, or its rule has no further date. One more command then changes nothing for two
days.
"""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_GOES_ON = "room.status IN ('draft', 'published', 'closed')"

_TO_REPEAT = f"""
    CREATE VIEW command_to_repeat AS
    SELECT 'top-up' AS purpose, series.room_id, series.series_id, NULL::uuid AS sponsor_id,
        (series.planned_until + series.shift) AT TIME ZONE 'UTC' - interval '12 weeks' + interval '2 days' AS due_at
    FROM series JOIN room ON room.room_id = series.room_id
    WHERE NOT series.has_ended AND {_GOES_ON}
        AND series.planned_until + series.shift < now() AT TIME ZONE 'UTC' + interval '12 weeks' - interval '2 days'
        AND NOT EXISTS (
            SELECT FROM timer WHERE timer.key = 'top-up:' || series.room_id || ':' || series.series_id
        )
    UNION ALL
    SELECT 'next-session', room.room_id, NULL, NULL, (room.snapshot ->> 'next_session_at')::timestamptz
    FROM room
    WHERE {_GOES_ON} AND (room.snapshot ->> 'next_session_at')::timestamptz <= now() - interval '1 minute'
        AND NOT EXISTS (SELECT FROM timer WHERE timer.key = 'next-session:' || room.room_id)
    UNION ALL
    SELECT 'sponsor', NULL, NULL, sponsor.sponsor_id, now()
    FROM sponsor
    WHERE EXISTS (
        SELECT FROM room
        WHERE room.snapshot -> 'sponsor' ->> 'sponsor_id' = sponsor.sponsor_id::text
            AND room.status IN ('draft', 'published', 'closed')
            AND (room.snapshot -> 'sponsor' ->> 'name', room.snapshot -> 'sponsor' ->> 'kind')
                IS DISTINCT FROM (sponsor.name, sponsor.kind)
    )"""


def upgrade() -> None:
    op.execute(_TO_REPEAT)


def downgrade() -> None:
    op.execute("DROP VIEW command_to_repeat")
