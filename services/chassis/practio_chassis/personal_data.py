"""Where data about people can be: the one list that erasure visits, and that a person's export reads.

A table that is not listed here is in ``WITHOUT_PEOPLE``, with the reason: tests/unit/test_personal_data.py knows every
table of every service, and every column of a table that is listed. Beside the tables, data about people is in messages
on their way (eleven minutes, with all retries), in dead letters and in messages that no service consumes, of which
services delete those of erased people (``inbound/dead_letters.py``). Logs have ids only. Everything else, and for how
long: deploy/README.md, *What is kept*.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A table with data about people, what erasure leaves of a row, and what its person may read of it.

    A row is about the people whose id is in one of the columns ``people``, or whose present or former address, by its
    key, is in the column ``address``. ``left`` are the values that erasure gives to columns; without it, the row is
    deleted. An empty one leaves ids, kinds and times, which is all that the row has. ``addresses`` is the column from
    which the addresses of the row's person are known.

    A table has several places if its people are erased in different ways.

    An export has the rows of the person in ``readers``, which are ``people`` if it is not given; an empty one has none.
    It has the columns ``shown``, of a JSON value the fields ``parts`` alone; those in ``withheld`` are left out, with
    the reason. In ``people``, ``actors`` and ``parts``, it has no id but the person's own.
    """

    table: str
    people: Sequence[str] = ()
    address: str | None = None
    left: Mapping[str, Any] | None = None
    addresses: str | None = None
    readers: Sequence[str] | None = None
    shown: Sequence[str] = ()
    actors: Sequence[str] = ()
    parts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    withheld: Mapping[str, str] = field(default_factory=dict)


IDS_ONLY: Mapping[str, Any] = {}

_SERVICE_ONLY = "what only the service uses"
_REPEATED = "a copy of what other rows state, and of what concerns others"
_SYSTEM = "system"
_ABOUT_THEM = "who was reported must not learn of it, so that people dare to report"
_ROOM = "what the room states, which is nobody's data"

_EVERYWHERE = (
    Place(
        table="inbox",
        people=("about",),
        shown=("about", "taken_at", "account", "source", "id"),
        withheld={"answer": _REPEATED},
    ),
    Place(table="forgotten", people=("person_id",), left=IDS_ONLY, shown=("person_id", "erased_at")),
)

PLACES: Mapping[str, Sequence[Place]] = {
    "rooms": (
        Place(table="presence", people=("person_id",), shown=("membership_id", "room_id", "person_id")),
        Place(table="ending", people=("person_id",), shown=("membership_id", "room_id", "person_id", "was_in_it")),
        Place(
            table="passage",
            people=("person_id",),
            shown=(
                "membership_id",
                "room_id",
                "person_id",
                "requested_at",
                "waitlisted_at",
                "offered_at",
                "joined_at",
                "declined_at",
                "left_at",
            ),
        ),
        Place(table="feedback_given", people=("person_id",), shown=("room_id", "session_id", "person_id")),
        Place(
            table="session_answer",
            people=("person_id",),
            shown=(
                "room_id",
                "session_id",
                "person_id",
                "membership_id",
                "coming",
                "note",
                "starts_at",
                "ends_at",
                "follows",
            ),
        ),
        Place(
            table="session_part",
            people=("person_id",),
            shown=("room_id", "session_id", "role", "person_id", "planned_at"),
            withheld={"number": _SERVICE_ONLY},
        ),
        Place(
            table="attendance",
            people=("person_id",),
            shown=("room_id", "session_id", "person_id", "was_present", "has_seat", "recorded_at"),
            withheld={"counted": _SERVICE_ONLY, "certified": _SERVICE_ONLY},
        ),
        Place(
            table="certificate",
            people=("person_id",),
            shown=(
                "code",
                "room_id",
                "person_id",
                "earlier_sessions",
                "earlier_minutes",
                "earlier_from",
                "earlier_to",
            ),
        ),
        Place(
            table="thanks",
            people=("person_id", "author_id"),
            shown=("thanks_id", "room_id", "person_id", "author_id", "reason", "words", "seen_by", "thanked_at"),
            withheld={"asked": _SERVICE_ONLY},
        ),
        Place(
            table="conduct_report",
            people=("about_ids",),
            readers=(),
            shown=("about_ids",),
            withheld=dict.fromkeys(
                (
                    "report_id",
                    "room_id",
                    "reporter_id",
                    "person_id",
                    "note_id",
                    "text",
                    "asked",
                    "reported_at",
                    "outcome",
                    "words",
                    "settled_by",
                    "settled_at",
                ),
                _ABOUT_THEM,
            ),
        ),
        Place(
            table="conduct_report",
            people=("reporter_id",),
            left={"reporter_id": None},
            shown=("report_id", "room_id", "reporter_id", "text", "reported_at", "outcome", "settled_at"),
            withheld={
                "asked": _SERVICE_ONLY,
                "words": "what stewards write for one another",
                **dict.fromkeys(("person_id", "note_id", "about_ids", "settled_by"), "may be another person's"),
            },
        ),
        Place(
            table="conduct_report",
            people=("settled_by",),
            left={"settled_by": None},
            readers=(),
            shown=("settled_by",),
            withheld=dict.fromkeys(
                (
                    "report_id",
                    "room_id",
                    "reporter_id",
                    "person_id",
                    "note_id",
                    "about_ids",
                    "text",
                    "asked",
                    "reported_at",
                    "outcome",
                    "words",
                    "settled_at",
                ),
                "about other people, for the stewards of the room",
            ),
        ),
        Place(table="sponsor_delegate", people=("person_id",), shown=("sponsor_id", "person_id")),
        Place(
            table="lot_person",
            people=("person_id",),
            shown=("room_id", "person_id"),
            withheld={"lot_id": _SERVICE_ONLY},
        ),
        Place(table="lot_waiting", people=("person_id",), shown=("kind", "room_id", "person_id", "amount", "since")),
        Place(
            table="announcement",
            people=("author_id",),
            left={"author_id": None},
            shown=("announcement_id", "room_id", "author_id", "announced_at"),
            withheld={"asked": _SERVICE_ONLY},
        ),
        Place(
            table="note",
            people=("author_id",),
            left={"author_id": None},
            shown=(
                "note_id",
                "room_id",
                "session_id",
                "kind",
                "confidential",
                "status",
                "version",
                "title",
                "text",
                "author_id",
                "recorded_at",
            ),
            withheld=dict.fromkeys(("asked", "dictionary", "words", "text_words"), _SERVICE_ONLY),
        ),
        Place(
            table="room",
            people=("office_ids", "proposed_host_id"),
            left=IDS_ONLY,  # by events (domain/erasure.py)
            shown=("room_id", "status", "office_ids", "proposed_host_id", "snapshot"),
            parts={"snapshot": ("title", "host_id", "facilitator_ids", "steward_ids")},
            withheld={
                **dict.fromkeys(("asked", "dictionary", "words", "text_words", "soonness"), _SERVICE_ONLY),
                **dict.fromkeys(
                    (
                        "guidelines_version",
                        "origin_id",
                        "published_at",
                        "format",
                        "mode",
                        "language",
                        "domain",
                        "folded_domain",
                        "policy",
                        "sponsor_kind",
                        "sponsor_name",
                        "folded_sponsor_name",
                        "seats_free",
                        "has_free_seats",
                        "waiting",
                        "pending",
                        "roles_taken",
                    ),
                    _ROOM,
                ),
            },
        ),
        *_EVERYWHERE,
    ),
    "membership": (
        Place(
            table="membership",
            people=("person_id",),
            left={"answers": {}, "message": None, "reason": None},
            shown=(
                "membership_id",
                "room_id",
                "person_id",
                "status",
                "version",
                "number",
                "wishes",
                "role",
                "since",
                "requested_at",
                "offer_expires_at",
                "invitation_expires_at",
                "request_expires_at",
                "lapsed_at",
                "decided_by",
                "decided_at",
                "over_capacity",
                "barred",
                "reason",
                "by",
                "from_room_id",
                "answers",
                "message",
            ),
            actors=("by", "decided_by"),
            withheld={"priority": "the host's rank, for the offices of the room", "set_aside": _SERVICE_ONLY},
        ),
        Place(
            table="history",
            people=("person_id",),
            left={"reason": None},
            shown=(
                "id",
                "membership_id",
                "room_id",
                "person_id",
                "at",
                "by",
                "account",
                "from_status",
                "to_status",
                "fact",
                "reason",
                "message_id",
            ),
            actors=("by",),
        ),
        Place(
            table="buddy",
            people=("person_id", "buddy_id"),
            shown=("room_id", "person_id", "buddy_id", "assigned_at"),
        ),
        *_EVERYWHERE,
    ),
    "notifications": (
        Place(
            table="letter",
            people=("person_id", "member_id"),
            left={"told": None},
            readers=("person_id",),
            shown=(
                "letter_id",
                "kind",
                "person_id",
                "member_id",
                "room_id",
                "status",
                "tries",
                "reason",
                "created_at",
                "first_tried_at",
                "sent_at",
                "gathered_in",
            ),
            withheld={
                "told": _REPEATED,
                "membership_id": "may be another person's",
                **dict.fromkeys(("fact_id", "correlation_id", "traceparent", "due_at", "interrupted"), _SERVICE_ONLY),
            },
        ),
        Place(table="preference", people=("person_id",), shown=("person_id", "wished")),
        Place(
            table="standing",
            people=("person_id",),
            left=IDS_ONLY,
            shown=("membership_id", "room_id", "person_id", "status", "role", "offer_expires_at", "was_joined"),
        ),
        Place(
            table="bounce",
            people=("person_id",),
            address="email",
            shown=("bounce_id", "email", "kind", "detail", "at", "person_id"),
            withheld={"letter_id": "may be a letter to another person with the address"},
        ),
        Place(table="suppression", address="email", shown=("email", "kind", "at")),
        Place(
            table="calendar_entry",
            people=("person_id",),
            shown=("person_id", "session_id", "sequence", "ends_at", "letter_id", "revision", "replied_at"),
            withheld={"reply_id": "by it, calendars answer as the person"},
        ),
        Place(
            table="session_answer",
            people=("person_id",),
            shown=("session_id", "person_id", "coming", "starts_at", "answered_at", "by_person"),
        ),
        Place(
            table="session_part",
            people=("person_id",),
            shown=("session_id", "person_id", "role", "ends_at"),
            withheld={"place": _SERVICE_ONLY},
        ),
        Place(
            table="introduction",
            people=("person_id", "actor_id"),
            shown=("introduction_id", "person_id", "actor_id", "at"),
        ),
        Place(table="former_address", people=("person_id",), addresses="email", shown=("person_id", "email")),
        Place(
            table="contact",
            people=("person_id",),
            left={"display_name": None, "email": None, "locale": None, "time_zone": None, "asked_at": None},
            addresses="email",
            shown=(
                "person_id",
                "display_name",
                "email",
                "locale",
                "time_zone",
                "introduced",
                "registered",
                "asked_at",
                "link_version",
            ),
        ),
        *_EVERYWHERE,
    ),
}
"""By service, in the order in which erasure visits the tables, and exports have them."""

_IN_EVERY_SERVICE = {
    "outbox": "messages that leave within seconds",
    "timer": "internal commands: ids",
    "latest": "numbers by subject: ids",
    "latest_by_account": "numbers by subject: ids",
    "retried": "ids of commands",
    "system_account": "accounts of systems",
    "numbering": "a number",
}

WITHOUT_PEOPLE: Mapping[str, Mapping[str, str]] = {
    "rooms": {
        **_IN_EVERY_SERVICE,
        "session": "what a room plans, with the guests that its host names, who are nobody that Practio knows",
        "series": "what a room plans",
        "room_care": "signs that a room is quiet, which name nobody",
        "discarded_draft": "ids of rooms",
        "sponsor": "what an organisation is called",
        "month_fixed": "months",
        "room_month": "numbers of rooms",
        "lot": "numbers of four people or more (tables/lots.py)",
        "feedback_waiting": "feedback without names (tables/feedback.py)",
        "feedback_number": "feedback without names (tables/feedback.py)",
        "feedback_comment": "feedback without names (tables/feedback.py)",
    },
    "membership": {**_IN_EVERY_SERVICE, "room": "what a room states; its offices are ids that events change"},
    "notifications": {
        **_IN_EVERY_SERVICE,
        "room": "what a room states; its offices are ids that events change",
        "sponsor": "what an organisation is called; its delegates are ids that events change",
        "session": "what a room plans",
        "session_plan": "what a room plans; its people are in session_part",
        "occupancy": "numbers",
        "room_care": "signs that a room is quiet, which name nobody",
    },
}


def own_part(place: Place, row: Mapping[str, Any], person: UUID) -> dict[str, Any]:
    """Return what a person may read of a row about them: the columns that are shown, with no id but their own."""
    shown: dict[str, Any] = {name: row[name] for name in place.shown}
    for name in (*place.people, *place.actors):
        shown[name] = _only(person, shown[name])
    for name, fields in place.parts.items():
        shown[name] = {each: _own_value(each, shown[name].get(each), person) for each in fields}
    return shown


def _own_value(name: str, value: Any, person: UUID) -> Any:
    return _only(person, value) if name.endswith(("_id", "_ids")) else value


def _only(person: UUID, value: Any) -> Any:
    """Return an id, or a list of ids, without those of other people; ids are UUIDs, or text in JSON and actors."""
    own = (person, str(person))
    if isinstance(value, list):
        return [each for each in value if each in own]
    return value if value in own or value == _SYSTEM else None
