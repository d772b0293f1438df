"""Ids as forms and addresses contain them. Pure."""

from uuid import UUID


def id_in(text: str) -> UUID | None:
    """Return the id that a text is; None if it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
