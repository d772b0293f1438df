"""How a service lists its data about people: the one list that erasure visits, and that a person's export reads.

Beside the tables, data about people is in messages on their way (eleven minutes, with all retries), in dead letters and
in messages that no service consumes, of which services delete those of erased people (``inbound/dead_letters.py``).
Logs have ids only. Everything else, and for how long: deploy/README.md, *What is kept*.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalData:
    """All tables of a service: its places, in the order of erasure and of exports, and the rest.

    A table without data about people is in ``without_people``, with the reason: tests/unit/test_personal_data.py knows
    every table of every service, and every column of a place.
    """

    places: Sequence[Place]
    without_people: Mapping[str, str]


IDS_ONLY: Mapping[str, Any] = {}

SERVICE_ONLY = "what only the service uses"
REPEATED = "a copy of what other rows state, and of what concerns others"
_SYSTEM = "system"

CHASSIS_PLACES: Sequence[Place] = (
    Place(
        table="inbox",
        people=("about",),
        shown=("about", "taken_at", "account", "source", "id"),
        withheld={"answer": REPEATED},
    ),
    Place(
        table="outbox_set_aside",
        people=("people",),
        shown=("id", "message_id", "routing_key", "said_at", "set_aside_at", "people"),
        withheld={
            "subject": "an id that may be of somebody else",
            "internal": REPEATED,
            "public": REPEATED,
            "reason": SERVICE_ONLY,
        },
    ),
    Place(table="forgotten", people=("person_id",), left=IDS_ONLY, shown=("person_id", "erased_at")),
)

CHASSIS_TABLES_WITHOUT_PEOPLE: Mapping[str, str] = {
    "outbox": "messages that leave within seconds, or once a fault of the broker is mended",
    "batches_read": "a date",
    "timer": "internal commands: ids",
    "latest": "numbers by subject: ids",
    "latest_by_account": "numbers by subject: ids",
    "retried": "ids of commands",
    "handled_alone": "ids of messages",
    "system_account": "accounts of systems",
    "numbering": "a number",
}


def without_others(place: Place, shown: dict[str, Any], own: str) -> dict[str, Any]:
    """Return the columns of a row that are ``shown``, changed: without ids other than ``own``.

    Ids are text: an export compares thousands, and a UUID takes ten times as long.
    """
    for name in (*place.people, *place.actors):
        shown[name] = _only(own, shown[name])
    for name, fields in place.parts.items():
        shown[name] = {each: _own_value(each, shown[name].get(each), own) for each in fields}
    return shown


def _own_value(name: str, value: Any, own: str) -> Any:
    return _only(own, value) if name.endswith(("_id", "_ids")) else value


def _only(own: str, value: Any) -> Any:
    """Return an id, or a list of ids, without those of other people."""
    if isinstance(value, list):
        return [each for each in value if each == own]
    return value if value in (own, _SYSTEM) else None
