"""The columns of the two kinds of file, and the message of a line."""

from typing import Any

from practio_contracts.membership import RequestToJoin
from practio_contracts.people import PersonRegistered
from practio_operator.imports.csv_file import Cells, Columns

ANSWER_PREFIX = "answer:"
"""The prefix of a column with answers; the rest of its name is the key of the room's question."""

ROLE_SEPARATOR = "|"

_ID_TEXTS = {"person_id": "is not a UUID", "room_id": "is not a UUID"}


def _person(cells: Cells) -> PersonRegistered:
    return PersonRegistered.model_validate(cells)


def _member(cells: Cells) -> RequestToJoin:
    data: dict[str, Any] = {name: cells[name] for name in ("room_id", "person_id")}
    if roles := cells.get("roles"):
        data["roles"] = [role.strip() for role in roles.split(ROLE_SEPARATOR)]
    if version := cells.get("accepted_guidelines"):
        data["accepted_guidelines"] = int(version) if version.isdecimal() else version
    if answers := {name.removeprefix(ANSWER_PREFIX): cells[name] for name in cells if name.startswith(ANSWER_PREFIX)}:
        data["answers"] = answers
    return RequestToJoin.model_validate(data)


PEOPLE = Columns(
    required=("person_id", "display_name", "email", "locale", "time_zone"),
    message=_person,
    identity=lambda person: person.person_id,
    descriptions=_ID_TEXTS
    | {
        "display_name": "is longer than 200 characters",
        "email": "is not an address such as ada@example.org",
        "locale": "is not a BCP 47 tag such as de or pt-BR",
        "time_zone": "is not an IANA time zone such as Europe/Rome",
    },
)

MEMBERS = Columns(
    required=("room_id", "person_id"),
    optional=("roles", "accepted_guidelines"),
    prefix=ANSWER_PREFIX,
    message=_member,
    identity=lambda member: (member.room_id, member.person_id),
    descriptions=_ID_TEXTS | {"accepted_guidelines": "is not the number of a version"},
)
