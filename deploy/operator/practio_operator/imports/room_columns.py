"""The columns of a file of rooms, and what a line stands for: a room, its host, and its first dates."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict

from practio_contracts.fields import ShortText
from practio_contracts.mail_addresses import address_key
from practio_contracts.notifications import MailAddress
from practio_contracts.recipients import can_leave_to
from practio_contracts.rooms import CreateRoom, Mode, Policy, ReviseRoom, ScheduleSession
from practio_operator.imports.columns import ADDRESS, ROLE_SEPARATOR
from practio_operator.imports.csv_file import NAMESPACE, CellError, Cells, Columns

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_EVERY_WEEKS = re.compile(r"every (\d{1,2}) weeks")
_NO_TIME = "first_session is not a time such as 2027-01-14 18:00, by the clock of the room's time zone"
_NOBODY = UUID(int=0)
_STATED = ("title", "domain", "purpose", "for_whom", "language", "time_zone", "place", "meeting_url")
_CODES = ("format", "mode")
"""The columns whose values are codes: capitals, and spaces for hyphens, do not matter."""


class RoomLine(BaseModel):
    """A room as a line states it; ``room`` and ``session`` are the data of their commands, without ids."""

    model_config = ConfigDict(frozen=True)
    routing_key: ClassVar[str] = "import-rooms"

    host: MailAddress
    host_name: ShortText | None = None
    room: dict[str, Any]
    session: dict[str, Any] | None = None

    @property
    def title(self) -> str:
        """Return the room's title."""
        return str(self.room["title"])

    def create(self, room_id: UUID) -> CreateRoom:
        """Return the command that drafts the room."""
        return CreateRoom.model_validate({"room_id": room_id, **self.room})

    def revise(self, room_id: UUID) -> ReviseRoom:
        """Return the command after which a draft states what the line states."""
        return ReviseRoom.model_validate({"room_id": room_id, **self.room})

    def schedule(self, room_id: UUID, session_id: UUID) -> ScheduleSession | None:
        """Return the command that plans the room's dates; None if the line states none."""
        if self.session is None:
            return None
        return ScheduleSession.model_validate({"room_id": room_id, "session_id": session_id, **self.session})


def rule_of(repeats: str, first: datetime) -> str | None:
    """Return the rule (RFC 5545) of a room's dates from ``first`` on: stated itself or in words; None: one date.

    Raise CellError if the import does not know the words.
    """
    words = " ".join(repeats.casefold().split())
    if words in ("", "once", "no"):
        return None
    if words.upper().startswith(("FREQ=", "RRULE:")):
        return repeats.strip()
    if words == "daily":
        return "FREQ=DAILY"
    if words == "weekly":
        return "FREQ=WEEKLY"
    if words == "fortnightly":
        return "FREQ=WEEKLY;INTERVAL=2"
    if found := _EVERY_WEEKS.fullmatch(words):
        return f"FREQ=WEEKLY;INTERVAL={max(1, int(found[1]))}"
    if words == "monthly":
        # The same weekday of each month; a fifth one is the last, since few months have five.
        week = (first.day - 1) // 7 + 1
        return f"FREQ=MONTHLY;BYDAY={-1 if week > 4 else week}{WEEKDAYS[first.weekday()]}"
    raise CellError(
        "repeats: enter once, daily, weekly, fortnightly, every 3 weeks, monthly, or a rule such as "
        "FREQ=WEEKLY;INTERVAL=2"
    )


def room_id_of(seed: str, line: RoomLine) -> UUID:
    """Return the id of a line's room: the same for the same title and host in one file, however else it was corrected.

    Only someone who has the file can derive it: an id, which everybody may read, tells nothing of an address.
    """
    return uuid5(NAMESPACE, f"{seed} room {' '.join(line.title.split()).casefold()}\n{address_key(line.host)}")


def session_id_of(room_id: UUID, number: int = 0) -> UUID:
    """Return the id of the session that a line plans in its room; ``number``: after how many other dates."""
    return uuid5(room_id, f"first session {number}" if number else "first session")


def _room(cells: Cells) -> RoomLine:
    if not can_leave_to(cells["host"]):
        raise CellError(f"host {ADDRESS}")
    line = RoomLine(
        host=cells["host"],
        host_name=cells.get("host_name"),
        room=dict(_stated(cells)),
        session=_session(cells),
    )
    line.create(_NOBODY)
    line.schedule(_NOBODY, _NOBODY)
    _check_meeting(cells, line)
    return line


def _stated(cells: Cells) -> Iterator[tuple[str, Any]]:
    yield from ((name, cells[name]) for name in _STATED if name in cells)
    yield from ((name, _code(cells[name])) for name in _CODES)
    yield "capacity", _number("capacity", cells["capacity"])
    yield "access", {"policy": _code(cells.get("policy", Policy.APPROVAL))}
    if roles := cells.get("roles"):
        yield "roles", [_role(each) for each in roles.split(ROLE_SEPARATOR)]
    if text := cells.get("guidelines"):
        yield "guidelines", {"text": text}
    if sponsor := cells.get("sponsor"):
        yield "sponsor", {"kind": "organisation", "name": sponsor}


def _session(cells: Cells) -> dict[str, Any] | None:
    if "first_session" not in cells:
        if "repeats" in cells or "minutes" in cells:
            raise CellError("nothing in first_session: enter when the room meets first, such as 2027-01-14 18:00")
        return None
    first = _first(cells["first_session"])
    rule = rule_of(cells.get("repeats", ""), first)
    return {
        "starts_at": first.isoformat(timespec="minutes"),
        "duration_minutes": _number("minutes", cells.get("minutes", "90")),
        **({"recurrence": {"rrule": rule}} if rule else {}),
    }


def _first(cell: str) -> datetime:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?", cell, re.ASCII):
        raise CellError(_NO_TIME)
    try:
        return datetime.fromisoformat(cell)
    except ValueError:
        raise CellError(_NO_TIME) from None


def _check_meeting(cells: Cells, line: RoomLine) -> None:
    """Raise CellError if the line does not state where people meet: such a room cannot be published."""
    mode = line.room["mode"]
    if mode != Mode.ONLINE and "place" not in cells:
        raise CellError("nothing in place: enter where people meet in person")
    if mode != Mode.IN_PERSON and "meeting_url" not in cells:
        raise CellError("nothing in meeting_url: enter the address where people meet online")


def _role(cell: str) -> dict[str, Any]:
    name, _, seats = cell.partition(":")
    return {"name": name.strip()} | ({"seats": _number("roles", seats.strip())} if seats.strip() else {})


def _number(column: str, cell: str) -> int:
    if not (cell.isascii() and cell.isdecimal() and len(cell) < 10):
        raise CellError(f"{column} is not a whole number")
    return int(cell)


def _code(cell: str) -> str:
    return "-".join(cell.casefold().replace("-", " ").split())


ROOMS = Columns(
    required=("title", "host", "domain", "purpose", "format", "mode", "capacity", "time_zone"),
    optional=(
        *("host_name", "for_whom", "language", "place", "meeting_url", "policy", "roles", "guidelines", "sponsor"),
        *("first_session", "minutes", "repeats"),
    ),
    message=_room,
    identity=lambda line: (" ".join(line.title.split()).casefold(), address_key(line.host)),
    descriptions={
        "host": ADDRESS,
        "time_zone": "is not an IANA time zone such as Europe/Rome",
        "language": "is not a BCP 47 tag such as de or pt-BR",
        "format": "is not intervision, peer-coaching, peer-supervision or method-practice",
        "mode": "is not online, in-person or hybrid",
        "capacity": "is not a number from 1 to 10,000",
        "access": "is wrong: policy is open, approval or invitation",
        "meeting_url": "is not an address such as https://meet.example.org/room",
        "duration_minutes": "is wrong: minutes is a number from 1 to 10,080",
    },
    sheet="rooms",
)
