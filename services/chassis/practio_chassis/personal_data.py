"""How a service lists its data about people: the one list that erasure visits, and that a person's export reads.

Beside the tables, data about people is in messages on their way (eleven minutes, with all retries), in dead letters and
in messages that no service consumes, of which services delete those of erased people (``inbound/dead_letters.py``).
Logs have ids only. Everything else, and for how long: deploy/README.md, *What is kept*.
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
    Place(table="forgotten", people=("person_id",), left=IDS_ONLY, shown=("person_id", "erased_at")),
)

CHASSIS_TABLES_WITHOUT_PEOPLE: Mapping[str, str] = {
    "outbox": "messages that leave within seconds",
    "timer": "internal commands: ids",
    "latest": "numbers by subject: ids",
    "latest_by_account": "numbers by subject: ids",
    "retried": "ids of commands",
    "system_account": "accounts of systems",
    "numbering": "a number",
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
    match value:
        case None:
            return None
        case list():
            return [each for each in value if _is_own(person, each)]
        case _:
            return value if value == _SYSTEM or _is_own(person, value) else None


def _is_own(person: UUID, value: Any) -> bool:
    """Return whether an id is the person's. Comparing across types is slow, and an export does it for each value."""
    return bool(value == str(person)) if isinstance(value, str) else bool(value == person)
