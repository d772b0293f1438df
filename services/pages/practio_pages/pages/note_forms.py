"""The form of a note: its content becomes a command, or faults by field; and who may change a note. Pure."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from practio_contracts.fields import tidy
from practio_contracts.rooms import NoteResult, RecordNote, ReviseNote, Room
from practio_pages.pages.field_faults import FieldFault, FieldFaults

FIELDS = ("kind", "title", "text", "session", "shown")
"""The fields of the form; ``session`` is empty or the id of one, ``shown`` is to whom: ``room`` or ``all``."""

_WORDS = ("kind", "title", "text")

_SHOWN = {"room": True, "all": False}


def content_of(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the content of a form that was sent."""
    return {name: tidy(fields.get(name, "")) for name in FIELDS}


def form_of(note: NoteResult) -> dict[str, str]:
    """Return the content of the form of a note as it stands."""
    return {
        "kind": note.kind.value,
        "title": note.title,
        "text": note.text,
        "session": str(note.session_id or ""),
        "shown": "room" if note.confidential else "all",
    }


def recorded(form: Mapping[str, str], *, room_id: UUID, note_id: UUID) -> RecordNote | FieldFaults:
    """Return the command that records a note, or the faults of the form."""
    faults = _faults_of(form, FIELDS)
    if faults:
        return faults
    return RecordNote.model_validate({"room_id": room_id, "note_id": note_id} | _stated(form, FIELDS))


def revised(
    form: Mapping[str, str], *, room_id: UUID, note_id: UUID, version: int, only_shown: bool
) -> ReviseNote | FieldFaults:
    """Return the command that revises a note, or the faults of the form; ``only_shown``: nothing but to whom."""
    names = ("shown",) if only_shown else FIELDS
    faults = _faults_of(form, names)
    if faults:
        return faults
    stated = {"room_id": room_id, "note_id": note_id, "expected_version": version} | _stated(form, names)
    return ReviseNote.model_validate(stated)


def changed_meanwhile(form: Mapping[str, str], note: NoteResult) -> dict[str, str]:
    """Return what a note states now, by field, where it differs from a form that has the field."""
    names = FIELDS if form["title"] else ("shown",)
    return {name: now for name, now in form_of(note).items() if name in names and now != form[name]}


def can_revise(note: NoteResult, room: Room, person_id: UUID) -> bool:
    """Return whether a person may change a note: its author all of it, the host to whom it is shown."""
    return room.status in ("published", "closed") and person_id in (note.author_id, room.host_id)


def can_withdraw(note: NoteResult, room: Room, person_id: UUID) -> bool:
    """Return whether a person may withdraw a note: its author, the host, a facilitator."""
    return person_id in (note.author_id, room.host_id, *room.facilitator_ids)


def _stated(form: Mapping[str, str], names: tuple[str, ...]) -> dict[str, Any]:
    return _unchecked(form, names) | {"confidential": _SHOWN[form["shown"]]}


def _unchecked(form: Mapping[str, str], names: Collection[str]) -> dict[str, Any]:
    words = {name: form[name] for name in _WORDS if name in names}
    return words | ({"session_id": form["session"] or None} if "session" in names else {})


def _faults_of(form: Mapping[str, str], names: tuple[str, ...]) -> FieldFaults:
    faults: FieldFaults = {name: FieldFault.MISSING for name in ("title", "text") if name in names and not form[name]}
    if form["shown"] not in _SHOWN:
        faults["shown"] = FieldFault.CHOOSE
    fields = _unchecked(form, [name for name in names if name not in faults])
    try:
        ReviseNote.model_validate({"note_id": UUID(int=0), **fields})
    except ValidationError as error:
        for each in error.errors():
            name = str(each["loc"][0]).removesuffix("_id")
            faults[name] = FieldFault.CHOOSE if name in ("kind", "session") else FieldFault.of_text(each["type"])
    return {name: faults[name] for name in names if name in faults}
