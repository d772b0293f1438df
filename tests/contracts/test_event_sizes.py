"""Each event of a service, with every field as long as commands let it become, is one that readers and broker take."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

from pydantic import AwareDatetime, BaseModel
from tests.support.every_case import every_case

from practio_chassis.broker.event_batches import MOST_BYTES as MOST_BYTES_OF_A_BATCH
from practio_chassis.broker.policies import MAX_MESSAGE_BYTES
from practio_contracts import rooms
from practio_contracts.catalogue import CATALOGUE, SERVICES, events_of
from practio_contracts.envelope import MOST_BYTES
from practio_contracts.fields import LongText
from practio_contracts.message import InternalCommand, Message
from practio_contracts.rooms import session_plan
from practio_rooms.domain.series import MOST_UPCOMING
from practio_rooms.domain.statements import MOST_BYTES as MOST_BYTES_OF_A_ROOM

ENVELOPE = 4_000
"""Bytes of the attributes: ids of 36 characters, words of 500, a source, a type and a time."""

WIDEST_CHARACTER = 4
ID = 36 + len('"",')
OFFICES = 2 * rooms.MOST_IN_AN_OFFICE * ID
"""Appointed after the room was stated, whose size was checked then."""

MOST_CHARACTERS = 10_000
"""A long text: no command has a longer one."""

CHARACTERS = {
    "name": 200,
    "role": 200,
    "from_role": 200,
    "topic": 200,
    "time_zone": 100,
    "place": 1_000,
    "meeting_url": 2_000,
    "by": 36,
    "code": 50,
    "command_id": 200,
    "command_type": 100,
    "guests[]": 120,
    "changed_fields[]": 30,
    "missing_roles[]": 200,
    "errors[].field": 200,
    "errors[].message": 500,
    "by_role{}": 200,
    "answers{}": 64,
    "useful{}": 10,
}
"""The most characters of texts that many of one event have, and of those that are always short; by their place."""

ITEMS = {
    "answers": 50,
    "by_role": 50,
    "missing_roles": 50,
    "case_by": session_plan.MOST_CASES,
    "roles": session_plan.MOST_ROLES,
    "proposed_roles": session_plan.MOST_ROLES,
    "guests": session_plan.MOST_GUESTS,
    "present": rooms.MOST_AT_ONCE,
    "absent": rooms.MOST_AT_ONCE,
    "delegate_ids": rooms.MOST_DELEGATES,
    "steward_ids": rooms.MOST_IN_AN_OFFICE,
    "changed_fields": len(rooms.Room.model_fields),
    "sessions": MOST_UPCOMING,
    "signs": 10,
    "errors": 50,
    "useful": 10,
}
"""The most items of each list and each mapping, by its place; a new one is looked up here."""

TOTALS = {"answers": 20_000 * WIDEST_CHARACTER}
"""The bytes of all values of a mapping together."""

PUBLISHED: Sequence[type[Message]] = [
    *(event for service in SERVICES for event in events_of(service)),
    *(message for message in CATALOGUE.values() if issubclass(message, InternalCommand)),
]


@every_case("message", PUBLISHED, ids=lambda message: message.routing_key)
def test_no_message_of_a_service_is_larger_than_a_reader_takes(message: type[Message]) -> None:
    most = ENVELOPE + _of_model(message)
    assert most <= MOST_BYTES < MAX_MESSAGE_BYTES


def test_a_batch_is_smaller_than_the_broker_allows() -> None:
    assert max(MOST_BYTES_OF_A_BATCH, MOST_BYTES) + len("[]") < MAX_MESSAGE_BYTES


def test_a_long_text_is_as_long_as_this_test_believes() -> None:
    assert [each.max_length for each in get_args(LongText) if hasattr(each, "max_length")] == [MOST_CHARACTERS]


def _of_model(model: type[BaseModel], place: str = "") -> int:
    """Return the most bytes of a model as JSON."""
    below = f"{place}." if place.endswith("]") else ""
    fields = model.model_fields.items()
    return 2 + sum(len(f'"{name}":,') + _of(field.annotation, f"{below}{name}") for name, field in fields)


def _of(kind: Any, place: str) -> int:
    origin, arguments = get_origin(kind), get_args(kind)
    if hasattr(kind, "__value__"):
        return _of(kind.__value__, place)
    if origin is Annotated:
        return _of(arguments[0], place)
    if origin in (Union, UnionType):
        return max(_of(each, place) for each in arguments)
    if origin is list:
        return 2 + ITEMS[place] * (_of(arguments[0], f"{place}[]") + 1)
    if origin is dict:
        return 2 + _of_mapping(arguments, place)
    return _of_value(kind, place)


def _of_mapping(arguments: Sequence[Any], place: str) -> int:
    key, value = arguments
    names = ITEMS[place] * (_of(key, f"{place}{{}}") + len(':"",'))
    return names + (TOTALS.get(place) or ITEMS[place] * _of(value, f"{place}{{}}"))


def _of_value(kind: Any, place: str) -> int:
    if kind is rooms.Room:
        return MOST_BYTES_OF_A_ROOM + OFFICES
    if get_origin(kind) is Literal:
        return 2 + max(len(str(each)) for each in get_args(kind))
    if kind is str:
        short = next((most for name, most in CHARACTERS.items() if place == name or place.endswith(f".{name}")), None)
        return 2 + WIDEST_CHARACTER * (short or MOST_CHARACTERS)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _of_model(kind, place)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return 2 + max(len(str(each.value)) for each in kind)
    assert kind in (bool, int, float, type(None), UUID, datetime, date, AwareDatetime), (kind, place)
    return ID
