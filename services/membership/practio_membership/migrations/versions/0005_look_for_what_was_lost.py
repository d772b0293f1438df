"""Look for what was lost: the end of a request, rooms that have ended, and the views of what is overdue.

The service's sweep and `practio invariants` read the same views, so both look for the same.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ENDED = "(snapshot::jsonb ->> 'status') IN ('cancelled', 'archived')"
LIVE = "'invited', 'joined', 'offered', 'requested', 'waitlisted'"
ENDS = {"offered": "offer_expires_at", "invited": "invitation_expires_at", "requested": "request_expires_at"}

_END_REQUESTS = """
UPDATE membership AS m SET request_expires_at = coalesce(
    (SELECT due_at FROM timer WHERE key = 'request:' || m.membership_id),
    m.since + make_interval(days => (room.snapshot::jsonb #>> '{access,request_expires_after_days}')::int)
)
FROM room
WHERE room.room_id = m.room_id AND m.status = 'requested'
"""
# A minute is for the timer's own command, which is on its way.
_OVERDUE = """
CREATE VIEW overdue_membership AS
SELECT m.membership_id, m.room_id, m.person_id, 'offered' AS status, m.offer_expires_at AS due_at
FROM membership AS m JOIN room USING (room_id)
WHERE m.status = 'offered' AND m.offer_expires_at <= now() - interval '1 minute' AND NOT room.ended
UNION ALL
SELECT m.membership_id, m.room_id, m.person_id, 'invited', m.invitation_expires_at
FROM membership AS m JOIN room USING (room_id)
WHERE m.status = 'invited' AND m.invitation_expires_at <= now() - interval '1 minute' AND NOT room.ended
UNION ALL
SELECT m.membership_id, m.room_id, m.person_id, 'requested', m.request_expires_at
FROM membership AS m JOIN room USING (room_id)
WHERE m.status = 'requested' AND m.request_expires_at <= now() - interval '1 minute' AND NOT room.ended
UNION ALL
SELECT m.membership_id, m.room_id, m.person_id, 'requested', expires_at
FROM membership AS m JOIN room USING (room_id)
CROSS JOIN LATERAL (
    SELECT m.since + make_interval(days => (room.snapshot::jsonb #>> '{access,request_expires_after_days}')::int)
        AS expires_at
) AS rule
WHERE m.status = 'requested' AND m.request_expires_at IS NULL AND expires_at <= now() - interval '1 minute'
  AND NOT room.ended
"""
# The room's counts decide, as they do for the service; OFFSET 0 keeps PostgreSQL from parsing the rules repeatedly.
_TO_FILL = """
CREATE VIEW room_to_fill AS
SELECT room.room_id, room.capacity, room.taken + room.held AS used
FROM room
CROSS JOIN LATERAL (SELECT room.snapshot::jsonb AS rules OFFSET 0) AS parsed
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_array_length(rules -> 'roles'), 0) = 0 AS has_none,
           ARRAY(
               SELECT role.name
               FROM jsonb_to_recordset(rules -> 'roles') AS role (name text, seats int)
               WHERE role.seats IS NULL OR role.seats > coalesce(
                   (room.by_role -> role.name ->> 0)::int + (room.by_role -> role.name ->> 1)::int, 0
               )
           ) AS open
    OFFSET 0
) AS role
WHERE room.waiting > 0 AND room.taken + room.held < room.capacity AND NOT room.ended
  AND rules #>> '{access,waitlist,enabled}' = 'true' AND room.taken + room.held < (rules ->> 'capacity')::int
  AND EXISTS (
      SELECT
      FROM membership AS m
      WHERE m.room_id = room.room_id AND m.status = 'waitlisted' AND NOT m.set_aside
        AND (role.has_none OR (cardinality(m.wishes) = 0 AND cardinality(role.open) > 0) OR m.wishes && role.open)
  )
"""
_TO_END = f"""
CREATE VIEW room_to_end AS
SELECT room_id, snapshot::jsonb ->> 'status' AS status
FROM room
WHERE ended AND EXISTS (SELECT FROM membership AS m WHERE m.room_id = room.room_id AND m.status IN ({LIVE}))
"""


def upgrade() -> None:
    op.execute("LOCK TABLE room, membership IN ACCESS EXCLUSIVE MODE")  # in the order in which queries read them
    op.add_column("membership", sa.Column("request_expires_at", sa.DateTime(timezone=True)))
    op.execute(_END_REQUESTS)
    op.add_column("room", sa.Column("ended", sa.Boolean(), sa.Computed(ENDED, persisted=True)))
    op.create_index("room_ended", "room", ["room_id"], postgresql_where=sa.text("ended"))
    for status, column in ENDS.items():
        is_so = sa.text(f"status = '{status}'")
        op.create_index(f"membership_{status}_until", "membership", [column], postgresql_where=is_so)
    for view in (_OVERDUE, _TO_FILL, _TO_END):
        op.execute(view)


def downgrade() -> None:
    for view in ("room_to_end", "room_to_fill", "overdue_membership"):
        op.execute(f"DROP VIEW {view}")
    for status in ENDS:
        op.drop_index(f"membership_{status}_until", "membership")
    op.drop_index("room_ended", "room")
    op.drop_column("room", "ended")
    op.drop_column("membership", "request_expires_at")
