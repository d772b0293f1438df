"""The form in which a host states a room: its fields become what a command states, or faults by field. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import count
from typing import Any, TypeVar
from uuid import UUID

from pydantic import ValidationError

from practio_contracts.answers import Refusal
from practio_contracts.fields import tidy
from practio_contracts.rooms import USUAL_SEATS, CreateRoom, Format, Question, ReviseRoom, Role, Room, usual_roles

_TEXTS = ("domain", "purpose", "for_whom", "format", "mode", "time_zone", "place", "meeting_url")
FIELDS = (
    "title",
    *_TEXTS,
    "capacity",
    "was.capacity",
    "roles",
    "was.roles",
    "language",
    "policy",
    "questions",
    "waitlist",
    "guidelines_text",
)
"""The fields of the form; ``was.…`` are the capacity and roles that the page showed, ``waitlist`` is a box to tick."""

STATEMENTS = tuple(name for name in FIELDS if not name.startswith("was."))
"""The fields that a person sees."""

C = TypeVar("C", CreateRoom, ReviseRoom)


class RoomFormFault(StrEnum):
    """A fault of one field, or of a form as a whole."""

    MISSING = "missing"
    NUMBER = "number"
    CHOOSE = "choose"
    ZONE = "zone"
    ADDRESS = "address"
    ROLES = "roles"
    TOO_LONG = "too-long"
    UNREADABLE = "unreadable"
    UNFIT = "unfit"
    NOTHING_CHANGED = "nothing-changed"


RoomFormFaults = dict[str, RoomFormFault]
"""The faults by the name of the field; the form as a whole has the empty name."""

_OF_FIELD = {
    "capacity": RoomFormFault.NUMBER,
    "format": RoomFormFault.CHOOSE,
    "mode": RoomFormFault.CHOOSE,
    "policy": RoomFormFault.CHOOSE,
    "language": RoomFormFault.CHOOSE,
    "time_zone": RoomFormFault.ZONE,
    "meeting_url": RoomFormFault.ADDRESS,
    "roles": RoomFormFault.ROLES,
    "waitlist_limit": RoomFormFault.NUMBER,
    "offer_window_hours": RoomFormFault.NUMBER,
    "request_expires_after_days": RoomFormFault.NUMBER,
    "reapply_after_days": RoomFormFault.NUMBER,
    "promotion": RoomFormFault.CHOOSE,
    "after_lapse": RoomFormFault.CHOOSE,
    "sponsor_kind": RoomFormFault.CHOOSE,
}


def content_of(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the content of a form that was sent."""
    return {name: tidy(fields.get(name, "")) for name in FIELDS}


def new_form(*, language: str, time_zone: str, room_format: Format | None = None) -> dict[str, str]:
    """Return the content of the form of a new room, with what is usual in its format if that is chosen."""
    usual = {"language": language, "time_zone": time_zone, "policy": "approval", "waitlist": "yes"}
    if room_format:
        seats = USUAL_SEATS[room_format]
        roles = _lines_of_roles(usual_roles(room_format, seats))
        usual |= {"format": room_format.value, "capacity": str(seats), "was.capacity": str(seats)}
        usual |= {"roles": roles, "was.roles": roles}
    return {name: usual.get(name, "") for name in FIELDS}


def form_of(room: Room) -> dict[str, str]:
    """Return the content of the form of a room as it stands."""
    roles = _lines_of_roles(room.roles)
    return {
        **{name: str(getattr(room, name) or "") for name in ("title", *_TEXTS, "capacity", "language")},
        "was.capacity": str(room.capacity or ""),
        "roles": roles,
        "was.roles": roles,
        "policy": str(room.access.policy or ""),
        "questions": "\n".join(line_of(each) for each in room.access.questions),
        "waitlist": "yes" if room.access.waitlist.enabled else "",
        "guidelines_text": room.guidelines.text if room.guidelines else "",
    }


def command_of(
    kind: type[C], form: Mapping[str, str], room_id: UUID, *, asked: Sequence[Question] = (), **more: Any
) -> C | RoomFormFaults:
    """Return the command that states what a form does, or the faults of its fields.

    Capacity and roles that nobody has changed are left out: they follow the format. ``asked`` are the questions of the
    draft.
    """
    faults: RoomFormFaults = {} if form["title"] else {"title": RoomFormFault.MISSING}
    stated: dict[str, Any] = {name: form[name] or None for name in _TEXTS}
    stated |= {
        "room_id": room_id,
        "title": form["title"] or "?",  # so that the faults of the other fields are found too
        "language": form["language"] or None,
        "access": {
            "policy": form["policy"] or None,
            "questions": list(questions_of(form["questions"], asked)),
            "waitlist": {"enabled": bool(form["waitlist"])},
        },
        "guidelines": {"text": form["guidelines_text"]} if form["guidelines_text"] else None,
        **more,
    }
    if form["capacity"] != form["was.capacity"]:
        stated["capacity"] = number_of(form["capacity"])
        if form["capacity"] and stated["capacity"] is None:
            faults["capacity"] = RoomFormFault.NUMBER
    if form["roles"] != form["was.roles"]:
        stated["roles"] = [role_of(line) for line in lines_of(form["roles"])]
    try:
        command = kind.model_validate(stated)
    except ValidationError as error:
        named = [(_field(each["loc"]), each["type"]) for each in error.errors()]
        return faults | {name: fault_of(name, kind_of_fault) for name, kind_of_fault in named}
    return faults or command


def faults_of(refusal: Refusal, form: Mapping[str, str]) -> RoomFormFaults:
    """Return the faults of fields that a refusal names: a field that is empty, or that does not fit the others."""
    named = [each.field.rpartition(".")[2] for each in refusal.errors]
    return {name: RoomFormFault.UNFIT if form[name] else RoomFormFault.MISSING for name in named if name in form}


def changed_meanwhile(form: Mapping[str, str], room: Room) -> dict[str, str]:
    """Return what a room states now, by field, where it differs from a form."""
    now = form_of(room)
    return {name: now[name] for name in STATEMENTS if now[name] != form[name]}


def _lines_of_roles(roles: Sequence[Role]) -> str:
    return "\n".join(f"{role.name}: {role.seats}" if role.seats else role.name for role in roles)


def number_of(text: str) -> int | None:
    """Return the number that a field states; None if it is no whole number of at most six digits."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


def lines_of(text: str) -> list[str]:
    """Return the lines with content."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def role_of(line: str) -> dict[str, Any]:
    """Return the role that a line states: a name, and its seats after a colon."""
    name, _, seats = line.rpartition(":")
    number = number_of(seats.strip())
    return {"name": name.strip(), "seats": number} if name.strip() and number is not None else {"name": line}


def line_of(question: Question) -> str:
    """Return the line that states a question: in brackets if it needs no answer."""
    text = " ".join(question.text.splitlines())
    return text if question.required else f"({text})"


def question_of(line: str) -> tuple[str, bool]:
    """Return the question that a line states, and whether it needs an answer."""
    inside = line[1:-1].strip() if line.startswith("(") and line.endswith(")") else ""
    return (inside, False) if inside else (line, True)


def questions_of(text: str, asked: Sequence[Question]) -> Iterator[dict[str, Any]]:
    """Yield the questions that a text states; one of those that are ``asked`` keeps its key, as far as it is the same.

    Requests have answered it by its key. A line that was not changed states what it did: text in brackets may be the
    text of a question that needs an answer.
    """
    left = {line_of(each): each for each in asked}
    keys = {each.key for each in left.values()}
    free = (key for number in count(1) if (key := f"q{number}") not in keys)
    for line in lines_of(text):
        words, required = question_of(line)
        same = (shown for shown, each in left.items() if " ".join(each.text.splitlines()) == words)
        known = left.pop(line if line in left else next(same, ""), None)
        stated = {} if known and line_of(known) == line else {"required": required}
        yield known.model_dump() | stated if known else {"key": next(free), "text": words, "required": required}


def _field(place: tuple[int | str, ...]) -> str:
    match place:
        case ("access", name, *_):
            return str(name)
        case ("guidelines", *_):
            return "guidelines_text"
        case _:
            return str(place[0])


def fault_of(field: str, kind: str) -> RoomFormFault:
    """Return the fault of a field that was refused for an error of this ``kind``, as pydantic names it."""
    if kind in ("too_long", "string_too_long") and field != "roles":
        return RoomFormFault.TOO_LONG
    return _OF_FIELD.get(field, RoomFormFault.UNREADABLE)
