"""Events of an outside directory about people."""

from typing import Annotated

from pydantic import StringConstraints

from practio_contracts.fields import EventName, EventText, Id, Language, TimeZone
from practio_contracts.message import Event


class _Person(Event):
    person_id: Id
    display_name: EventName
    email: Annotated[EventText, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", max_length=320)]
    locale: Language
    time_zone: TimeZone


class PersonRegistered(_Person, key="people.person-registered.v1"):
    """A person is known from now on."""


class PersonChanged(_Person, key="people.person-changed.v1"):
    """A person's data, complete, after a change."""


class PersonErased(Event, key="people.person-erased.v1"):
    """A person is to be forgotten."""

    person_id: Id


class PersonRestored(Event, key="people.person-restored.v1"):
    """An erasure was a mistake: the person may be registered again under the same id. Nothing comes back by itself."""

    person_id: Id


Person = PersonRegistered | PersonChanged
MESSAGES = (PersonRegistered, PersonChanged, PersonErased, PersonRestored)
