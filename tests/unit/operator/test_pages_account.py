"""What pages may say: all that its pages say, and nothing that is said of others or by the system."""

import ast
from pathlib import Path

import pytest

from practio_contracts import membership, notifications, rooms
from practio_contracts.catalogue import CATALOGUE, COMMANDS, QUERIES, exchange_of
from practio_contracts.message import Command, Message, Query
from practio_operator.pages import MAY

SOURCES = Path(__file__).parents[3] / "services" / "pages"


def test_pages_is_granted_every_command_and_question_that_its_code_names() -> None:
    named = {message.routing_key for path in SOURCES.rglob("*.py") for message in messages_named_in(path)}
    assert named
    assert named <= set(MAY)


def test_pages_is_granted_commands_and_questions_alone_each_by_its_whole_name() -> None:
    assert {exchange_of(CATALOGUE[key]) for key in MAY} == {COMMANDS, QUERIES}
    assert len(set(MAY)) == len(MAY) == 21


@pytest.mark.parametrize(
    "key",
    [
        "membership.invite.v1",
        "membership.remove.v1",
        "membership.explain.v1",
        "rooms.create-room.v1",
        "rooms.hand-over.v1",
        "notifications.report-bounce.v1",
        "notifications.list-letters.v1",
        "people.person-registered.v1",
    ],
)
def test_what_no_page_says_is_not_granted(key: str) -> None:
    assert key in CATALOGUE
    assert key not in MAY


def messages_named_in(path: Path) -> set[type[Message]]:
    """Give the commands and questions whose names stand in a module."""
    tree = ast.parse(path.read_text())
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    found = (getattr(module, name, None) for module in (rooms, membership, notifications) for name in names)
    return {each for each in found if isinstance(each, type) and issubclass(each, Command | Query) and each.routing_key}
