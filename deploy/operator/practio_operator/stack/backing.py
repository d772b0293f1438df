"""Which of the three backings a stack takes, and why (operations.md, the order)."""

import os

from practio_operator.errors import OperatorError
from practio_operator.stack import engine, external
from practio_operator.stack.stack import Backing


def choose_backing() -> tuple[Backing, str]:
    """Return the backing to use, and the end of a sentence with the reason.

    PRACTIO_BACKING overrides the choice; otherwise given servers, a Docker engine with all images, or this machine's
    own programs. Raise OperatorError if PRACTIO_BACKING is none of them.
    """
    if forced := os.environ.get("PRACTIO_BACKING"):
        return _forced(forced), "PRACTIO_BACKING says so"
    if external.is_given():
        return Backing.EXTERNAL, f"{external.BROKER} and {external.DATABASE} are given"
    lacking = engine.what_lacks()
    if lacking is None:
        return Backing.DOCKER, "a Docker engine answers and has the images"
    return Backing.NATIVE, lacking


def _forced(value: str) -> Backing:
    try:
        return Backing(value)
    except ValueError:
        raise OperatorError(f"PRACTIO_BACKING is {value!r}: say {', '.join(Backing)}.") from None
