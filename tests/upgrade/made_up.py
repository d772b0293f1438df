"""A made-up release before, for as long as there is none: today's sources, a little older."""

from pathlib import Path

NOT_SAID = ("over_capacity: int = 0", "over_capacity: int = Field(default=0, exclude=True)")
"""A field that facts have today and did not have then; who reads such a fact takes the default."""

FACTS = "contracts/practio_contracts/membership/events.py"


def make_older(sources: Path) -> None:
    """Make an older release of the sources of a checkout, in which a fact says one thing less.

    Raises AssertionError where that fact reads otherwise by now.
    """
    facts = sources / FACTS
    today, before = NOT_SAID
    assert facts.read_text().count(today) == 1, f"{FACTS} has {today!r} no more: take another field"
    facts.write_text(f"from pydantic import Field\n{facts.read_text().replace(today, before)}")
