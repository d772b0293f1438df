"""Checks of what happens in time: the history of memberships, their timers and ends, and those of sessions."""

from practio_operator.invariants.check import LIVE, Check

HISTORY = Check(
    name="history",
    promise="each membership's history contains every change, from the first to its present status",
    remedy="Rows were changed without the service, or lost: compare with the last backup, do not change the "
    "history, and report it.",
    query="""
WITH change AS (
    SELECT membership_id, room_id, person_id, from_status, to_status,
           lag(to_status) OVER ordered AS before, lead(id) OVER ordered IS NULL AS is_last
    FROM membership.history
    WINDOW ordered AS (PARTITION BY membership_id ORDER BY id)
), recorded AS (
    SELECT membership_id, count(*) AS changes,
           count(*) FILTER (WHERE from_status IS DISTINCT FROM before) AS breaks,
           max(to_status) FILTER (WHERE is_last) AS last,
           (array_agg(room_id))[1] AS room_id, (array_agg(person_id))[1] AS person_id
    FROM change
    GROUP BY membership_id
)
SELECT coalesce(one.room_id, recorded.room_id) AS room_id, coalesce(one.person_id, recorded.person_id) AS person_id,
       CASE
           WHEN one.membership_id IS NULL THEN format('%s changes of a membership that does not exist', changes)
           WHEN changes IS NULL THEN format('0 of %s changes are recorded', version)
           WHEN changes <> version THEN format('%s of %s changes are recorded', changes, version)
           WHEN breaks > 0 THEN format('%s changes do not begin with the status at which the previous one ends', breaks)
           ELSE format('ends with %s, but is %s', last, status)
       END AS detail
FROM membership.membership AS one FULL JOIN recorded USING (membership_id)
WHERE one.membership_id IS NULL OR changes IS NULL OR changes <> version OR breaks > 0 OR last <> status
""",
)

TIMERS = Check(
    name="timers",
    promise="every offer, request and invitation has its timer, and every timer has its membership",
    remedy="Check with `practio status` that membership runs and its queue empties, and with `practio dead list` that "
    "it has no dead letter: the command of a timer may be there. Without a timer an offer still lapses in time, but "
    "nobody is notified before the next command about the room.",
    settles=True,
    query="""
WITH expected AS (
    SELECT room_id, person_id, status, name, name || ':' || membership_id AS key,
           CASE name
               WHEN 'offer' THEN offer_expires_at
               WHEN 'invitation' THEN invitation_expires_at
               WHEN 'request' THEN request_expires_at
           END AS ends_at
    FROM membership.membership
    JOIN (VALUES ('offered', 'offer'), ('requested', 'request'), ('requested', 'reminder'), ('invited', 'invitation'))
        AS purpose (status, name) USING (status)
), timer AS (
    SELECT key, due_at, data
    FROM membership.timer
    WHERE split_part(key, ':', 1) IN ('offer', 'request', 'reminder', 'invitation')
)
SELECT coalesce(room_id, (data ->> 'room_id')::uuid) AS room_id,
       coalesce(person_id, (data ->> 'person_id')::uuid) AS person_id,
       CASE
           WHEN expected.key IS NULL THEN format('timer %s, due at %s, has no membership', timer.key, due_at)
           WHEN timer.key IS NULL THEN format('%s, but has no timer', status)
           ELSE format('%s until %s, but the timer is due at %s', status, ends_at, due_at)
       END AS detail,
       coalesce(expected.key, timer.key) AS mark
FROM expected FULL JOIN timer USING (key)
WHERE expected.key IS NULL OR (timer.key IS NULL AND name <> 'reminder') OR ends_at <> due_at
""",
)

OVERDUE = Check(
    name="overdue",
    promise="no offer, request or invitation outlives its end by more than a minute",
    remedy="See with `practio status` that membership runs and its queue empties, and with `practio dead list` that "
    "it gave nothing up. It looks for them itself every five minutes, in the same view; report what is still there "
    "after that.",
    settles=True,
    query="""
SELECT room_id, person_id, membership_id::text AS mark, format('%s, and over since %s', status, due_at) AS detail
FROM membership.overdue_membership
""",
)

PLACES_GIVEN_UP = Check(
    name="places-given-up",
    promise="nobody waits in a room from which they were invited to another one, and has a seat there",
    remedy="See with `practio status` that membership runs and its queue empties, and with `practio dead list` that "
    "it gave nothing up. It looks for such places itself every five minutes, in the same view; report one that is "
    "still there after that.",
    settles=True,
    query="""
SELECT room_id, person_id, membership_id::text AS mark,
       format('has a seat in room %s since %s', to_room_id, seated_at) AS detail
FROM membership.place_to_give_up
""",
)

ROOMS_OVER = Check(
    name="rooms-over",
    promise="a room that is over has no live membership",
    remedy="Check with `practio status` that membership runs and its queue empties, and with `practio dead list` that "
    "it has no dead letter. Membership looks for such rooms every five minutes, in the same view; report a room that "
    "is still there after that.",
    settles=True,
    query=f"""
SELECT room_id, NULL::uuid AS person_id, count(*)::text AS mark,
       format('is %s, but %s memberships are live: %s',
              over.status, count(*), string_agg(DISTINCT m.status, ', ')) AS detail
FROM membership.room_to_end AS over JOIN membership.membership AS m USING (room_id)
WHERE m.status IN {LIVE}
GROUP BY room_id, over.status
""",
)

CARE = Check(
    name="care",
    promise="each published room is looked after: it is seen at least once a day whether it has become quiet",
    remedy="Check with `practio status` that rooms runs and its queue empties, and with `practio dead list` that it "
    "has no dead letter. Rooms takes up such rooms itself, every few minutes; report one that is still there after "
    "that.",
    settles=True,
    query="""
SELECT room_id, NULL::uuid AS person_id, due_at::text AS mark, format('to be looked at since %s', due_at) AS detail
FROM rooms.room_to_look_after
""",
)

LOST_COMMANDS = Check(
    name="lost-commands",
    promise="each series is topped up, each next session that has begun is passed, each room states its sponsor's name",
    remedy="Check with `practio status` that rooms runs and its queue empties, and with `practio dead list` that it "
    "has no dead letter. Rooms looks for this every five minutes, in the same view; report one that is still there "
    "after an hour.",
    settles=True,
    query="""
SELECT room_id, NULL::uuid AS person_id, concat_ws(' ', purpose, series_id, sponsor_id) AS mark,
       format('%s, due since %s', concat_ws(' ', purpose, series_id, sponsor_id), due_at) AS detail
FROM rooms.command_to_repeat
WHERE purpose <> 'top-up' OR due_at < now() - interval '1 hour'
""",
)

SESSIONS = Check(
    name="sessions",
    promise="each session that is over was published as over, and each that begins within 48 hours was checked",
    remedy="Check with `practio status` that rooms runs and its queue empties, and with `practio dead list` that it "
    "has no dead letter. Rooms looks for such sessions every five minutes, in the same view; report one that is "
    "still there after that.",
    settles=True,
    query="""
SELECT room_id, NULL::uuid AS person_id, session_id || ' ' || purpose AS mark,
       format('session %s: %s since %s', session_id,
              CASE purpose WHEN 'over' THEN 'over' ELSE 'to be checked' END, due_at) AS detail
FROM rooms.session_to_watch
""",
)
