"""People by name and by address, and the links to their own pages."""

import re
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from practio_contracts.fields import ECHOED, Id, Language, ShortText, Text, TimeZone
from practio_contracts.message import Command, Part, Query

MailAddress = Annotated[Text, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", max_length=320)]


class SendLink(Command, key="notifications.send-link.v1"):
    """Send the people with this address a link to their own pages; nobody learns whether there are any.

    ``room_id``: the room that they looked at, to which the link then leads. ``locale`` is the language of the letter to
    an address that nobody knows yet, if people may introduce themselves.
    """

    email: Annotated[MailAddress, ECHOED]
    room_id: Id | None = None
    locale: Language | None = None


class LinkAsked(Part):
    """The answer to a request for a link: never whether anybody has that address."""

    email: str


def _one_line(name: str) -> str:
    if re.search(r"[\n\t]", name):
        raise ValueError("a name has no line breaks or tabs")
    return name


class Introduce(Command, key="notifications.introduce.v1"):
    """Learn the id of the person with an address, or give the address an id, so that the person can be invited.

    For the offices of the room; without ``room_id`` for the system. Nobody learns whether the person was known.
    """

    email: MailAddress
    display_name: Annotated[ShortText, AfterValidator(_one_line)] | None = None
    locale: Language | None = None
    time_zone: TimeZone | None = None
    room_id: Id | None = None


class Introduced(Part):
    """The answer to an introduction: the person's id, and no more."""

    person_id: Id


class EndedLinks(StrEnum):
    """Links that end by themselves, while all others go on."""

    CALENDAR = "calendar"


class EndLinks(Command, key="notifications.end-links.v1"):
    """End every link that a person has received so far: pages then answer that it no longer works.

    Links also end when the person's address changes, and when they are erased. With ``only``, the address of their
    calendar ends and no other link.
    """

    person_id: Id
    only: EndedLinks | None = None


class LinkVersion(Part):
    """The versions of a person's links, and of the address of their calendar: those made with others have ended."""

    person_id: Id
    version: int
    calendar_version: int = 0

    @property
    def of_calendar(self) -> int:
        """Return the version that the address of the calendar carries: it ends with all links, and by itself."""
        return self.version + self.calendar_version


class NamePeople(Query, key="notifications.name-people.v1"):
    """Names of people in a room: all to its host and offices; to others those of host and offices; result: ``Names``.

    People with seats meet, and see one another's names too; everybody sees their own.

    People who are unknown, or whose names the actor may not see, are left out.
    """

    room_id: Id
    person_ids: Annotated[list[Id], Field(min_length=1, max_length=500)]


class Named(Part):
    """A person and their name."""

    person_id: Id
    display_name: str


class Names(Part):
    """People by name, in the order in which they were asked for."""

    people: list[Named]
