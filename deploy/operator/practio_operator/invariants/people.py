"""Checks of each person in a room or on its waitlist (membership.md, States and Waitlist)."""

from practio_operator.invariants.check import LIVE, OVER, Check

LIVE_ONCE = Check(
    name="live-once",
    promise="a person has one live membership in a room",
    remedy="The index membership_live_once is missing or damaged: stop membership, take the person out of all but the "
    "first of them, make the index anew with REINDEX, and report it.",
    query=f"""
SELECT room_id, person_id,
       format('%s live memberships: %s', count(*), string_agg(status, ', ' ORDER BY number)) AS detail
FROM membership.membership
WHERE status IN {LIVE}
GROUP BY room_id, person_id
HAVING count(*) > 1
""",
)

QUEUE_NUMBERS = Check(
    name="queue-numbers",
    promise="a queue number is given once in a room, and none beyond the last",
    remedy="Who comes first is not certain there: stop membership, give the later of them numbers after the room's "
    "last_number, raise last_number to the highest, and report it.",
    query="""
SELECT room_id, NULL::uuid AS person_id, format('%s memberships have the number %s', count(*), number) AS detail
FROM membership.membership
GROUP BY room_id, number
HAVING count(*) > 1
UNION ALL
SELECT room_id, person_id, format('has the number %s, the last one given is %s', number, last_number)
FROM membership.membership JOIN membership.room USING (room_id)
WHERE number NOT BETWEEN 1 AND last_number
""",
)

OFFICES = Check(
    name="offices",
    promise="who holds an office in a room has no seat in it and stands in no line",
    remedy="Have the person leave: `practio send membership.withdraw.v1 --data "
    '\'{"room_id": "…", "person_id": "…"}\'`; the host of a room cannot, and has to hand it over first.',
    query=f"""
WITH room AS (
    SELECT room_id, rules
    FROM (SELECT room_id, snapshot::jsonb AS rules FROM membership.room) AS known
    WHERE rules ->> 'status' NOT IN {OVER}
), office AS (
    SELECT room_id, 'host' AS name, (rules ->> 'host_id')::uuid AS person_id FROM room
    UNION ALL
    SELECT room_id, 'facilitator', person::uuid
    FROM room CROSS JOIN LATERAL jsonb_array_elements_text(rules -> 'facilitator_ids') AS person
    UNION ALL
    SELECT room_id, 'steward', person::uuid
    FROM room CROSS JOIN LATERAL jsonb_array_elements_text(rules -> 'steward_ids') AS person
)
SELECT room_id, person_id, format('is %s there, and %s', name, status) AS detail
FROM membership.membership JOIN office USING (room_id, person_id)
WHERE status IN {LIVE}
""",
)

STATES = Check(
    name="states",
    promise="a membership says what belongs to its state, and nothing else",
    remedy="The person may never be told, or be told wrongly: look at the membership's history, set what is missing "
    "or clear what is too much while membership is stopped, and report it.",
    query="""
SELECT room_id, person_id, format('%s: %s', status, faults) AS detail
FROM membership.membership
JOIN (SELECT room_id, jsonb_array_length(snapshot::jsonb -> 'roles') > 0 AS has_roles FROM membership.room) AS room
    USING (room_id)
CROSS JOIN LATERAL (
    SELECT concat_ws(', ',
        CASE WHEN status = 'offered' AND offer_expires_at IS NULL THEN 'the offer has no end' END,
        CASE WHEN status <> 'offered' AND offer_expires_at IS NOT NULL THEN 'no offer, but the end of one' END,
        CASE WHEN status = 'invited' AND invitation_expires_at IS NULL THEN 'the invitation has no end' END,
        CASE WHEN status <> 'invited' AND invitation_expires_at IS NOT NULL
             THEN 'no invitation, but the end of one' END,
        CASE WHEN status IN ('offered', 'joined') AND has_roles AND role IS NULL THEN 'a place without a role' END,
        CASE WHEN status NOT IN ('invited', 'offered', 'joined') AND role IS NOT NULL
             THEN 'a role without a place' END,
        CASE WHEN status NOT IN ('invited', 'offered', 'joined') AND over_capacity
             THEN 'over capacity without a place' END,
        CASE WHEN status <> 'removed' AND barred THEN 'barred, but not removed' END
    ) AS faults
) AS stated
WHERE faults <> ''
""",
)
