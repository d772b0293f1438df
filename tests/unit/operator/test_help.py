"""The help of `practio`: each command with an example, `--json`, and names that a shell completes."""

import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import typer
from tests.support.every_case import every_case
from tests.support.thorough import part
from typer.main import get_command
from typer.testing import CliRunner

from practio_operator import main
from practio_operator.commands.message_commands import send
from practio_operator.console.errors import OperatorError
from practio_operator.main import command_line, unwrap
from practio_operator.messages.watch import matching_events


def words_of_all(group: typer.Typer, *before: str) -> Iterator[tuple[str, ...]]:
    """Yield the words that each command is called by."""
    for each in group.registered_commands:
        assert each.callback is not None
        yield (*before, each.name or each.callback.__name__.replace("_", "-"))
    for below in group.registered_groups:
        assert below.typer_instance is not None
        yield from words_of_all(below.typer_instance, *before, str(below.name))


def help_of(*words: str, width: int = 80) -> str:
    result = CliRunner().invoke(
        command_line(*words[:1]), [*words, "--help"], env={"COLUMNS": str(width), "TERMINAL_WIDTH": str(width)}
    )
    assert result.exit_code == 0, result.output
    return result.output


COMMANDS = list(words_of_all(command_line()))


@cache
def whole() -> Any:
    return get_command(command_line())


@every_case("words", COMMANDS, ids=" ".join)
def test_each_command_has_an_example_and_the_option_json(words: tuple[str, ...]) -> None:
    command = whole()
    for word in words:
        command = command.commands[word]
    example = command.help.partition("Example: ")[2]
    assert f"practio {' '.join(words)}" in example
    assert "--json" in {name for each in command.params for name in each.opts}


@every_case("words", part(COMMANDS, of=4), ids=" ".join)
def test_the_help_shows_the_example_and_the_option_json(words: tuple[str, ...]) -> None:
    output = help_of(*words)
    example = output.partition("Example: ")[2]
    assert f"practio {' '.join(words)}" in example
    assert "--json" in output


def test_paragraphs_are_wrapped_and_list_items_have_their_own_lines() -> None:
    docstring = "First line\ngoes on.\n\nA paragraph\nof two.\n\n- One\n  and more.\n- Two with\n  --json too."
    assert unwrap(docstring) == (
        "First line goes on.\n\nA paragraph of two.\n\n- One and more.\n- Two with --json too."
    )


def test_a_shell_completes_names_of_messages() -> None:
    complete = {"_PRACTIO_COMPLETE": "complete_bash", "COMP_WORDS": "practio ask rooms.get-r", "COMP_CWORD": "2"}
    result = CliRunner().invoke(command_line(), [], env=complete, prog_name="practio")
    assert result.output.split() == ["rooms.get-room.v1", "rooms.get-report.v1"]


@every_case(
    ("name", "message"),
    [
        ("membership.request-to-jion.v1", "membership.request-to-join.v1"),
        ("rooms.search-rooms.v1", "practio ask"),
        ("people.person-erased.v1", "practio tell"),
    ],
)
def test_an_unknown_name_suggests_similar_ones(name: str, message: str) -> None:
    with pytest.raises(OperatorError, match=message):
        send(name, "{}")


@every_case(
    ("pattern", "fits"),
    [
        ("#", True),
        ("membership.#", True),
        ("membership.joined.v1", True),
        ("*.joined.*", True),
        ("#.v1", True),
        ("membership.#.v1.#", True),
        ("membership.*", False),
        ("membrship.#", False),
        ("people.#", False),
    ],
)
def test_event_patterns_match_as_they_do_in_the_broker(pattern: str, fits: bool) -> None:
    assert ("membership.joined.v1" in matching_events(pattern)) is fits


def test_a_command_loads_only_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a new process, which would take longer to start: no command is loaded yet."""
    for name in loaded():
        monkeypatch.delitem(sys.modules, name)
        monkeypatch.delattr(name, raising=False)
    monkeypatch.setattr(main, "_found", main._found.__wrapped__)
    command_line("letters")
    assert loaded() == ["practio_operator.commands.letters", "practio_operator.commands.resend"]


def loaded() -> list[str]:
    return sorted(name for name in sys.modules if name.startswith("practio_operator.commands."))
