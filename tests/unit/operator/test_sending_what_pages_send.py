"""Whatever pages can do, the command line can: `practio send` and `practio ask` know every message that pages send."""

import json
from pathlib import Path

from tests.support.every_case import every_case
from typer.testing import CliRunner

from practio_contracts.message import Command, Query
from practio_contracts.pages import USES
from practio_operator.main import command_line

EXAMPLES = Path(__file__).parents[3] / "contracts" / "examples"
SENDING = command_line("send", "ask")
PERSON = "018f6f9a-0000-7000-8000-000000000001"
SENT = [message for message, use in USES.items() if use.pages and issubclass(message, Command | Query)]


def example_of(message: type[Command | Query]) -> str:
    """Return the data of a frozen example of a message, as JSON."""
    [example, *_] = sorted(EXAMPLES.glob(f"{message.routing_key}*.json"))
    return json.dumps(json.loads(example.read_text(encoding="utf-8"))["data"])


@every_case("message", SENT, ids=lambda message: message.routing_key)
def test_what_a_page_sends_the_command_line_sends_as_any_person(message: type[Command | Query]) -> None:
    word = "send" if issubclass(message, Command) else "ask"
    arguments = [word, message.routing_key, "--data", example_of(message), "--actor", PERSON, "--check", "--json"]
    result = CliRunner().invoke(SENDING, arguments)
    assert result.exit_code == 0, result.exception
    assert json.loads(result.output)["type"] == message.type_name()


def test_the_table_has_commands_and_queries() -> None:
    assert {kind for kind in (Command, Query) for message in SENT if issubclass(message, kind)} == {Command, Query}
