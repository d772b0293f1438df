"""The chassis' tables in the schema of each service, on a good day, and after an hour without a broker."""

from tests.plans.copying import Copied

_INBOX = Copied(
    "inbox",
    "account source id answer taken_at",
    """
    SELECT 'account', 'source', m::text, convert_to(repeat('x', 200), 'UTF8'),
        now() - (m % 301) * interval '0.1 day' FROM generate_series(1, :letters / 10) AS m""",
)
_LATEST = Copied(
    "latest", "source subject sequence", "SELECT 'source', m::text, 1 FROM generate_series(1, :memberships) AS m"
)
CHASSIS = (_INBOX, _LATEST)
"""What there is on a good day."""

TIMERS = Copied(
    "timer",
    "key due_at routing_key data correlationid",
    """
    SELECT 'timer ' || m, now() + m * interval '1 minute', 'membership.fill-seats.v1',
        jsonb_build_object('room_id', md5('room' || m)::uuid), NULL FROM generate_series(1, :memberships / 10) AS m""",
)

_LATEST_BY_ACCOUNT = Copied(
    "latest_by_account",
    "account source subject sequence",
    "SELECT 'directory', 'source', m::text, 1 FROM generate_series(1, greatest(:people, 30000)) AS m",
)
_OUTBOX = Copied(
    "outbox",
    "message_id routing_key subject internal public",
    """
    SELECT m::text, 'rooms.room-revised.v1', md5('room' || m % 1000), convert_to(repeat('x', 800), 'UTF8'),
        convert_to(repeat('x', 800), 'UTF8') FROM generate_series(1, greatest(:memberships / 10, 30000)) AS m""",
)
_SET_ASIDE = Copied(
    "outbox_set_aside",
    "id message_id routing_key subject public said_at reason people",
    """
    SELECT -m, m::text, 'rooms.room-revised.v1', m::text, convert_to('x', 'UTF8'), now(), 'too big',
        ARRAY[md5('person' || m)::uuid] FROM generate_series(1, 1000) AS m""",
)
_RETRIED = Copied(
    "retried",
    "account source id subject failed_at overtaken",
    """
    SELECT 'account', 'source', m::text, md5('retried' || m)::uuid::text, now(), false
    FROM generate_series(1, 30000) AS m""",
)
_HANDLED_ALONE = Copied(
    "handled_alone",
    "account source id attempts",
    "SELECT 'account', 'source', m::text, 1 FROM generate_series(1, 30000) AS m",
)
_FORGOTTEN = Copied(
    "forgotten",
    "person_id erased_at",
    """
    SELECT md5('erased' || m)::uuid, now() - m * interval '1 minute'
    FROM generate_series(1, greatest(:people / 10, 30000)) AS m""",
)
_TIMERS_DUE = Copied(
    "timer",
    "key due_at routing_key data correlationid",
    """
    SELECT 'late timer ' || m, now() + (m - 500) * interval '1 minute', 'membership.fill-seats.v1',
        jsonb_build_object('room_id', md5('room' || m)::uuid), NULL FROM generate_series(1, 100000) AS m""",
)
BACKLOG = (
    _LATEST_BY_ACCOUNT,
    _OUTBOX,
    _SET_ASIDE,
    _RETRIED,
    _HANDLED_ALONE,
    _FORGOTTEN,
    _TIMERS_DUE,
)
"""What there may be: tens of thousands of rows at any scale, since fewer would not show that an index is missing."""
