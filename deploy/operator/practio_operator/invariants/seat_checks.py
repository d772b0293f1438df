"""Checks of the arithmetic of seats."""

from practio_operator.invariants.check import Check

COUNTS = Check(
    name="counts",
    promise="a room's counts equal those of its memberships",
    remedy="Decisions depend on these counts: stop membership, find the last change in the history, set the room's "
    "counts to the counted values, and report it.",
    query="""
WITH place AS (
    SELECT room_id, role,
           count(*) FILTER (WHERE status = 'joined') AS taken,
           count(*) FILTER (WHERE status = 'offered') AS held
    FROM membership.membership
    WHERE status IN ('joined', 'offered') AND role IS NOT NULL
    GROUP BY room_id, role
), by_role AS (
    SELECT room_id, jsonb_object_agg(role, jsonb_build_array(taken, held)) AS seats FROM place GROUP BY room_id
), counted AS (
    SELECT room_id,
           count(*) FILTER (WHERE status = 'joined') AS taken,
           count(*) FILTER (WHERE status = 'offered') AS held,
           count(*) FILTER (WHERE status = 'waitlisted') AS waiting,
           count(*) FILTER (WHERE status = 'requested') AS pending,
           count(*) FILTER (WHERE status IN ('joined', 'offered') AND over_capacity) AS beyond
    FROM membership.membership
    WHERE status IN ('joined', 'offered', 'waitlisted', 'requested')
    GROUP BY room_id
), compared AS (
    SELECT room_id,
           jsonb_build_object(
               'taken', room.taken, 'held', room.held, 'waiting', room.waiting, 'pending', room.pending,
               'beyond', room.beyond, 'by_role', room.by_role
           ) AS written,
           jsonb_build_object(
               'taken', coalesce(counted.taken, 0), 'held', coalesce(counted.held, 0),
               'waiting', coalesce(counted.waiting, 0), 'pending', coalesce(counted.pending, 0),
               'beyond', coalesce(counted.beyond, 0), 'by_role', coalesce(by_role.seats, '{}')
           ) AS found
    FROM membership.room LEFT JOIN counted USING (room_id) LEFT JOIN by_role USING (room_id)
)
SELECT room_id, NULL::uuid AS person_id,
       (SELECT string_agg(format('%s is %s, counted: %s', key, one.value, other.value), '; ' ORDER BY key)
        FROM jsonb_each(written) AS one JOIN jsonb_each(found) AS other USING (key)
        WHERE one.value <> other.value) AS detail
FROM compared
WHERE written <> found
""",
)

CAPACITY = Check(
    name="capacity",
    promise="no room has more seats in use than it may have",
    remedy="Do not take a seat from anybody: raise the room's capacity, or ask the host to agree with the people, "
    "and report it.",
    query="""
SELECT room_id, NULL::uuid AS person_id,
       format('%s seats are in use (%s counted), %s may be; the capacity is %s, in the snapshot: %s',
              taken + held, places, most, capacity, stated) AS detail
FROM membership.room
LEFT JOIN (
    SELECT room_id, count(*) AS places FROM membership.membership WHERE status IN ('joined', 'offered') GROUP BY room_id
) AS used USING (room_id)
CROSS JOIN LATERAL (SELECT coalesce((snapshot::jsonb ->> 'capacity')::int, 0) AS stated) AS rules
WHERE capacity <> stated OR most <> greatest(capacity, taken + held) OR greatest(taken + held, places) > most
""",
)

LOST_SEATS = Check(
    name="lost-seats",
    promise="no seat stays free that somebody on the waitlist would take",
    remedy="Check with `practio status` that membership runs and its queue empties, and with `practio dead list` that "
    "it has no dead letter. Membership looks for such seats every five minutes, in the same view; report a seat that "
    "is still free after that.",
    settles=True,
    query="""
SELECT room_id, NULL::uuid AS person_id, used::text AS mark,
       format('%s of %s seats are taken or held, and somebody on the waitlist would take one', used, capacity) AS detail
FROM membership.room_to_fill
""",
)
