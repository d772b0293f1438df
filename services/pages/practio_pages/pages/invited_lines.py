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
_QUOTED = '"[^"]*"'
_NAMED = re.compile(r'(?:"(?P<quoted>[^"]*)"\s*|(?P<name>[^"<>]*))<(?:mailto:)?(?P<address>[^<>]*)>')
_BETWEEN = re.compile(r'[\s<>()\[\]{}",;:|“”„‘’«»‹›]+')
"""What cannot be part of an address that is written without quotation marks."""

_MARKS = re.compile(r'["\\<>()\[\]{}“”„«»‹›]')
_AROUND = " ,;:|·•*–—-'"
"""Characters that may surround a name without being part of it."""

_UNREAD = re.compile(r"@|[\w-]\.[a-z]{2}", re.IGNORECASE)
"""A sign that what is left beside an address is another one, with a mistake in it, and no name."""

_SEVERAL = 2


@dataclass(frozen=True, slots=True)
class InvitedLine:
    """A line as it was typed, and the introduction that it stands for; None if it contains no clear address.

    A person who was chosen by name has no line in the form, but a ``person_id``.
    """

    text: str
    introduction: Introduce | None
    person_id: UUID | None = None


class InvitedLineResult(StrEnum):
    """What came of a line."""

    INVITED = "invited"
    APPROVED = "approved"
    UNCHANGED = "unchanged"
    BROKEN = "broken"
    REFUSED = "refused"
    LEFT = "left"


DONE = frozenset({InvitedLineResult.INVITED, InvitedLineResult.APPROVED, InvitedLineResult.UNCHANGED})


@dataclass(frozen=True, slots=True)
class InvitedLineOutcome:
    """What came of a line; ``refusal`` is why it was refused."""

    line: InvitedLine
    result: InvitedLineResult
    refusal: Refusal | None = None

    @property
    def is_done(self) -> bool:
        """Return whether nothing is left to do about the line."""
        return self.result in DONE


def lines_of(text: str, *, room_id: UUID) -> list[InvitedLine]:
    """Return the lines with content, each address once; several addresses on a line are lines of their own."""
    lines: dict[str, InvitedLine] = {}
    for entry in _entries(text):
        line = InvitedLine(entry, _introduction(entry, room_id))
        lines.setdefault(line.introduction.email.casefold() if line.introduction else entry, line)
    return list(lines.values())


def remaining(outcomes: Sequence[InvitedLineOutcome]) -> str:
    """Return the lines about which something is left to do, as they were typed, those that were not read yet first."""
    left = [each for each in outcomes if not each.is_done and not each.line.person_id]
    return "\n".join(
        each.line.text for each in sorted(left, key=lambda each: each.result is not InvitedLineResult.LEFT)
    )


def chosen_in(fields: Mapping[str, str]) -> list[UUID]:
    """Return the people who were ticked in a form."""
    names = (name.removeprefix(CHOSEN) for name, value in fields.items() if name.startswith(CHOSEN) and value)
    return [UUID(name) for name in names if _ID.fullmatch(name)][:MOST]


def _entries(text: str) -> Iterator[str]:
    """Return the parts of a text that stand for one address each, as they were typed.

    Semicolons part them; commas and blanks do if there are several addresses. Between quotation marks, nothing does.
    """
    for line in re.split(r"[\r\n]", text):
        for part in _split(line, ";"):
            for entry in _split(part, ",") if len(_addresses(part)) > 1 else [part]:
                yield from (each.strip() for each in _split_at_blanks(entry) if each.strip())


def _split(text: str, separator: str) -> Iterator[str]:
    start = 0
    for found in re.finditer(f"{_QUOTED}|{separator}", text):
        if found[0] == separator:
            yield text[start : found.start()]
            start = found.end()
    yield text[start:]


def _split_at_blanks(entry: str) -> list[str]:
    """Return addresses that blanks alone part, and those in angle brackets with their names; others are not parted."""
    if len(_addresses(entry)) < _SEVERAL or _NAMED.fullmatch(entry.strip()):
        return [entry]
    words = entry.split()
    return words if all("@" in each for each in words) else re.split(r"(?<=>)\s", entry)


def _addresses(text: str) -> list[str]:
    """Return what looks like an address in a text: outside of quotation marks, if anything there does."""
    for place in (re.sub(_QUOTED, " ", text), text):
        words = [each.strip("'").rstrip("'.") for each in _BETWEEN.split(place)]
        if found := [each for each in words if "@" in each.strip("@")]:
            return found
    return []


def _introduction(entry: str, room_id: UUID) -> Introduce | None:
    name, address = _parted(entry)
    if not can_leave_to(address):
        return None
    try:
        return Introduce(room_id=room_id, email=address, display_name=name or None)
    except ValidationError:
        return None


def _parted(entry: str) -> tuple[str, str]:
    """Return the name and the address of an entry; the address is empty if there is none, or if it is not clear."""
    if found := _NAMED.fullmatch(entry.strip(" ,")):
        return (found["quoted"] or found["name"] or "").strip(), tidy(found["address"])
    addresses = _addresses(entry)
    if len({each.casefold() for each in addresses}) != 1:
        return "", ""
    address = addresses[0]
    rest = re.sub(rf"(mailto:)?{re.escape(address)}>?\.?", " ", entry, flags=re.IGNORECASE)
    name = " ".join(_MARKS.sub(" ", rest).split()).strip(_AROUND)
    return ("", "") if _UNREAD.search(name) else (name, address)
