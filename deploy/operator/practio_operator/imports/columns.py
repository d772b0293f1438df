"""The columns of files of people and of members, and what a line stands for."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict

from practio_contracts.fields import Id, Language, LongText, ShortText, TimeZone
from practio_contracts.mail_addresses import address_key
from practio_contracts.membership import RequestToJoin
from practio_contracts.notifications import MailAddress
from practio_contracts.people import PersonRegistered
from practio_contracts.recipients import can_leave_to
from practio_operator.imports.csv_file import NAMESPACE, CellError, Cells, Columns

ANSWER_PREFIX = "answer:"
"""The prefix of a column with answers; the rest of its name is the key of the room's question."""

ROLE_SEPARATOR = "|"

ADDRESS = "is not an address such as ada@example.org"
_PERSON_TEXTS = {
    "display_name": "is longer than 200 characters",
    "email": ADDRESS,
    "locale": "is not a BCP 47 tag such as de or pt-BR",
    "time_zone": "is not an IANA time zone such as Europe/Rome",
}
_DIGITS = 19
"""No number of a version has so many digits: such a text is refused as it is."""

_ID_TEXTS = {"person_id": "is not a UUID", "room_id": "is not a UUID"}


class NewPerson(BaseModel):
    """A person without an id: the import makes one."""

    model_config = ConfigDict(frozen=True)
    routing_key: ClassVar[str] = "import-people"

    display_name: str
    email: str
    locale: str
    time_zone: str

    def registered(self, person_id: UUID) -> PersonRegistered:
        """Return the event that makes the person known."""
        return PersonRegistered(person_id=person_id, **self.model_dump())


class MemberByAddress(BaseModel):
    """A line about a person who is named by their address."""

    model_config = ConfigDict(frozen=True)
    routing_key: ClassVar[str] = "import-members"

    room_id: Id
    email: MailAddress
    display_name: ShortText | None = None
    locale: Language | None = None
    time_zone: TimeZone | None = None
    roles: list[ShortText] | None = None
    accepted_guidelines: int | None = None
    answers: dict[str, LongText] | None = None

    def request(self, person_id: UUID) -> RequestToJoin:
        """Return the request of the person, whose id is known by now."""
        return RequestToJoin(
            room_id=self.room_id,
            person_id=person_id,
            roles=self.roles,
            answers=self.answers,
            accepted_guidelines=self.accepted_guidelines,
        )


def person_id_of(seed: str, person: NewPerson) -> UUID:
    """Return the id of a person: the same for the same address in one file, however else the line was corrected.

    Only someone who has the file can derive it: an id alone tells nothing of an address, also once its person is
    erased. It looks like the random one of somebody who was introduced: an id does not tell who is known.
    """
    derived = uuid5(NAMESPACE, f"{seed} person {address_key(person.email)}")
    return UUID(bytes=derived.bytes, version=4)


def _new_person(cells: Cells) -> NewPerson:
    """Return a person without an id; what the event would refuse is refused here."""
    registered = PersonRegistered.model_validate({"person_id": UUID(int=0), **cells})
    return NewPerson.model_validate(registered.model_dump(exclude={"person_id"}))


def _person(cells: Cells) -> PersonRegistered:
    return PersonRegistered.model_validate(cells)


def _member(cells: Cells) -> RequestToJoin:
    return RequestToJoin.model_validate(_member_data(cells, "room_id", "person_id"))


def _member_data(cells: Cells, *names: str) -> dict[str, Any]:
    data: dict[str, Any] = {name: cells[name] for name in names if name in cells}
    if roles := cells.get("roles"):
        data["roles"] = [role.strip() for role in roles.split(ROLE_SEPARATOR)]
    if version := cells.get("accepted_guidelines"):
        data["accepted_guidelines"] = int(version) if version.isdecimal() and len(version) < _DIGITS else version
    if answers := {name.removeprefix(ANSWER_PREFIX): cells[name] for name in cells if name.startswith(ANSWER_PREFIX)}:
        data["answers"] = answers
    return data


def members_by_address(rooms: Mapping[str, UUID | None]) -> Columns[MemberByAddress]:
    """Return the columns of a file whose people are named by address, and whose rooms may be named by title.

    ``rooms`` has the rooms by their titles in small letters; None: several have the same.
    """

    def room_of(cells: Cells) -> UUID | str:
        if "room_id" in cells:
            return cells["room_id"]
        if "room" not in cells:
            raise CellError("nothing in room: enter the title of a room, or its id in room_id")
        title = " ".join(cells["room"].split()).casefold()
        if title not in rooms:
            raise CellError("room: no imported room has this title; name the file of rooms with --rooms")
        if (room_id := rooms[title]) is None:
            raise CellError("room: several rooms have this title; enter the id of the right one in room_id")
        return room_id

    def member(cells: Cells) -> MemberByAddress:
        about = {"room_id": room_of(cells)}
        if not can_leave_to(cells["email"]):
            raise CellError(f"email {ADDRESS}")
        RequestToJoin.model_validate(_member_data(cells) | about | {"person_id": UUID(int=0)})
        names = ("email", "display_name", "locale", "time_zone")
        return MemberByAddress.model_validate(_member_data(cells, *names) | about)

    return Columns(
        required=("email",),
        optional=("room", "room_id", "display_name", "locale", "time_zone", "roles", "accepted_guidelines"),
        prefix=ANSWER_PREFIX,
        message=member,
        identity=lambda member: (member.room_id, address_key(member.email)),
        descriptions=_ID_TEXTS | _PERSON_TEXTS | {"accepted_guidelines": "is not the number of a version"},
        sheet="members",
    )


PEOPLE = Columns(
    required=("person_id", "display_name", "email", "locale", "time_zone"),
    message=_person,
    identity=lambda person: person.person_id,
    descriptions=_ID_TEXTS | _PERSON_TEXTS,
    sheet="people",
)

NEW_PEOPLE = Columns(
    required=("display_name", "email", "locale", "time_zone"),
    message=_new_person,
    identity=lambda person: address_key(person.email),
    descriptions=_PERSON_TEXTS,
    sheet="people",
)

MEMBERS = Columns(
    required=("room_id", "person_id"),
    optional=("roles", "accepted_guidelines"),
    prefix=ANSWER_PREFIX,
    message=_member,
    identity=lambda member: (member.room_id, member.person_id),
    descriptions=_ID_TEXTS | {"accepted_guidelines": "is not the number of a version"},
    sheet="members",
)
