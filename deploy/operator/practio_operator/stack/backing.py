"""The choice of a stack's backing, with the reason."""

import os

from practio_operator.console.errors import OperatorError
from practio_operator.stack import engine, external
from practio_operator.stack.stack import Backing


def choose_backing() -> tuple[Backing, str]:
    """Return the backing to use, and the end of a sentence with the reason.

    PRACTIO_BACKING overrides the choice. Otherwise the order is: the environment's servers, a Docker engine with all
    images, this machine's own programs. Raise OperatorError if PRACTIO_BACKING is not valid.
    """
    if forced := os.environ.get("PRACTIO_BACKING"):
        return _forced(forced), "PRACTIO_BACKING is set"
    if external.is_given():
        return Backing.EXTERNAL, f"{external.BROKER} and {external.DATABASE} are set"
    missing = engine.missing_for_docker()
    if missing is None:
        return Backing.DOCKER, "a Docker engine answers and has the images"
    return Backing.NATIVE, missing


def _forced(value: str) -> Backing:
    try:
        return Backing(value)
    except ValueError:
        raise OperatorError(f"PRACTIO_BACKING is {value!r}: use {', '.join(Backing)}.") from None
