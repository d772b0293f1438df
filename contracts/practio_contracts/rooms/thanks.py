"""A word of thanks from one person in a room to another."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from practio_contracts.fields import PRIVATE, Cursor, Id, Instant, LongText, Page
from practio_contracts.message import Command, Event, Part, Query


class SeenBy(StrEnum):
    """Who reads a word of thanks: the person thanked alone, or everybody in the room."""

    PERSON = "person"
    ROOM = "room"


_Reason = Annotated[LongText, StringConstraints(min_length=1, max_length=120)]
_Words = Annotated[LongText, StringConstraints(min_length=1, max_length=500)]


class Thank(Command, key="rooms.thank.v1"):
    """Thank somebody in the room, ``for`` something; the sender chooses the id.

    For people in the room and its offices.
    """

    room_id: Id
    thanks_id: Id
    person_id: Id
    reason: Annotated[_Reason, Field(alias="for")]
    words: _Words
    seen_by: SeenBy


class ThanksGiven(Part):
    """A word of thanks without its text."""

    room_id: Id
    thanks_id: Id
    person_id: Id
    by: Id
    seen_by: SeenBy


class PersonThanked(Event, key="rooms.person-thanked.v1"):
    """A person thanked another one in the room."""

    room_id: Id
    thanks_id: Id
    person_id: Id
    by: Id
    seen_by: SeenBy
    reason: Annotated[str, PRIVATE, Field(alias="for")] = ""
    words: Annotated[str, PRIVATE] = ""


class ListThanks(Query, key="rooms.list-thanks.v1"):
    """Show the thanks in a room, newest first; result: ``ThanksFound``.

    For people in the room and its offices: those that the room sees, and those to and by the person who asks.
    """

    room_id: Id
    limit: Page = 20
    after: Cursor | None = None


class Thanks(ThanksGiven):
    """A word of thanks as those who may read it see it."""

    reason: Annotated[str, Field(alias="for")]
    words: str
    thanked_at: Instant


class ThanksFound(Part):
    """A page of thanks; ``after`` is null on the last page.

    ``people`` are those whom the person who asks can thank: who is in the room or its offices, at most 500.
    """

    thanks: list[Thanks]
    people: list[Id] = []
    after: str | None
