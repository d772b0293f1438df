"""The people whom an office invites: by pasted addresses, a line for each, or by name; and what came of each. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from pydantic import ValidationError

from practio_contracts.answers import Refusal
from practio_contracts.fields import tidy
from practio_contracts.notifications import Introduce
from practio_contracts.recipients import can_leave_to

MOST = 200
"""The number of lines that are read at once; the others stay in the field."""

CHOSEN = "person-"
"""How the names of the fields begin in which people are ticked; the id follows."""

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NAMED = re.compile(r'"?(?P<name>[^"<>]*?)"?\s*<(?P<address>[^<>]*)>')


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it was typed, and the introduction that it stands for; None if it contains no address.

    A person who was chosen by name has no line in the form, but a ``person_id``.
    """

    text: str
    introduction: Introduce | None
    person_id: UUID | None = None


class Result(StrEnum):
    """What came of a line."""

    INVITED = "invited"
    APPROVED = "approved"
    UNCHANGED = "unchanged"
    BROKEN = "broken"
    REFUSED = "refused"
    LEFT = "left"


DONE = frozenset({Result.INVITED, Result.APPROVED, Result.UNCHANGED})


@dataclass(frozen=True, slots=True)
class LineOutcome:
    """What came of a line; ``refusal`` is why it was refused."""

    line: Line
    result: Result
    refusal: Refusal | None = None

    @property
    def is_done(self) -> bool:
        """Return whether nothing is left to do about the line."""
        return self.result in DONE


def lines_of(text: str, *, room_id: UUID) -> list[Line]:
    """Return the lines with content, each address once; several addresses on a line are lines of their own."""
    lines: dict[str, Line] = {}
    for entry in _entries(text):
        line = Line(entry, _introduction(entry, room_id))
        lines.setdefault(line.introduction.email.casefold() if line.introduction else entry, line)
    return list(lines.values())


def remaining(outcomes: Sequence[LineOutcome]) -> str:
    """Return the lines about which something is left to do, as they were typed, those that were not read yet first."""
    left = [each for each in outcomes if not each.is_done and not each.line.person_id]
    return "\n".join(each.line.text for each in sorted(left, key=lambda each: each.result is not Result.LEFT))


def chosen_in(fields: Mapping[str, str]) -> list[UUID]:
    """Return the people who were ticked in a form."""
    names = (name.removeprefix(CHOSEN) for name, value in fields.items() if name.startswith(CHOSEN) and value)
    return [UUID(name) for name in names if _ID.fullmatch(name)][:MOST]


def _entries(text: str) -> Iterator[str]:
    for line in re.split(r"[\n;]", text.replace("\r\n", "\n")):
        entries = line.split(",") if line.count("@") > 1 else [line]
        yield from (entry.strip() for entry in entries if entry.strip())


def _introduction(entry: str, room_id: UUID) -> Introduce | None:
    found = _NAMED.fullmatch(entry)
    name, address = (found["name"].strip(), found["address"]) if found else ("", entry)
    address = tidy(address)
    if "<" in address or ">" in address or not can_leave_to(address):
        return None
    try:
        return Introduce(room_id=room_id, email=address, display_name=name or None)
    except ValidationError:
        return None
