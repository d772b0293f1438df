"""Where rooms and membership have to agree, once the events of each have reached the other (promises.md)."""

from practio_operator.invariants.check import Check

KNOWN_ROOMS = Check(
    name="known-rooms",
    promise="rooms and membership know the same rooms, in the same state; drafts aside",
    remedy="See with `practio status` that both services run and their queues empty, and with `practio dead list` "
    "what membership gave up; `practio dead retry` has it heard once more. After a restore: `practio rebuild`.",
    settles=True,
    query="""
WITH heard AS (SELECT room_id, snapshot::jsonb ->> 'status' AS status FROM membership.room)
SELECT room_id, NULL::uuid AS person_id,
       format('rooms: %s, membership: %s', coalesce(told.status, 'unknown'), coalesce(heard.status, 'unknown'))
           AS detail,
       heard.status AS mark
FROM rooms.room AS told FULL JOIN heard USING (room_id)
WHERE told.room_id IS NULL OR heard.status <> told.status OR (heard.room_id IS NULL AND told.status <> 'draft')
""",
)

OCCUPANCY = Check(
    name="occupancy",
    promise="rooms shows as many free seats and people waiting as membership counts",
    remedy="See with `practio status` that both services run and the queue rooms.events empties, and with `practio "
    "dead list` what rooms gave up. After a restore, `practio rebuild` has all seats told anew.",
    settles=True,
    query="""
SELECT room_id, NULL::uuid AS person_id,
       format('rooms: %s free, %s waiting, by fact %s; membership: %s free, %s waiting, by fact %s',
              shown.seats_free, shown.waiting, heard, free, counted.waiting, told) AS detail,
       heard::text AS mark
FROM membership.room AS counted
JOIN rooms.room AS shown USING (room_id)
LEFT JOIN rooms.latest ON source = '/practio/membership' AND subject = room_id::text
CROSS JOIN (SELECT coalesce(max(begins_at), 0) AS begins_at FROM membership.numbering) AS numbering
CROSS JOIN LATERAL (SELECT greatest(0, capacity - taken - held) AS free, coalesce(sequence, 0) AS heard) AS figures
WHERE (heard <> begins_at + told AND greatest(heard, told) > 0)
   OR shown.seats_free <> free OR shown.waiting <> counted.waiting
""",
)
