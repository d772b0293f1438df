"""The docker backing of a stack (being written)."""

from practio_operator.errors import OperatorError
from practio_operator.local.home import Home
from practio_operator.local.stack import Stack


async def start(home: Home, stack: Stack) -> None:
    """Start."""
    raise OperatorError("not there yet")


def stop(home: Home, stack: Stack) -> None:
    """Stop."""


def logs(home: Home, *, lines: int, part: str | None) -> None:
    """Show."""
