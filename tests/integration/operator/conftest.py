"""The stack on private servers, as an operator sees it: the command `practio` on a home of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.operator.terminal import Terminal

from practio_operator.errors import OperatorError
from practio_operator.stack.binaries import find_binaries
from practio_operator.stack.home import Home


@pytest.fixture(scope="module")
def native(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """Give a terminal whose stack, on private servers, is up; at the end it is down."""
    try:
        find_binaries()
    except OperatorError as lacking:
        pytest.skip(str(lacking))
    found = Terminal(Home(tmp_path_factory.mktemp("native")), {"PRACTIO_BACKING": "native"})
    try:
        found.does("up")
        yield found
    finally:
        found.practio("down")


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """Give a terminal where no stack is up."""
    return Terminal(Home(tmp_path), {})
