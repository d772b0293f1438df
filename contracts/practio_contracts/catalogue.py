"""Every message by its routing key, and the exchange that carries it."""

from practio_contracts import membership, notifications, people, rooms
from practio_contracts.answers import Answer, CommandAccepted
from practio_contracts.message import Command, Event, InternalCommand, Message, Query, private_paths

VHOST = "practio"
COMMANDS = "practio.commands"
QUERIES = "practio.queries"
DIRECTORY = "practio.directory"
EVENTS = "practio.events"
INTERNAL = "practio.internal"
DEAD = "practio.dead"
UNROUTED = "practio.unrouted"

SERVICES = ("rooms", "membership", "notifications")

PAGES = "pages"
"""The site of pages, and its broker account: an outside account, with a source of its own under ``/practio/``."""

CATALOGUE: dict[str, type[Message]] = {
    message.routing_key: message for module in (rooms, membership, notifications, people) for message in module.MESSAGES
}


def source_of(service: str) -> str:
    """Return the envelope's ``source`` of the messages of a service, or of the events of pages."""
    return f"/practio/{service}"


def account_of(service: str) -> str:
    """Return the broker account of a service."""
    return f"practio-{service}"


def exchange_of(message: type[Message]) -> str:
    """Return the exchange on which services receive ``message``.

    Answers go to their reply address, without an exchange.
    """
    if issubclass(message, (Answer, CommandAccepted)):
        return ""
    if issubclass(message, InternalCommand):
        return INTERNAL
    if issubclass(message, Command):
        return COMMANDS
    if issubclass(message, Query):
        return QUERIES
    return _exchange_of_event(message)


def _exchange_of_event(message: type[Message]) -> str:
    if message.owner() not in SERVICES:
        return DIRECTORY
    return INTERNAL if message.discreet or private_paths(message) else EVENTS


def events_of(service: str) -> list[type[Event]]:
    """Return the events that ``service`` publishes."""
    return [
        message
        for message in CATALOGUE.values()
        if issubclass(message, Event) and message.owner() == service and exchange_of(message)
    ]
