"""Where data about people can be: the one list that erasure visits, and that `practio export-person` reads.

A table that is not listed here is in ``WITHOUT_PEOPLE``, with the reason: tests/unit/test_personal_data.py knows every
table of every service. Beside the tables, data about people is in messages on their way (eleven minutes, with all
retries) and in dead letters, of which services delete those of erased people (``inbound/dead_letters.py``). Logs have
ids only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A table with data about people, and what erasure leaves of a row.

    A row is about the people whose id is in one of the columns ``people``, or whose present or former address, by its
    key, is in the column ``address``. ``left`` are the values that erasure gives to columns; without it, the row is
    deleted. An empty one leaves ids, kinds and times, which is all that the row has. ``addresses`` is the column from
    which the addresses of the row's person are known.
    """

    table: str
    people: Sequence[str] = ()
    address: str | None = None
    left: Mapping[str, Any] | None = None
    addresses: str | None = None


IDS_ONLY: Mapping[str, Any] = {}

_EVERYWHERE = (
    Place(table="inbox", people=("about",)),
    Place(table="forgotten", people=("person_id",), left=IDS_ONLY),
)

PLACES: Mapping[str, Sequence[Place]] = {
    "rooms": (
        Place(table="presence", people=("person_id",)),
        Place(table="ending", people=("person_id",)),
        Place(table="passage", people=("person_id",)),
        Place(table="feedback_given", people=("person_id",)),
        Place(table="note", people=("author_id",), left={"author_id": None}),
        Place(table="room", people=("office_ids", "proposed_host_id"), left=IDS_ONLY),  # by events (domain/erasure.py)
        *_EVERYWHERE,
    ),
    "membership": (
        Place(table="membership", people=("person_id",), left={"answers": {}, "message": None, "reason": None}),
        Place(table="history", people=("person_id",), left={"reason": None}),
        *_EVERYWHERE,
    ),
    "notifications": (
        Place(table="letter", people=("person_id", "member_id"), left={"told": None}),
        Place(table="preference", people=("person_id",)),
        Place(table="standing", people=("person_id",), left=IDS_ONLY),
        Place(table="bounce", people=("person_id",), address="email"),
        Place(table="suppression", address="email"),
        Place(table="calendar_entry", people=("person_id",)),
        Place(table="introduction", people=("person_id", "actor_id")),
        Place(table="former_address", people=("person_id",), addresses="email"),
        Place(
            table="contact",
            people=("person_id",),
            left={"display_name": None, "email": None, "locale": None, "time_zone": None, "asked_at": None},
            addresses="email",
        ),
        *_EVERYWHERE,
    ),
}
"""By service, in the order in which erasure visits the tables."""

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
        "session": "what a room plans",
        "series": "what a room plans",
        "discarded_draft": "ids of rooms",
        "feedback_waiting": "feedback without names (tables/feedback.py)",
        "feedback_number": "feedback without names (tables/feedback.py)",
        "feedback_comment": "feedback without names (tables/feedback.py)",
    },
    "membership": {**_IN_EVERY_SERVICE, "room": "what a room states; its offices are ids that events change"},
    "notifications": {
        **_IN_EVERY_SERVICE,
        "room": "what a room states; its offices are ids that events change",
        "session": "what a room plans",
        "occupancy": "numbers",
    },
}
