"""The form in which an office revises a published room: what was changed becomes a command, or faults by field. Pure.

A page carries a mark of each text that it showed (``was.…``), by which a text that the reader has changed, and one that
somebody else has changed meanwhile, are recognised.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from pydantic import ValidationError

from practio_contracts.fields import tidy
from practio_contracts.rooms import ReviseRoom, Room, SponsorKind
from practio_pages.entered_fields import EnteredField, entered_in
from practio_pages.pages import room_form
from practio_pages.pages.desk import FACILITATOR, HOST
from practio_pages.pages.room_form import (
    STATEMENTS,
    RoomFormFault,
    RoomFormFaults,
    fault_of,
    lines_of,
    number_of,
    questions_of,
    role_of,
)

RULES = (
    "waitlist_limit",
    "promotion",
    "offer_window_hours",
    "after_lapse",
    "request_expires_after_days",
    "reapply_after_days",
)
SPONSOR = ("sponsor_kind", "sponsor_name")
_KINDS = frozenset(each.value for each in SponsorKind)
"""What a sponsor is that is not registered; the field ``sponsor_kind`` has the id of a registered one instead."""

FIELDS_OF: Mapping[str, tuple[str, ...]] = {
    HOST: (*STATEMENTS, *RULES, *SPONSOR),
    FACILITATOR: ("purpose", "guidelines_text"),
}
"""The fields that each office may revise."""

_NEVER_EMPTY = frozenset(
    {"title", "domain", "purpose", "format", "mode", "time_zone", "capacity", "language", "policy"}
    | {"promotion", "offer_window_hours", "after_lapse", "request_expires_after_days", "sponsor_kind"}
)
"""The fields that a published room states, and those whose null means "not given"."""

_NUMBERS = frozenset(
    {"capacity", "waitlist_limit", "offer_window_hours", "request_expires_after_days", "reapply_after_days"}
)
_OF_WAITLIST = {
    "waitlist": "enabled",
    "waitlist_limit": "limit",
    "promotion": "promotion",
    "offer_window_hours": "offer_window_hours",
    "after_lapse": "after_lapse",
}
_OF_ACCESS = ("policy", "questions", "request_expires_after_days", "reapply_after_days")


@dataclass(frozen=True, slots=True)
class Revision:
    """What was typed, against what the room states ``now``, by field.

    ``touched`` are the fields that the reader has changed; ``content`` has what they typed in these, and what the room
    states in all others. ``meanwhile`` are the fields that somebody else has changed otherwise since the page was made.
    """

    now: Mapping[str, str]
    content: Mapping[str, str]
    touched: frozenset[str] = frozenset()
    meanwhile: tuple[str, ...] = ()

    @property
    def changed(self) -> tuple[str, ...]:
        """Return the fields in which the content differs from what the room states."""
        return tuple(name for name, text in self.content.items() if text != self.now[name])

    @property
    def marks(self) -> dict[str, str]:
        """Return the marks of what the room states now, by the name of the hidden field."""
        return {f"was.{name}": mark(self.now[name]) for name in self.content}


def form_of(room: Room) -> dict[str, str]:
    """Return the content of the form of a room as it stands."""
    stated = room_form.form_of(room)
    access, waitlist = room.access, room.access.waitlist
    rules = {
        "waitlist_limit": waitlist.limit,
        "promotion": waitlist.promotion.value,
        "offer_window_hours": waitlist.offer_window_hours,
        "after_lapse": waitlist.after_lapse.value,
        "request_expires_after_days": access.request_expires_after_days,
        "reapply_after_days": access.reapply_after_days,
        "sponsor_kind": str(room.sponsor.sponsor_id or room.sponsor.kind.value),
        "sponsor_name": room.sponsor.name,
    }
    texts = {name: stated[name] for name in STATEMENTS}
    texts |= {name: "" if value is None else str(value) for name, value in rules.items()}
    return {name: tidy(text if name in _LONG else " ".join(text.splitlines())) for name, text in texts.items()}


_LONG = frozenset({"purpose", "for_whom", "roles", "questions", "guidelines_text"})
"""The fields that keep their line breaks."""


def mark(text: str) -> str:
    """Return a short text that is equal for equal texts."""
    return sha256(text.encode()).hexdigest()[:16]


def unchanged(office: str, room: Room) -> Revision:
    """Return the revision of a form in which nothing was typed yet."""
    now = form_of(room)
    return Revision(now, {name: now[name] for name in FIELDS_OF[office]})


def revision_of(fields: Mapping[str, str], office: str, room: Room) -> Revision:
    """Return what was typed in a form, for the fields that the office may revise and that the form has."""
    now = form_of(room)
    typed = {name: tidy(fields.get(name, "")) for name in form_fields(fields) if name in FIELDS_OF[office]}
    touched = frozenset(name for name, text in typed.items() if mark(text) != fields[f"was.{name}"])
    behind = (name for name in typed if mark(now[name]) != fields[f"was.{name}"] and typed[name] != now[name])
    content = {name: typed[name] if name in touched else now[name] for name in FIELDS_OF[office]}
    if "sponsor_kind" in content and is_registered(content["sponsor_kind"]):
        content["sponsor_name"] = now["sponsor_name"]  # its name is registered, too
    return Revision(now, content, touched, tuple(behind))


def beyond_office(fields: Mapping[str, str], office: str) -> list[EnteredField]:
    """Return what was typed in fields that the office may not revise, as after the reader has got another office."""
    others = {name: tidy(fields.get(name, "")) for name in form_fields(fields) if name not in FIELDS_OF[office]}
    return entered_in({name: text for name, text in others.items() if mark(text) != fields[f"was.{name}"]})


def form_fields(fields: Mapping[str, str]) -> Iterator[str]:
    """Return the fields that a form has: those whose text its page has marked."""
    return (name for name in FIELDS_OF[HOST] if f"was.{name}" in fields)


def command_of(revision: Revision, room: Room) -> ReviseRoom | RoomFormFaults:
    """Return the command that states what was changed, and nothing else, or the faults of its fields."""
    changed = {name: revision.content[name] for name in revision.changed}
    if not changed:
        return {"": RoomFormFault.NOTHING_CHANGED}
    faults = {name: RoomFormFault.MISSING for name, text in changed.items() if not text and name in _NEVER_EMPTY}
    faults |= {
        name: RoomFormFault.NUMBER
        for name, text in changed.items()
        if text and name in _NUMBERS and number_of(text) is None
    }
    try:
        command = ReviseRoom.model_validate({"room_id": room.room_id, **_stated(changed, revision.content, room)})
    except ValidationError as error:
        found = ((_field(each["loc"]), each["type"]) for each in error.errors())
        return {name: fault_of(name, kind) for name, kind in found} | faults
    return faults or command


def _stated(changed: Mapping[str, str], content: Mapping[str, str], room: Room) -> dict[str, Any]:
    nested = {*_OF_ACCESS, *_OF_WAITLIST, *SPONSOR, "guidelines_text"}
    stated = {name: _value(name, text, room) for name, text in changed.items() if name not in nested}
    access = {name: _value(name, changed[name], room) for name in _OF_ACCESS if name in changed}
    waitlist = {inside: _value(name, changed[name], room) for name, inside in _OF_WAITLIST.items() if name in changed}
    if waitlist:
        access["waitlist"] = waitlist
    if access:
        stated["access"] = access
    if "guidelines_text" in changed:
        text = changed["guidelines_text"]
        stated["guidelines"] = {"text": text} if text else None
    if changed.keys() & set(SPONSOR):
        stated["sponsor"] = _sponsor(content["sponsor_kind"], content["sponsor_name"], room)
    return stated


def is_registered(sponsor: str) -> bool:
    """Return whether the sponsor that was chosen is a registered one, by its id, and no kind."""
    return bool(sponsor) and sponsor not in _KINDS


def _sponsor(chosen: str, name: str, room: Room) -> dict[str, Any]:
    """Return the sponsor of a room: a registered one, or one of this kind and name instead of it."""
    if is_registered(chosen):
        return {"sponsor_id": chosen}
    of_kind = {"kind": chosen, "name": name or None}
    return of_kind | {"sponsor_id": None} if room.sponsor.sponsor_id else of_kind


def _value(name: str, text: str, room: Room) -> Any:
    match name:
        case "roles":
            return [role_of(line) for line in lines_of(text)]
        case "questions":
            return list(questions_of(text, room.access.questions))
        case "waitlist":
            return bool(text)
        case _ if name in _NUMBERS:
            return number_of(text)
        case _:
            return text or None


def _field(place: tuple[int | str, ...]) -> str:
    match place:
        case ("access", "waitlist", name, *_):
            return next(field for field, inside in _OF_WAITLIST.items() if inside == name)
        case ("access", name, *_):
            return str(name)
        case ("guidelines", *_):
            return "guidelines_text"
        case ("sponsor", "sponsor_id", *_):
            return "sponsor_kind"
        case ("sponsor", name, *_):
            return f"sponsor_{name}"
        case _:
            return str(place[0])
