"""A made-up release before, for as long as there is none: today's sources, a little older."""

from pathlib import Path

NOT_SAID = ("over_capacity: int = 0", "over_capacity: int = Field(default=0, exclude=True)")
"""A field that events have today and did not have then; who reads such an event takes the default."""

FACTS = "contracts/practio_contracts/membership/events.py"


def make_older(sources: Path) -> None:
    """Make an older release of the sources of a checkout, in which an event says one thing less.

    Raises AssertionError where that event reads otherwise by now.
    """
    events = sources / FACTS
    today, before = NOT_SAID
    assert events.read_text().count(today) == 1, f"{FACTS} has {today!r} no more: take another field"
    events.write_text(f"from pydantic import Field\n{events.read_text().replace(today, before)}")
