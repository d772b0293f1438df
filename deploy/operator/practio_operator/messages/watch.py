"""Events as they are published, read from a queue that exists only while somebody watches."""

import json
from collections.abc import Collection, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from aio_pika.abc import AbstractIncomingMessage
from rich.text import Text

from practio_contracts.catalogue import CATALOGUE, EVENTS, SERVICES
from practio_contracts.message import Event
from practio_operator.console.output import console, printable
from practio_operator.targets.addresses import administrator_target
from practio_operator.targets.connection import broker_connection


async def watch_events(pattern: str, *, about: Sequence[UUID] = (), as_json: bool) -> None:
    """Print the events whose routing key matches ``pattern``, and that contain all these ids, until cancelled.

    Raise OperatorError if the broker cannot be reached, or if the connection is lost.
    """
    async with broker_connection(administrator_target().broker_url) as open_connection:
        channel = await open_connection.channel()
        queue = await channel.declare_queue(exclusive=True)
        await queue.bind(EVENTS, pattern)
        await queue.consume(partial(_print, about={str(each) for each in about}, as_json=as_json), no_ack=True)
        await open_connection.closed()


def matching_events(pattern: str) -> list[str]:
    """Return the routing keys of the services' events that match AMQP's topic pattern."""
    events = (key for key, each in CATALOGUE.items() if issubclass(each, Event) and each.owner() in SERVICES)
    return [key for key in events if _matches(pattern.split("."), key.split("."))]


def _matches(pattern: Sequence[str], words: Sequence[str]) -> bool:
    """Return whether words match a pattern: ``*`` stands for one word, ``#`` for any number of words."""
    match pattern:
        case []:
            return not words
        case ["#", *rest]:
            return any(_matches(rest, words[count:]) for count in range(len(words) + 1))
        case [word, *rest]:
            return bool(words) and word in ("*", words[0]) and _matches(rest, words[1:])
    return False


async def _print(message: AbstractIncomingMessage, *, about: Collection[str], as_json: bool) -> None:
    event = json.loads(message.body)
    if not contains_ids(event, about):
        return
    if as_json:
        console.print(message.body.decode(), markup=False)
    else:
        _print_line(message.routing_key or "", event)


def contains_ids(event: dict[str, Any], ids: Collection[str]) -> bool:
    """Return whether an event contains all these ids, as its subject or anywhere in its data."""
    return set(ids) <= {event.get("subject"), *_texts(event["data"])}


def _texts(value: Any) -> set[str]:
    match value:
        case dict():
            return set().union(*map(_texts, value.values()))
        case list():
            return set().union(*map(_texts, value))
        case str():
            return {value}
    return set()


def _print_line(routing_key: str, event: dict[str, Any]) -> None:
    part = next((value for value in event["data"].values() if isinstance(value, dict)), event["data"])
    state = part.get("status") or part.get("code") or part.get("kind") or ""
    line = f" {routing_key}  {event.get('subject', '')}  {state}"
    console.print(Text.assemble((event["time"][11:23], "dim"), printable(line)))
