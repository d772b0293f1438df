"""The stack on private servers, as an operator sees it: the command `practio` on a home of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.operator.terminal import Terminal

from practio_operator.console.errors import OperatorError
from practio_operator.stack.binaries import find_binaries
from practio_operator.stack.home import Home


@pytest.fixture(scope="module")
def native(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """Yield a terminal with a running stack on private servers; at the end it is down."""
    try:
        find_binaries()
    except OperatorError as error:
        pytest.skip(str(error))
    found = Terminal(Home(tmp_path_factory.mktemp("native")), {"PRACTIO_BACKING": "native"})
    try:
        found.does("up")
        yield found
    finally:
        found.practio("down")


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """Return a terminal without a running stack."""
    return Terminal(Home(tmp_path), {})
