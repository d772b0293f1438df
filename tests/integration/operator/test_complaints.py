"""What an operator is told where something cannot be done: one sentence, exit code 1, and nothing left running."""

import pytest
from tests.integration.operator.terminal import Terminal

from practio_operator.stack.ports import free_ports
from practio_operator.stack.stack import Backing, Stack

pytestmark = pytest.mark.thorough

NOBODY = free_ports(1)[0]


@pytest.mark.parametrize(
    "command", [("status",), ("logs",), ("dead", "list"), ("ask", "rooms.search-rooms.v1", "--data", "{}")]
)
def test_without_a_stack_it_says_how_to_get_one(terminal: Terminal, command: tuple[str, ...]) -> None:
    assert "practio up" in terminal.complains(*command)


def test_down_without_a_stack_is_fine(terminal: Terminal) -> None:
    terminal.does("down")


def test_a_backing_that_is_none(terminal: Terminal) -> None:
    assert "external, docker, native" in terminal.complains("up", PRACTIO_BACKING="kubernetes")


def test_a_url_that_is_none(terminal: Terminal) -> None:
    wrong = {"PRACTIO_BROKER_URL": "http://broker", "PRACTIO_DATABASE_URL": "postgresql://a:b@127.0.0.1/postgres"}
    assert "PRACTIO_BROKER_URL is no amqp:// URL" in terminal.complains("up", **wrong)
    assert terminal.processes() == []


def test_an_account_that_is_no_url(terminal: Terminal) -> None:
    question = ("ask", "rooms.search-rooms.v1", "--data", "{}")
    assert "is no amqp:// URL" in terminal.complains(*question, PRACTIO_PUBLISHER_URL="broker:5672")


def test_what_libraries_log_does_not_stand_beside_the_sentence(terminal: Terminal) -> None:
    question = ("ask", "rooms.search-rooms.v1", "--data", "{}")
    told = terminal.complains(*question, PRACTIO_PUBLISHER_URL=f"amqp://a:b@127.0.0.1:{NOBODY}")
    assert told.count("\n") == 1


def test_a_part_that_is_none(terminal: Terminal) -> None:
    Stack.new(Backing.NATIVE).save(terminal.home)
    assert "There is no part flights" in terminal.complains("logs", "flights")


def test_servers_that_are_dead(terminal: Terminal) -> None:
    dead = {
        "PRACTIO_BROKER_URL": f"amqp://a:b@127.0.0.1:{NOBODY}",
        "PRACTIO_MANAGEMENT_URL": f"http://127.0.0.1:{NOBODY}",
        "PRACTIO_DATABASE_URL": f"postgresql://a:b@127.0.0.1:{NOBODY}/postgres",
    }
    assert f"http://127.0.0.1:{NOBODY} does not answer" in terminal.complains("up", **dead)
    assert terminal.processes() == []


def test_what_cannot_be_checked_is_neither_whole_nor_broken(terminal: Terminal) -> None:
    assert "practio up" in terminal.complains("invariants", exits=2)
    dead = {
        "PRACTIO_BROKER_URL": f"amqp://a:b@127.0.0.1:{NOBODY}",
        "PRACTIO_DATABASE_URL": f"postgresql://a:b@127.0.0.1:{NOBODY}/postgres",
    }
    assert f"The database at 127.0.0.1:{NOBODY} cannot be checked" in terminal.complains("invariants", exits=2, **dead)
    assert "PRACTIO_DATABASE_URL is not set" in terminal.complains(
        "invariants", exits=2, **dead | {"PRACTIO_DATABASE_URL": ""}
    )


def test_a_damaged_home(terminal: Terminal) -> None:
    terminal.home.stack.write_text("{")
    assert "stack.json is damaged" in terminal.complains("up")
    terminal.home.stack.unlink()
    terminal.does("down")
