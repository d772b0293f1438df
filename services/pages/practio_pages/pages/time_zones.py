"""The time zones that a form offers."""

from practio_contracts.fields import time_zones


def zones() -> list[str]:
    """Return the zones that are named after a place."""
    return sorted(name for name in time_zones() if "/" in name and not name.startswith(("Etc/", "SystemV/", "US/")))
