"""What is wrong with a field of text or of choices, in the forms whose fields can have no other fault. Pure."""

from enum import StrEnum


class FieldFault(StrEnum):
    """A fault of one field."""

    MISSING = "missing"
    CHOOSE = "choose"
    TOO_LONG = "too-long"
    UNREADABLE = "unreadable"

    @classmethod
    def of_text(cls, kind: str) -> "FieldFault":
        """Return the fault of a text for which pydantic reports an error of this ``kind``."""
        return cls.TOO_LONG if kind in ("too_long", "string_too_long") else cls.UNREADABLE


FieldFaults = dict[str, FieldFault]
"""The faults by the name of the field."""
