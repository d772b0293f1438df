"""Checks of the history of memberships: past, future, and the end of the room."""

from practio_operator.invariants.check import LIVE, OVER, Check

HISTORY = Check(
    name="history",
    promise="each membership's history tells every change, from none to how it stands",
    remedy="Rows were changed behind the service's back, or lost: compare with the last backup, do not mend the "
    "history itself, and report it.",
    query="""
WITH change AS (
    SELECT membership_id, room_id, person_id, from_status, to_status,
           lag(to_status) OVER ordered AS before, lead(id) OVER ordered IS NULL AS is_last
    FROM membership.history
    WINDOW ordered AS (PARTITION BY membership_id ORDER BY id)
), told AS (
    SELECT membership_id, count(*) AS changes,
           count(*) FILTER (WHERE from_status IS DISTINCT FROM before) AS breaks,
           max(to_status) FILTER (WHERE is_last) AS last,
           (array_agg(room_id))[1] AS room_id, (array_agg(person_id))[1] AS person_id
    FROM change
    GROUP BY membership_id
)
SELECT coalesce(one.room_id, told.room_id) AS room_id, coalesce(one.person_id, told.person_id) AS person_id,
       CASE
           WHEN one.membership_id IS NULL THEN format('%s changes of a membership that is not there', changes)
           WHEN changes IS NULL THEN format('no change of %s is told', version)
           WHEN changes <> version THEN format('%s of %s changes are told', changes, version)
           WHEN breaks > 0 THEN format('%s changes do not begin where the one before ends', breaks)
           ELSE format('ends with %s, but is %s', last, status)
       END AS detail
FROM membership.membership AS one FULL JOIN told USING (membership_id)
WHERE one.membership_id IS NULL OR changes IS NULL OR changes <> version OR breaks > 0 OR last <> status
""",
)

TIMERS = Check(
    name="timers",
    promise="every offer, request and invitation has its timer, and every timer what it is for",
    remedy="See with `practio status` that membership runs and its queue empties, and with `practio dead list` that "
    "it gave nothing up: a timer that went off waits there. Without a timer an offer still ends at its instant, but "
    "nobody is notified before the next command about the room.",
    settles=True,
    query="""
WITH wanted AS (
    SELECT room_id, person_id, status, name, name || ':' || membership_id AS key,
           CASE name WHEN 'offer' THEN offer_expires_at WHEN 'invitation' THEN invitation_expires_at END AS ends_at
    FROM membership.membership
    JOIN (VALUES ('offered', 'offer'), ('requested', 'request'), ('requested', 'reminder'), ('invited', 'invitation'))
        AS kept (status, name) USING (status)
), kept AS (
    SELECT key, due_at, data
    FROM membership.timer
    WHERE split_part(key, ':', 1) IN ('offer', 'request', 'reminder', 'invitation')
)
SELECT coalesce(room_id, (data ->> 'room_id')::uuid) AS room_id,
       coalesce(person_id, (data ->> 'person_id')::uuid) AS person_id,
       CASE
           WHEN wanted.key IS NULL THEN format('timer %s, due at %s, is for nothing', kept.key, due_at)
           WHEN kept.key IS NULL THEN format('%s, and no timer for it', status)
           ELSE format('%s until %s, and the timer is due at %s', status, ends_at, due_at)
       END AS detail,
       coalesce(wanted.key, kept.key) AS mark
FROM wanted FULL JOIN kept USING (key)
WHERE wanted.key IS NULL OR (kept.key IS NULL AND name <> 'reminder') OR ends_at <> due_at
""",
)

ROOMS_OVER = Check(
    name="rooms-over",
    promise="nobody is in a room that is over, or on the way into it",
    remedy="See with `practio status` that membership runs and its queue empties, and with `practio dead list` that "
    "it has no dead letter: a command to continue ending the memberships waits there, for `practio dead retry`.",
    settles=True,
    query=f"""
SELECT room_id, NULL::uuid AS person_id, count(*)::text AS mark,
       format('is %s, and %s are still live: %s', over.status, count(*), string_agg(DISTINCT m.status, ', ')) AS detail
FROM membership.membership AS m
JOIN (SELECT room_id, snapshot::jsonb ->> 'status' AS status FROM membership.room) AS over USING (room_id)
WHERE over.status IN {OVER} AND m.status IN {LIVE}
GROUP BY room_id, over.status
""",
)
