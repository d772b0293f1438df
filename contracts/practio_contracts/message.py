"""The kinds of messages: command, query and event, each named by its routing key."""

from functools import cache
from types import UnionType
from typing import Any, ClassVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict

from practio_contracts.fields import ECHOED, PRIVATE


class Part(BaseModel):
    """A structure inside a message; unknown fields are ignored, as in events."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class CommandPart(BaseModel):
    """A structure inside a command or query; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Message(BaseModel):
    """The ``data`` of an envelope; ``routing_key`` is ``<owner>.<message>.v<major>``.

    Of a ``discreet`` message nothing is on ``practio.events``: an event is for services alone, and the refusal of a
    command is in its answer alone.
    """

    model_config = ConfigDict(frozen=True)
    routing_key: ClassVar[str] = ""
    discreet: ClassVar[bool] = False

    def __init_subclass__(cls, *, key: str = "", discreet: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.routing_key = key
        cls.discreet = discreet

    @classmethod
    def type_name(cls) -> str:
        """Return the envelope's ``type``: ``practio.`` and the routing key."""
        return f"practio.{cls.routing_key}"

    @classmethod
    def owner(cls) -> str:
        """Return the service, or outside domain, that owns the message."""
        return cls.routing_key.partition(".")[0]


class Command(Message):
    """A request for a change; unknown fields are refused, so that a typing error does not pass for a valid command."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class InternalCommand(Command):
    """A command of a service to itself, such as a due timer; nobody else may publish it."""


class Query(Message):
    """A request for data; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Event(Message):
    """Something that happened; unknown fields are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


@cache
def echoed_fields(model: type[BaseModel]) -> tuple[str, ...]:
    """Return the fields of a command that its answer repeats, so that nobody needs to keep them with the answer."""
    return tuple(name for name, field in model.model_fields.items() if ECHOED in field.metadata)


@cache
def private_paths(model: type[BaseModel]) -> dict[str, Any]:
    """Return the private fields of ``model`` as an exclusion tree for ``model_dump``; empty if it has none."""
    tree: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        if PRIVATE in field.metadata:
            tree[name] = True
        elif below := _below(field.annotation):
            tree[name] = below
    return tree


def _below(annotation: Any) -> Any:
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        return next((found for arm in get_args(annotation) if (found := _below(arm))), None)
    if origin in (list, tuple):
        below = _below(get_args(annotation)[0])
        return {"__all__": below} if below else None
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return private_paths(annotation)
    return None


def without_private(message: BaseModel) -> dict[str, Any]:
    """Return ``message`` as JSON values, without its private fields."""
    return message.model_dump(mode="json", by_alias=True, exclude=private_paths(type(message)) or None)
