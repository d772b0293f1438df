"""The grants of pages: the messages that its code names, and no others."""

import ast
import re
from pathlib import Path

from practio_contracts import membership, notifications, people, rooms
from practio_contracts.exports import EXPORTS, everything_about
from practio_contracts.message import Command, Event, Message, Query
from practio_contracts.pages import SENT_BY_PAGES

WORD = re.compile(r"\w+")
OF_MESSAGES = {everything_about.__name__} | {
    name
    for module in (rooms, membership, notifications, people)
    for name, each in vars(module).items()
    if isinstance(each, type) and issubclass(each, Command | Query | Event) and each.routing_key
}
"""The names of what a module can send."""

SOURCES = Path(__file__).parents[3] / "services" / "pages"


def test_pages_is_granted_exactly_the_messages_that_its_code_names() -> None:
    named = {message.routing_key for path in SOURCES.rglob("*.py") for message in messages_named_in(path)}
    assert named == set(SENT_BY_PAGES)


def messages_named_in(path: Path) -> set[type[Message]]:
    """Return the messages whose names occur in a module, or which a function sends that it names.

    They are commands, queries, and events about people.
    """
    names = names_in(path.read_text(encoding="utf-8"))
    found = (getattr(module, name, None) for module in (rooms, membership, notifications) for name in names)
    sent = {each for each in found if isinstance(each, type) and issubclass(each, Command | Query) and each.routing_key}
    of_people = {getattr(people, name, None) for name in names}
    events = {each for each in of_people if isinstance(each, type) and issubclass(each, Event) and each.routing_key}
    return sent | events | set(EXPORTS if everything_about.__name__ in names else ())


def names_in(text: str) -> set[str]:
    """Return the names and attributes in a module; none if it does not name a message, since reading it takes long."""
    if OF_MESSAGES.isdisjoint(WORD.findall(text)):
        return set()
    nodes = ast.walk(ast.parse(text))
    return {str(getattr(each, "id", getattr(each, "attr", ""))) for each in nodes}
