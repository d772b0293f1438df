"""What makes a message with every field set, from its model."""

from collections.abc import Callable
from functools import cache
from typing import Any

from polyfactory.factories.pydantic_factory import ModelFactory
from polyfactory.field_meta import FieldMeta
from pydantic import BaseModel

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
def factory_of(model: type[BaseModel]) -> type[ModelFactory[Any]]:
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
                return factory_of(field_meta.annotation).build()
            return super().get_field_value(field_meta, *args, **kwargs)

    return Factory
