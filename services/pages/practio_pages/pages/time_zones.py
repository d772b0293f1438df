"""The time zones that a form offers."""

from collections.abc import Sequence
from functools import cache

from practio_contracts.fields import time_zones


@cache
def zones() -> Sequence[str]:
    """Return the zones that are named after a place."""
    return sorted(name for name in time_zones() if "/" in name and not name.startswith(("Etc/", "SystemV/", "US/")))
