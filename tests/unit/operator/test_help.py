"""What `practio` says of itself: each command with an example, `--json`, and names that a shell completes."""

from collections.abc import Iterator

import pytest
import typer
from typer.testing import CliRunner

from practio_operator.commands.message_commands import send
from practio_operator.errors import OperatorError
from practio_operator.main import commands, flowing
from practio_operator.watching import events_like


def words_of_all(group: typer.Typer, *before: str) -> Iterator[tuple[str, ...]]:
    """Give the words that each command is called by."""
    for each in group.registered_commands:
        assert each.callback is not None
        yield (*before, each.name or each.callback.__name__.replace("_", "-"))
    for below in group.registered_groups:
        assert below.typer_instance is not None
        yield from words_of_all(below.typer_instance, *before, str(below.name))


def help_of(*words: str, width: int = 80) -> str:
    told = CliRunner().invoke(commands, [*words, "--help"], env={"COLUMNS": str(width), "TERMINAL_WIDTH": str(width)})
    assert told.exit_code == 0, told.output
    return told.output


@pytest.mark.parametrize("words", list(words_of_all(commands)), ids=" ".join)
def test_each_command_shows_an_example_of_itself_and_understands_json(words: tuple[str, ...]) -> None:
    told = help_of(*words)
    example = told.partition("Example: ")[2]
    assert f"practio {' '.join(words)}" in example
    assert "--json" in told


def test_paragraphs_flow_and_points_of_a_list_stand_by_themselves() -> None:
    docstring = "First line\ngoes on.\n\nA paragraph\nof two.\n\n- One\n  and more.\n- Two with\n  --json too."
    assert flowing(docstring) == (
        "First line goes on.\n\nA paragraph of two.\n\n- One and more.\n- Two with --json too."
    )


def test_a_shell_completes_names_of_messages() -> None:
    complete = {"_PRACTIO_COMPLETE": "complete_bash", "COMP_WORDS": "practio ask rooms.get-r", "COMP_CWORD": "2"}
    told = CliRunner().invoke(commands, [], env=complete, prog_name="practio")
    assert told.output.split() == ["rooms.get-room.v1", "rooms.get-report.v1"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("membership.request-to-jion.v1", "membership.request-to-join.v1"),
        ("rooms.search-rooms.v1", "practio ask"),
        ("people.person-erased.v1", "practio tell"),
    ],
)
def test_a_name_that_is_none_leads_to_what_may_be_meant(name: str, told: str) -> None:
    with pytest.raises(OperatorError, match=told):
        send(name, "{}")


@pytest.mark.parametrize(
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
def test_patterns_of_events_are_those_of_the_broker(pattern: str, fits: bool) -> None:
    assert ("membership.joined.v1" in events_like(pattern)) is fits
