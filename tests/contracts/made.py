"""Messages with every field set, made from the models themselves."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import uuid4

from polyfactory.factories.pydantic_factory import ModelFactory
from polyfactory.field_meta import FieldMeta
from pydantic import BaseModel

from practio_contracts.catalogue import CATALOGUE
from practio_contracts.envelope import Envelope
from practio_contracts.message import Message

_SEED = 20260301

_VALUES = {
    "time_zone": "Europe/Rome",
    "meeting_url": "https://meet.example.org/room",
    "email": "ada@example.org",
    "locale": "pt-BR",
    "language": "de",
    "key": "case",
    "questions": [{"key": "case", "text": "Which case would you bring?", "required": True}],
    "decisions": [{"person_id": "0194a1f2-51c0-7fde-8e43-0d40bd57deea", "approve": True, "reason": "Welcome!"}],
    "requests": [
        {
            "person_id": "0194a1f2-51c0-7fde-8e43-0d40bd57deea",
            "roles": ["coach"],
            "answers": {"case": "A teacher who is often late"},
            "accepted_guidelines": 2,
        }
    ],
    "answers": {"case": "A teacher who is often late"},
    "state": {"room_id": "a"},
    "snapshot": '{"room_id": "019cadaf-b720-71f1-8c5b-2fad77843402", "version": 1, "status": "closed", '
    '"title": "Heads", "host_id": "0194a1bb-6340-7e42-80eb-81d1179e1d06"}',
    "result": {"room": {"room_id": "a"}},
}


@cache
def a_message(key: str) -> Message:
    """Return a message of the catalogue with every field set, made once for all tests."""
    made: Message = _factory(CATALOGUE[key]).build()
    return made


def in_envelope(message: Message) -> Envelope:
    """Return an envelope with every attribute around ``message``."""
    person_id = getattr(message, "person_id", None)
    return Envelope(
        id=uuid4(),
        source="/practio/membership",
        type=message.type_name(),
        time=datetime(2026, 3, 1, 18, 0, 0, 250_000, tzinfo=UTC),
        subject=str(person_id or uuid4()),
        dataschema=f"urn:practio:schema:{message.routing_key}",
        actor=uuid4(),
        correlationid=str(uuid4()),
        causationid=str(uuid4()),
        sequence="7",
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        data=message,
    )


def values_in(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield each field with its value, at any depth."""
    if isinstance(value, dict):
        for name, below in value.items():
            yield name, below
            yield from values_in(below)
    elif isinstance(value, list):
        for below in value:
            yield from values_in(below)


@cache
def _factory(model: type[BaseModel]) -> type[ModelFactory[Any]]:
    """Return what makes a model; models in it are made by factories of this kind too, each of which is kept."""

    class Factory(ModelFactory[Any]):
        __model__ = model
        __random_seed__ = _SEED
        __allow_none_optionals__ = False
        __randomize_collection_length__ = True
        __min_collection_length__ = 1
        __max_collection_length__ = 1
        __check_model__ = False

        @classmethod
        @cache
        def get_provider_map(cls) -> dict[Any, Callable[[], Any]]:
            """Return what makes values of each type; the factory would put it together for each field again."""
            return super().get_provider_map()

        @classmethod
        def get_field_value(cls, field_meta: FieldMeta, *args: Any, **kwargs: Any) -> Any:
            if field_meta.name in _VALUES and field_meta.annotation not in (Any, int):
                return _VALUES[field_meta.name]
            if isinstance(field_meta.annotation, type) and issubclass(field_meta.annotation, BaseModel):
                return _factory(field_meta.annotation).build()
            return super().get_field_value(field_meta, *args, **kwargs)

    return Factory
