"""Checks of the memberships of each person."""

from practio_operator.invariants.check import LIVE, OVER, Check

LIVE_ONCE = Check(
    name="live-once",
    promise="a person has one live membership in a room",
    remedy="The index membership_live_once is missing or damaged: stop membership, end all but the first of the "
    "memberships, rebuild the index with REINDEX, and report it.",
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
    promise="a waitlist number is used once in a room, and none is above the room's last number",
    remedy="The order of the waitlist is uncertain: stop membership, give the later memberships numbers above the "
    "room's last_number, raise last_number to the highest, and report it.",
    query="""
SELECT room_id, NULL::uuid AS person_id, format('%s memberships have the number %s', count(*), number) AS detail
FROM membership.membership
GROUP BY room_id, number
HAVING count(*) > 1
UNION ALL
SELECT room_id, person_id, format('has the number %s, but the last number is %s', number, last_number)
FROM membership.membership JOIN membership.room USING (room_id)
WHERE number NOT BETWEEN 1 AND last_number
""",
)

OFFICES = Check(
    name="offices",
    promise="nobody has an office and a live membership in the same room",
    remedy="End the membership: `practio send membership.withdraw.v1 --data "
    '\'{"room_id": "…", "person_id": "…"}\'`; a host must hand the room over first.',
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
SELECT room_id, person_id, format('is %s, and also %s', name, status) AS detail
FROM membership.membership JOIN office USING (room_id, person_id)
WHERE status IN {LIVE}
""",
)

BUDDIES = Check(
    name="buddies",
    promise="a person and their buddy both have a seat in the room",
    remedy="Take the buddy back with `practio send membership.assign-buddy.v1`, and report it: leaving ends it.",
    query="""
SELECT pair.room_id, pair.person_id, format('has the buddy %s, but not both have a seat', buddy_id) AS detail
FROM membership.buddy AS pair
WHERE (
    SELECT count(DISTINCT person_id) FROM membership.membership AS m
    WHERE m.room_id = pair.room_id AND m.person_id IN (pair.person_id, pair.buddy_id) AND m.status = 'joined'
) < 2
""",
)

STATES = Check(
    name="states",
    promise="a membership has the values of its status, and no others",
    remedy="The person may get no letter, or a wrong one: stop membership, read the membership's history, set the "
    "missing values or clear the extra ones, and report it.",
    query="""
SELECT room_id, person_id, format('%s: %s', status, faults) AS detail
FROM membership.membership
JOIN (SELECT room_id, jsonb_array_length(snapshot::jsonb -> 'roles') > 0 AS has_roles FROM membership.room) AS room
    USING (room_id)
CROSS JOIN LATERAL (
    SELECT concat_ws(', ',
        CASE WHEN status = 'offered' AND offer_expires_at IS NULL THEN 'the offer has no end' END,
        CASE WHEN status <> 'offered' AND offer_expires_at IS NOT NULL THEN 'no offer, but an end of an offer' END,
        CASE WHEN status = 'invited' AND invitation_expires_at IS NULL THEN 'the invitation has no end' END,
        CASE WHEN status <> 'invited' AND invitation_expires_at IS NOT NULL
             THEN 'no invitation, but an end of an invitation' END,
        CASE WHEN status IN ('offered', 'joined') AND has_roles AND role IS NULL THEN 'a seat without a role' END,
        CASE WHEN status NOT IN ('invited', 'offered', 'joined') AND role IS NOT NULL
             THEN 'a role without a seat' END,
        CASE WHEN status NOT IN ('invited', 'offered', 'joined') AND over_capacity
             THEN 'over capacity without a seat' END,
        CASE WHEN status <> 'removed' AND barred THEN 'barred, but not removed' END
    ) AS faults
) AS stated
WHERE faults <> ''
""",
)
