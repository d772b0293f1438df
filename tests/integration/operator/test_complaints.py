"""What an operator reads if something cannot be done: one sentence, exit code 1, and nothing left running."""

from typing import Any

import pytest
from tests.integration.operator.terminal import Terminal

from practio_operator.stack.ports import free_ports
from practio_operator.stack.stack import Backing, StackConfig

pytestmark = pytest.mark.thorough

NOBODY = free_ports(1)[0]


@pytest.mark.parametrize(
    "command", [("status",), ("logs",), ("dead", "list"), ("ask", "rooms.search-rooms.v1", "--data", "{}")]
)
def test_without_a_stack_the_command_says_how_to_start_one(terminal: Terminal, command: tuple[str, ...]) -> None:
    assert "practio up" in terminal.complains(*command)


def test_down_without_a_stack_is_fine(terminal: Terminal) -> None:
    terminal.does("down")


def test_an_unknown_backing(terminal: Terminal) -> None:
    assert "external, docker, native" in terminal.complains("up", PRACTIO_BACKING="kubernetes")


def test_an_invalid_url(terminal: Terminal) -> None:
    wrong: dict[str, Any] = {
        "PRACTIO_BROKER_URL": "http://broker",
        "PRACTIO_DATABASE_URL": "postgresql://a:b@127.0.0.1/postgres",
    }
    assert "PRACTIO_BROKER_URL is not a valid amqp:// URL" in terminal.complains("up", **wrong)
    assert terminal.processes() == []


def test_an_account_that_is_not_a_url(terminal: Terminal) -> None:
    query = ("ask", "rooms.search-rooms.v1", "--data", "{}")
    assert "is not a valid amqp:// URL" in terminal.complains(*query, PRACTIO_PUBLISHER_URL="broker:5672")


def test_library_logs_are_not_printed_beside_the_sentence(terminal: Terminal) -> None:
    query = ("ask", "rooms.search-rooms.v1", "--data", "{}")
    complaint = terminal.complains(*query, PRACTIO_PUBLISHER_URL=f"amqp://a:b@127.0.0.1:{NOBODY}")
    assert complaint.count("\n") == 1


def test_an_unknown_part(terminal: Terminal) -> None:
    StackConfig.new(Backing.NATIVE).save(terminal.home)
    assert "There is no part flights" in terminal.complains("logs", "flights")


def test_servers_that_are_dead(terminal: Terminal) -> None:
    dead: dict[str, Any] = {
        "PRACTIO_BROKER_URL": f"amqp://a:b@127.0.0.1:{NOBODY}",
        "PRACTIO_MANAGEMENT_URL": f"http://127.0.0.1:{NOBODY}",
        "PRACTIO_DATABASE_URL": f"postgresql://a:b@127.0.0.1:{NOBODY}/postgres",
    }
    assert f"http://127.0.0.1:{NOBODY} does not answer" in terminal.complains("up", **dead)
    assert terminal.processes() == []


def test_an_installation_that_cannot_be_checked_is_neither_intact_nor_broken(terminal: Terminal) -> None:
    assert "practio up" in terminal.complains("invariants", exits=2)
    dead: dict[str, Any] = {
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
