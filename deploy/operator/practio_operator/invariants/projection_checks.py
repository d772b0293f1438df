"""Checks that rooms and membership agree, once their events have been received."""

from practio_operator.invariants.check import Check

KNOWN_ROOMS = Check(
    name="known-rooms",
    promise="rooms and membership know the same rooms with the same status, except drafts",
    remedy="Check with `practio status` that both services run and their queues empty, and with `practio dead list` "
    "for dead letters of membership; `practio dead retry` redelivers them. After a restore, run `practio rebuild`.",
    settles=True,
    query="""
WITH projected AS (SELECT room_id, snapshot::jsonb ->> 'status' AS status FROM membership.room)
SELECT room_id, NULL::uuid AS person_id,
       format('rooms: %s, membership: %s', coalesce(owned.status, 'unknown'), coalesce(projected.status, 'unknown'))
           AS detail,
       projected.status AS mark
FROM rooms.room AS owned FULL JOIN projected USING (room_id)
WHERE owned.room_id IS NULL OR projected.status <> owned.status
   OR (projected.room_id IS NULL AND owned.status <> 'draft')
""",
)

OCCUPANCY = Check(
    name="occupancy",
    promise="rooms shows as many free seats and people waiting as membership counts",
    remedy="Check with `practio status` that both services run and the queue rooms.events empties, and with `practio "
    "dead list` for dead letters of rooms. After a restore, run `practio rebuild`.",
    settles=True,
    query="""
SELECT room_id, NULL::uuid AS person_id,
       format('rooms: %s free, %s waiting, event %s; membership: %s free, %s waiting, event %s',
              shown.seats_free, shown.waiting, received, figures.free, counted.waiting, counted.told) AS detail,
       received::text AS mark
FROM membership.room AS counted
JOIN rooms.room AS shown USING (room_id)
LEFT JOIN rooms.latest ON source = '/practio/membership' AND subject = room_id::text
CROSS JOIN (SELECT coalesce(max(begins_at), 0) AS begins_at FROM membership.numbering) AS numbering
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE seats IS NULL) AS without_limit, count(*) AS count,
           sum(greatest(0, seats - coalesce((by_role -> name ->> 0)::int + (by_role -> name ->> 1)::int, 0))) AS free
    FROM jsonb_to_recordset(counted.snapshot::jsonb -> 'roles') AS role (name text, seats int)
) AS in_roles
CROSS JOIN LATERAL (SELECT greatest(0, capacity - taken - held) AS free) AS in_room
CROSS JOIN LATERAL (
    SELECT CASE WHEN in_roles.count = 0 OR without_limit > 0 THEN in_room.free
                ELSE least(in_room.free, in_roles.free) END AS free,
           coalesce(sequence, 0) AS received
) AS figures
WHERE sequence <> begins_at + counted.told
   OR shown.seats_free <> figures.free OR shown.waiting <> counted.waiting
""",
)
