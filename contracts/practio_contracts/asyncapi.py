"""Practio's broker as an outside system meets it, as an AsyncAPI 3.0 document.

Source: the AsyncAPI specification 3.0.0 and its AMQP bindings 0.3.0.
"""

from collections.abc import Iterable
from typing import Any

from practio_contracts.answers import Answer, CommandAccepted, CommandRefused
from practio_contracts.catalogue import CATALOGUE, DIRECTORY, EVENTS, INTERNAL, SERVICES, VHOST, exchange_of
from practio_contracts.envelope import CONTENT_TYPE
from practio_contracts.message import Command, Event, InternalCommand, Message, Query
from practio_contracts.rooms import DraftDiscarded, RoomDrafted, SponsorReported

Node = dict[str, Any]

_BINDING_VERSION = "0.3.0"
_SERVICES_ONLY = (InternalCommand, RoomDrafted, DraftDiscarded, SponsorReported)
"""Messages among the services alone, besides discreet events: events about a draft, and internal commands."""

_ABOUT = (
    "Communities of practice: rooms with a clear scope, and a membership workflow that hosts and participants can "
    "read. Every message is a CloudEvent in JSON. Publish with your own account as `user_id` and, for an answer, "
    "`amq.rabbitmq.reply-to` as `reply_to`."
)


def asyncapi() -> Node:
    """Return the document: Practio receives commands, queries and events of people, and sends events and answers."""
    messages = [message for message in CATALOGUE.values() if not _is_for_services(message)]
    addressed = [message for message in messages if exchange_of(message)]
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Practio", "version": "1", "description": _ABOUT},
        "defaultContentType": CONTENT_TYPE,
        "servers": {"broker": _server()},
        "channels": {
            **{message.routing_key: _channel(message) for message in addressed},
            **{f"{owner}.replies": _replies(owner, messages) for owner in SERVICES},
        },
        "operations": {message.routing_key: _operation(message, messages) for message in addressed},
        "components": {
            "messages": {message.routing_key: _message(message) for message in messages},
            "securitySchemes": {"account": {"type": "userPassword", "description": "An account of the broker."}},
        },
    }


def _is_for_services(message: type[Message]) -> bool:
    return issubclass(message, _SERVICES_ONLY) or (issubclass(message, Event) and message.discreet)


def _server() -> Node:
    return {
        "host": "{host}",
        "protocol": "amqp",
        "protocolVersion": "0.9.1",
        "pathname": f"/{VHOST}",
        "variables": {"host": {"default": "localhost:5672", "description": "Where RabbitMQ listens."}},
        "security": [{"$ref": "#/components/securitySchemes/account"}],
    }


def _channel(message: type[Message]) -> Node:
    return {
        "address": message.routing_key,
        "messages": _references([message]),
        "bindings": {"amqp": {"is": "routingKey", "exchange": _exchange(message), "bindingVersion": _BINDING_VERSION}},
    }


def _exchange(message: type[Message]) -> Node:
    name = exchange_of(message)
    return {
        "name": EVENTS if name == INTERNAL else name,
        "type": "topic",
        "durable": True,
        "autoDelete": False,
        "vhost": VHOST,
    }


def _replies(owner: str, messages: Iterable[type[Message]]) -> Node:
    answers = (*_answers(owner, messages, of=Command), *_answers(owner, messages, of=Query))
    return {
        "address": None,
        "description": "RabbitMQ's direct reply-to of the publisher; any other target is ignored.",
        "messages": _references(answers),
    }


def _answers(owner: str, messages: Iterable[type[Message]], *, of: type[Message]) -> list[type[Message]]:
    kinds = (Answer,) if of is Query else (CommandAccepted, CommandRefused)
    return [message for message in messages if issubclass(message, kinds) and message.owner() == owner]


def _references(messages: Iterable[type[Message]]) -> Node:
    return {each.routing_key: {"$ref": f"#/components/messages/{each.routing_key}"} for each in messages}


def _operation(message: type[Message], messages: Iterable[type[Message]]) -> Node:
    receives = not issubclass(message, Event) or exchange_of(message) == DIRECTORY
    operation: Node = {
        "action": "receive" if receives else "send",
        "channel": {"$ref": f"#/channels/{message.routing_key}"},
        "summary": _summary(message),
        "bindings": {"amqp": {"deliveryMode": 2, "bindingVersion": _BINDING_VERSION}},
    }
    if issubclass(message, (Command, Query)):
        kind = Query if issubclass(message, Query) else Command
        operation["reply"] = _reply(message.owner(), _answers(message.owner(), messages, of=kind))
    return operation


def _reply(owner: str, answers: Iterable[type[Message]]) -> Node:
    channel = f"#/channels/{owner}.replies"
    return {
        "address": {"location": "$message.header#/reply_to"},
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{answer.routing_key}"} for answer in answers],
    }


def _message(message: type[Message]) -> Node:
    fields: Node = {"type": {"const": message.type_name()}, "data": {"$ref": f"./{message.routing_key}.json"}}
    described: Node = {
        "name": message.type_name(),
        "summary": _summary(message),
        "contentType": CONTENT_TYPE,
        "payload": {
            "allOf": [
                {"$ref": "./envelope.json"},
                {"type": "object", "properties": fields, "required": _required(message)},
            ]
        },
    }
    if not issubclass(message, Event) or not exchange_of(message):
        described["correlationId"] = {"location": "$message.header#/correlation_id"}
    return described


def _required(message: type[Message]) -> list[str]:
    """Return the attributes that this kind of message requires beyond those of all messages."""
    if issubclass(message, (Command, Query)):
        return ["actor"]
    if exchange_of(message) == DIRECTORY:
        return ["subject", "sequence"]
    if issubclass(message, (Answer, CommandAccepted, CommandRefused)):
        return []
    return ["subject", "correlationid", "causationid"]


def _summary(message: type[Message]) -> str:
    return " ".join((message.__doc__ or "").split()).replace("``", "`")
