"""Tables as large as a big installation's, made by PostgreSQL itself and filled by COPY; numbers say who is where.

They are as the loops of services leave them: what has served its time is gone, but for some thousands of rows.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import md5
from uuid import UUID

import asyncpg
from pydantic import SecretStr
from pydantic_core import to_json
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool
from tests.plans.copying import Copied, copied
from tests.plans.filled_chassis import CHASSIS, TIMERS
from tests.support.clients import many_rooms
from tests.unit.notifications.builders import a_membership, a_room, a_session, an_event, an_occupancy

from practio_contracts.membership import Declined, Status
from practio_rooms.domain.session_sort_key import NEVER

Steps = Sequence[Copied | str]
Values = Mapping[str, int | str]


@dataclass(frozen=True)
class Scale:
    """How many rows there are; other tables follow from these."""

    letters: int
    memberships: int
    rooms: int

    @property
    def people(self) -> int:
        """Return how many people there are."""
        return max(self.memberships // 3, 100)

    def times(self, factor: float) -> "Scale":
        """Return a part of all these, of each at least a thousand."""
        letters, memberships, rooms = (
            max(1_000, int(each * factor)) for each in (self.letters, self.memberships, self.rooms)
        )
        return Scale(letters, memberships, rooms)


WHOLE = Scale(letters=10_000_000, memberships=1_000_000, rooms=100_000)
"""A big installation."""


def room(number: int) -> UUID:
    """Return the id of a room."""
    return UUID(md5(f"room{number}".encode(), usedforsecurity=False).hexdigest())


def person(number: int) -> UUID:
    """Return the id of a person; the host of the room of the same number."""
    return UUID(md5(f"person{number}".encode(), usedforsecurity=False).hexdigest())


def sponsor(number: int) -> UUID:
    """Return the id of one of the ten sponsors."""
    return UUID(md5(f"sponsor{number}".encode(), usedforsecurity=False).hexdigest())


def member(number: int, scale: Scale) -> tuple[UUID, UUID]:
    """Return room and person of a membership."""
    return room(number % scale.rooms), person((number * 7919 + number // scale.rooms) % scale.people)


_ROOM = "md5('room' || {})::uuid"
_PERSON = "md5('person' || {})::uuid"
_OF = {
    "room": _ROOM.format("m % :rooms"),
    "person": _PERSON.format("(m::bigint * 7919 + m / :rooms) % :people"),
    "membership": "md5('membership' || m)::uuid",
    "status": "(ARRAY['joined', 'joined', 'joined', 'joined', 'withdrawn', 'withdrawn', 'declined', 'removed', "
    "'lapsed', 'ended', 'waitlisted', 'requested', 'offered', 'joined', 'joined', 'withdrawn', 'joined', 'joined', "
    "'joined', 'invited'])[1 + (m * 31 + m / :rooms) % 20]",
    "when": "now() - (m % 1100) * interval '1 day'",
}
_HAS_TEXTS = "m % 1100 < 366"
_LIVE = "('invited', 'joined', 'offered', 'requested', 'waitlisted')"
_MEMBERSHIPS = "generate_series(0, :memberships - 1) AS m"

_IN_MEMBERSHIP = (
    Copied(
        "room",
        "room_id snapshot capacity taken held waiting pending by_role beyond most last_number told",
        f"""
    SELECT {_ROOM.format("r")}, replace(replace(:room, :room_id, {_ROOM.format("r")}::text), :host_id,
        {_PERSON.format("r")}::text), 8, 0, 0, 0, 0, '{{}}', 0, 100000, 1000, 1
    FROM generate_series(0, :rooms - 1) AS r""",
    ),
    Copied(
        "membership",
        (
            "membership_id room_id person_id status version number priority wishes set_aside since "
            "requested_at offer_expires_at reason by answers message"
        ),
        f"""
    SELECT {_OF["membership"]}, {_OF["room"]}, {_OF["person"]}, {_OF["status"]}, 2, m / :rooms + 1, 0, '{{}}', false,
        {_OF["when"]}, {_OF["when"]}, CASE WHEN {_OF["status"]} = 'offered' THEN now() + interval '1 day' END,
        CASE WHEN m % 3 = 0 AND {_HAS_TEXTS} THEN 'We are too many.' END, 'system',
        CASE WHEN m % 2 = 0 AND {_HAS_TEXTS} THEN '{{"why": "I lead a small school."}}'::jsonb ELSE '{{}}' END, NULL
    FROM {_MEMBERSHIPS}""",
    ),
    Copied(
        "history",
        ("membership_id room_id person_id at by account from_status to_status fact reason message_id"),
        f"""
    SELECT {_OF["membership"]}, {_OF["room"]}, {_OF["person"]}, {_OF["when"]}, 'system', 'account', NULL, 'requested',
        'requested', CASE WHEN (m + step) % 6 = 0 AND {_HAS_TEXTS} THEN 'We are too many.' END, m::text
    FROM {_MEMBERSHIPS}, generate_series(1, 3) AS step""",
    ),
    f"""
    UPDATE room SET taken = c.taken, held = c.held, waiting = c.waiting, pending = c.pending FROM (
        SELECT room_id, count(*) FILTER (WHERE status = 'joined') AS taken,
            count(*) FILTER (WHERE status = 'offered') AS held,
            count(*) FILTER (WHERE status = 'waitlisted') AS waiting,
            count(*) FILTER (WHERE status = 'requested') AS pending FROM membership WHERE status IN {_LIVE} GROUP BY 1
    ) AS c WHERE c.room_id = room.room_id""",
    *CHASSIS,
    TIMERS,
)
_SESSIONS = "generate_series(0, :rooms * 5 - 1) AS m"
_STARTS = "now() + ((m / :rooms - 3) * 366 + m % 300) * interval '1 day'"
_MONTH = "(date_trunc('month', now()) - m * interval '1 month')::date"
_ROOMS = Copied("room", many_rooms.COLUMNS, many_rooms.ROOMS)
_NUMBERED = "CREATE TEMPORARY TABLE numbered AS SELECT row_number() OVER () - 1 AS n, room_id FROM room"
_SERIES = "md5('series' || r.n)::uuid"
_IN_ROOMS = (
    Copied(
        "series",
        "room_id series_id rrule starts_at except_dates time_zone duration shift planned_until has_ended",
        f"""
    SELECT r.room_id, {_SERIES}, 'FREQ=WEEKLY', date_trunc('day', now()::timestamp), '{{}}', 'UTC', interval '1 hour',
        interval '0', now()::timestamp + interval '12 weeks' - (r.n % 7) * interval '1 day', false
    FROM numbered AS r WHERE r.n % 2 = 0""",
    ),
    Copied(
        "timer",
        "key due_at routing_key data correlationid",
        f"""
    SELECT 'top-up:' || r.room_id || ':' || {_SERIES}, now() + interval '1 day', 'rooms.top-up-series.v1',
        jsonb_build_object('room_id', r.room_id, 'series_id', {_SERIES}), NULL
    FROM numbered AS r WHERE r.n % 2 = 0 AND r.n % 1000 > 0""",
    ),
    Copied(
        "session",
        "room_id session_id starts_at ends_at time_zone status revision has_own_time asked",
        f"""
    SELECT r.room_id, md5('session' || m)::uuid, {_STARTS}, {_STARTS} + interval '1 hour', 'UTC', 'scheduled', 0,
        false, ''
    FROM {_SESSIONS} JOIN numbered AS r ON r.n = m % :rooms""",
    ),
    Copied(
        "session_answer",
        "room_id session_id person_id coming starts_at ends_at follows",
        f"""
    SELECT r.room_id, md5('session' || m)::uuid, md5('person' || p)::uuid, 'yes',
        {_STARTS}, {_STARTS} + interval '1 hour', false
    FROM {_SESSIONS} JOIN numbered AS r ON r.n = m % :rooms, generate_series(1, 2) AS p
    WHERE {_STARTS} > now() - interval '68 days'""",
    ),
    Copied(
        "session_part",
        "room_id session_id number role person_id planned_at",
        f"""
    SELECT r.room_id, md5('session' || m)::uuid, p, 'coach', md5('person' || p)::uuid, {_STARTS}
    FROM {_SESSIONS} JOIN numbered AS r ON r.n = m % :rooms, generate_series(1, 2) AS p""",
    ),
    Copied(
        "attendance",
        "room_id session_id person_id was_present has_seat recorded_at certified",
        f"""
    SELECT r.room_id, md5('session' || m)::uuid, md5('person' || p)::uuid, true, true, {_STARTS},
        {_STARTS} < now() - interval '80 days'
    FROM {_SESSIONS} JOIN numbered AS r ON r.n = m % :rooms, generate_series(1, 2) AS p WHERE {_STARTS} < now()""",
    ),
    Copied(
        "sponsor",
        "sponsor_id name kind version",
        "SELECT md5('sponsor' || s)::uuid, 'sponsor ' || s, 'organisation', 1 FROM generate_series(0, 9) AS s",
    ),
    Copied(
        "month_fixed",
        "month fixed_at",
        f"SELECT {_MONTH}, now() FROM generate_series(1, 12) AS m",
    ),
    Copied(
        "room_month",
        "room_id month sponsor_id format sessions_held notes useful released",
        f"""
    SELECT r.room_id, {_MONTH}, md5('sponsor' || r.n % 10)::uuid, 'intervision', 2, 1, '{{0,0,0,2,2}}', '{{0,0,0,9,9}}'
    FROM generate_series(1, 12) AS m, numbered AS r""",
    ),
    Copied(
        "lot",
        "lot_id kind room_id sponsor_id format month amount",
        f"""
    SELECT gen_random_uuid(), CASE WHEN m = 12 THEN 'people' ELSE 'attended' END, r.room_id,
        md5('sponsor' || r.n % 10)::uuid, 'intervision', {_MONTH}, 6
    FROM generate_series(1, 12) AS m, numbered AS r""",
    ),
    "UPDATE session SET over_published = ends_at <= now(), risk_checked_for = starts_at WHERE ends_at <= now()",
    Copied(
        "passage",
        "membership_id room_id person_id requested_at joined_at left_at",
        f"""
    SELECT {_OF["membership"]}, r.room_id, {_OF["person"]}, {_OF["when"]}, {_OF["when"]},
        CASE WHEN m % 2 = 0 THEN {_OF["when"]} END
    FROM {_MEMBERSHIPS} JOIN numbered AS r ON r.n = m % :rooms""",
    ),
    Copied(
        "thanks",
        "thanks_id room_id person_id author_id reason words seen_by asked thanked_at",
        """
    SELECT gen_random_uuid(), r.room_id, md5('person' || p)::uuid, md5('person' || p + 1)::uuid, 'help', 'Thank you.',
        'room', '', now() - p * interval '1 day' FROM numbered AS r, generate_series(1, 3) AS p""",
    ),
    Copied(
        "conduct_report",
        "report_id room_id reporter_id person_id about_ids text asked reported_at outcome settled_at",
        """
    SELECT gen_random_uuid(), r.room_id, md5('person1')::uuid, md5('person2')::uuid, ARRAY[md5('person2')::uuid], 'x',
        '', now() - interval '9 days', CASE WHEN r.n % 100 > 0 THEN 'nothing' END,
        CASE WHEN r.n % 100 > 0 THEN now() - interval '8 days' END FROM numbered AS r""",
    ),
    Copied(
        "certificate",
        "code room_id person_id",
        """
    SELECT 'code-' || p || '-' || r.n, r.room_id, md5('person' || p)::uuid
    FROM numbered AS r, generate_series(1, 2) AS p""",
    ),
    Copied(
        "room_care",
        "room_id opened_at look_at signs quiet_since rank",
        """
    SELECT r.room_id, now() - interval '90 days',
        now() - interval '1 minute' + r.n % 1440 * interval '1 minute',
        CASE WHEN r.n % 10 = 0 THEN '{none-held}'::text[] ELSE '{}' END,
        CASE WHEN r.n % 10 = 0 THEN now() - interval '20 days' END, CASE WHEN r.n % 10 = 0 THEN 1 ELSE 0 END
    FROM numbered AS r""",
    ),
    Copied(
        "presence",
        "membership_id room_id person_id",
        f"""
    SELECT {_OF["membership"]}, r.room_id, {_OF["person"]}
    FROM {_MEMBERSHIPS} JOIN numbered AS r ON r.n = m % :rooms WHERE m % 2 = 1""",
    ),
    Copied(
        "ending",
        "membership_id room_id person_id was_in_it",
        f"""
    SELECT {_OF["membership"]}, r.room_id, {_OF["person"]}, true
    FROM {_MEMBERSHIPS} JOIN numbered AS r ON r.n = m % :rooms WHERE m % 10 = 0""",
    ),
    Copied(
        "note",
        "note_id room_id kind confidential status version title text recorded_at asked dictionary",
        """
    SELECT md5('note' || m)::uuid, r.room_id, 'learning', m % 2 = 0, 'kept', 1, 'A learning of ours',
        'We ask before we answer.', now() - m * interval '1 minute', '', 'english'
    FROM generate_series(0, :rooms * 2 - 1) AS m JOIN numbered AS r ON r.n = m % :rooms""",
    ),
    Copied(
        "feedback_number",
        "number_id room_id session_id useful",
        """
    SELECT md5('number' || m)::uuid, r.room_id, NULL, 1 + m % 5
    FROM generate_series(0, :rooms * 4 - 1) AS m JOIN numbered AS r ON r.n = m % :rooms""",
    ),
    Copied(
        "feedback_comment",
        "comment_id room_id session_id comment",
        """
    SELECT md5('comment' || m)::uuid, r.room_id, NULL, 'Useful.'
    FROM generate_series(0, :rooms * 2 - 1) AS m JOIN numbered AS r ON r.n = m % :rooms""",
    ),
    *CHASSIS,
)
_LETTER = "generate_series(0, :letters - 1) AS l"
_WRITTEN = "now() - (l::float8 / :letters) * interval '733 days'"
_WAITS = "l < least(2000, :letters / 100)"
_STATUS = f"""
    CASE WHEN {_WAITS} THEN (ARRAY['queued', 'held', 'retrying', 'sending'])[1 + l % 4]
    WHEN l % 100 < 93 THEN 'sent' WHEN l % 100 < 98 THEN 'skipped' WHEN l % 1000 = 999 THEN 'unknown'
    WHEN l % 100 = 98 THEN 'failed' ELSE 'suppressed' END"""
_IN_NOTIFICATIONS = (
    Copied(
        "room",
        "room_id snapshot proposed_in",
        f"""
    SELECT {_ROOM.format("r")}, replace(replace(:room, :room_id, {_ROOM.format("r")}::text), :host_id,
        {_PERSON.format("r")}::text)::jsonb, 0 FROM generate_series(0, :rooms - 1) AS r""",
    ),
    Copied(
        "occupancy",
        "room_id told",
        f"""
    SELECT {_ROOM.format("r")}, jsonb_set(CAST(:occupancy AS jsonb), '{{room_id}}',
        to_jsonb({_ROOM.format("r")}::text)) FROM generate_series(0, :rooms - 1) AS r""",
    ),
    Copied(
        "contact",
        "person_id display_name email locale time_zone",
        f"""
    SELECT {_PERSON.format("p")}, 'Ada Moretti', 'ada' || p || '@example.org', 'en', 'Europe/Rome'
    FROM generate_series(0, :people - 1) AS p""",
    ),
    Copied(
        "standing",
        "membership_id room_id person_id status was_joined",
        f"""
    SELECT {_OF["membership"]}, {_OF["room"]}, {_OF["person"]}, {_OF["status"]}, true FROM {_MEMBERSHIPS}""",
    ),
    Copied(
        "session",
        "session_id room_id starts_at ends_at revision told_in remind_at snapshot",
        f"""
    SELECT md5('session' || m)::uuid, {_ROOM.format("m % :rooms")}, {_STARTS},
        {_STARTS} + interval '1 hour', 0, md5('cause' || m)::uuid,
        CASE WHEN m % 500 = 0 THEN now() - interval '1 minute' WHEN {_STARTS} > now() THEN {_STARTS} END,
        jsonb_set(CAST(:session AS jsonb), '{{room_id}}', to_jsonb({_ROOM.format("m % :rooms")}::text))
    FROM {_SESSIONS} WHERE {_STARTS} > now() - interval '95 days'""",
    ),
    Copied(
        "preference",
        "person_id wished",
        f"""
    SELECT {_PERSON.format("p")}, jsonb_build_object('person_id', {_PERSON.format("p")})
    FROM generate_series(0, :people - 1, 10) AS p""",
    ),
    Copied(
        "bounce",
        "bounce_id email kind letter_id detail at",
        """
    SELECT md5('bounce' || b)::uuid, 'ada' || b || '@example.org', 'soft', NULL, NULL,
        now() - (b % 100) * interval '1 day' FROM generate_series(1, :people / 5) AS b""",
    ),
    Copied(
        "suppression",
        "email kind at",
        """
    SELECT 'ada' || s || '@example.org', 'hard', now()
    FROM generate_series(7, :people - 1, 500) AS s""",
    ),
    Copied(
        "letter",
        (
            "letter_id fact_id correlation_id kind person_id member_id room_id membership_id told status "
            "due_at tries interrupted created_at sent_at"
        ),
        f"""
    SELECT md5('letter' || l)::uuid, md5('event' || l)::uuid, md5('event' || l), 'declined',
        {_OF["person"]}, {_OF["person"]}, {_OF["room"]}, {_OF["membership"]},
        CASE WHEN l < :letters / 24 THEN jsonb_set(CAST(:event AS jsonb), '{{membership,room_id}}',
            to_jsonb({_OF["room"]}::text)) END,
        {_STATUS}, CASE WHEN {_WAITS} THEN now() + (l - 1000) * interval '1 second' END, 0, false, {_WRITTEN},
        {_WRITTEN}
    FROM (SELECT l, l % :memberships AS m FROM {_LETTER}) AS numbered""",
    ),
    *CHASSIS,
)
_SETTINGS = (
    "statement_timeout = 0",
    "lock_timeout = 0",
    "idle_in_transaction_session_timeout = 0",
    "maintenance_work_mem = '512MB'",
    "work_mem = '64MB'",
)
_WITHOUT_CHECKS = """
    SELECT set_config('session_replication_role', 'replica', true) FROM pg_roles
    WHERE rolname = current_user AND rolsuper
"""
"""Skips the checks of foreign keys, which hold: they would take as long as all else."""

_NAMES = re.compile(r"(?<!:):([a-z_]+)")
_BY_SERVICE: Mapping[str, Steps] = {"membership": _IN_MEMBERSHIP, "notifications": _IN_NOTIFICATIONS}
_INDEXES = """
    SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS made FROM pg_index
    JOIN pg_class ON pg_class.oid = indrelid AND relnamespace = current_schema()::regnamespace
    WHERE NOT indisunique AND NOT indisexclusion AND relname = ANY(:tables)"""

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"


async def fill(url: SecretStr, service: str, scale: Scale, *, further: Steps = ()) -> None:
    """Fill a service's tables, and take ``further`` steps.

    Indexes that nothing else needs meanwhile are made at the end, as a restore does it.
    """
    pool = _patient_pool(url)
    try:
        await _fill_all(pool, service, scale, further)
        await vacuum(pool)
    finally:
        await pool.dispose()


def _patient_pool(url: SecretStr) -> AsyncEngine:
    """Return a pool unlike those of services, which give up a peer that takes nothing for some seconds, as COPY may."""
    connect = partial(asyncpg.connect, url.get_secret_value())
    return create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)


async def _fill_all(pool: AsyncEngine, service: str, scale: Scale, further: Steps) -> None:
    whole = a_room(host_id=person(0))
    values: Values = {
        "letters": scale.letters,
        "memberships": scale.memberships,
        "rooms": scale.rooms,
        "people": scale.people,
        "room": to_json(whole).decode(),
        "room_id": str(whole.room_id),
        "host_id": str(whole.host_id),
        "occupancy": to_json(an_occupancy(taken=1)).decode(),
        "session": to_json(a_session()).decode(),
        "many": scale.rooms,
        "words": many_rooms.WORDS,
        "never": NEVER,
        "event": to_json(an_event(Declined, a_membership(Status.DECLINED))).decode(),
    }
    if service == "rooms":
        await _fill(pool, (_ROOMS,), values, first=(many_rooms.PHRASES,))
        await _fill(pool, _IN_ROOMS, values, first=(_NUMBERED, "CREATE INDEX ON numbered (n)"))
    else:
        await _fill(pool, _BY_SERVICE[service], values)
    if further:
        await _fill(pool, further, values)


async def vacuum(pool: AsyncEngine) -> None:
    """Tidy up and analyse the tables of the schema, as autovacuum does in time."""
    async with pool.connect() as connection:
        alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
        tables = ", ".join((await alone.execute(text(_TABLES))).scalars())
        for statement in ("SET statement_timeout = 0", f"VACUUM ANALYZE {tables}", "RESET statement_timeout"):
            await alone.execute(text(statement))


async def _fill(pool: AsyncEngine, steps: Steps, values: Values, *, first: Sequence[str] = ()) -> None:
    """Take these steps in one transaction; ``first`` is what the connection that makes the rows needs."""
    tables = [step.table for step in steps if isinstance(step, Copied)]
    async with pool.connect() as making, pool.begin() as connection:
        for setting in _SETTINGS:
            await making.execute(text(f"SET {setting}"))
            await connection.execute(text(f"SET LOCAL {setting}"))
        await connection.execute(text(_WITHOUT_CHECKS))
        for statement in first:
            await making.exec_driver_sql(_written_out(statement, values))
        indexes = (await connection.execute(text(_INDEXES), {"tables": tables})).all()
        for index in indexes:
            await connection.execute(text(f"DROP INDEX {index.name}"))
        for step in steps:
            if isinstance(step, Copied):
                await copied(making, connection, step, _written_out(step.query, values))
            else:
                await connection.exec_driver_sql(_written_out(step, values))
        for index in indexes:
            await connection.exec_driver_sql(index.made)
        await making.invalidate()


def _written_out(statement: str, values: Values) -> str:
    """Return a statement with its values, all of them ours, so that PostgreSQL need not guess their types."""

    def literal(name: re.Match[str]) -> str:
        value = values[name[1]]
        return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"

    return _NAMES.sub(literal, statement)
