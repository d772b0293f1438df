"""The arithmetic of seats (membership.md, Arithmetic)."""

from practio_operator.invariants.check import OVER, Check

COUNTS = Check(
    name="counts",
    promise="what a room counts is what the memberships say",
    remedy="Decisions rest on these figures: stop membership, find in the history what came last, set the room's "
    "figures to what was counted, and report it.",
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
    promise="no room has more places in use than it may have",
    remedy="Nobody is to lose a seat by it: raise the room's capacity, or ask the host to settle it with the people, "
    "and report it.",
    query="""
SELECT room_id, NULL::uuid AS person_id,
       format('%s places are in use (%s counted), %s may be; the capacity is %s, stated: %s',
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
    promise="no seat stays free that somebody in line would take",
    remedy="See with `practio status` that membership runs and its queue empties, and with `practio dead list` that "
    "it gave nothing up. It looks for such seats itself every five minutes, and ends offers whose time is over; "
    "report a seat that is still free after that.",
    settles=True,
    query=f"""
WITH line AS (
    SELECT room_id, wishes FROM membership.membership WHERE status = 'waitlisted' AND NOT set_aside
), room AS (
    SELECT room_id, capacity, rules -> 'roles' AS roles
    FROM (SELECT room_id, capacity, snapshot::jsonb AS rules FROM membership.room) AS known
    WHERE room_id IN (SELECT room_id FROM line)
      AND rules ->> 'status' NOT IN {OVER}
      AND rules #>> '{{access,waitlist,enabled}}' = 'true'
), place AS (
    SELECT room_id, role, count(*) AS used
    FROM membership.membership JOIN room USING (room_id)
    WHERE status = 'joined' OR (status = 'offered' AND coalesce(offer_expires_at, 'infinity') > now())
    GROUP BY room_id, role
), free AS (
    SELECT room_id, roles, capacity, coalesce(places, 0) AS used
    FROM room
    LEFT JOIN (SELECT room_id, sum(used) AS places FROM place GROUP BY room_id) AS each USING (room_id)
    WHERE capacity > coalesce(places, 0)
), open_role AS (
    SELECT free.room_id, array_agg(stated.name) AS names
    FROM free
    CROSS JOIN LATERAL jsonb_to_recordset(roles) AS stated (name text, seats int)
    LEFT JOIN place ON place.room_id = free.room_id AND place.role = stated.name
    WHERE seats IS NULL OR seats > coalesce(place.used, 0)
    GROUP BY free.room_id
)
SELECT room_id, NULL::uuid AS person_id, used::text AS mark,
       format('%s of %s places are in use or held, and %s in line would take one', used, capacity, count(*)) AS detail
FROM line JOIN free USING (room_id) LEFT JOIN open_role USING (room_id)
WHERE jsonb_array_length(roles) = 0 OR (cardinality(wishes) = 0 AND names IS NOT NULL) OR wishes && names
GROUP BY room_id, used, capacity
""",
)
