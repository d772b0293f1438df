"""Changing a note of a room: revising it, showing it to others, withdrawing it."""

from collections.abc import Mapping
from functools import partial
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import Refusal
from practio_contracts.links import Purpose
from practio_contracts.message import Command
from practio_contracts.rooms import NoteKind, NoteResult, ReviseNote, WithdrawNote
from practio_pages.entered_fields import entered_in
from practio_pages.pages.field_faults import FieldFaults
from practio_pages.pages.note_forms import can_revise, can_withdraw, changed_meanwhile, content_of, form_of, revised
from practio_pages.pages.note_sessions import NoteSessions, note_sessions
from practio_pages.pages.notes_page import SHELVES, notes_page
from practio_pages.pages.room_notes import (
    RoomNotes,
    link_to_notes,
    note_of,
    notes_closed,
    notes_localizer,
    room_notes_of,
)
from practio_pages.rendering import render
from practio_pages.site import fields_of, signed_in, site_of


async def show_note_change(request: Request, purpose: Purpose, command: type[Command]) -> Response:
    """Show the form that changes or withdraws a note."""
    link, _ = await link_to_notes(request, purpose)
    room_notes = await room_notes_of(request, link)
    if isinstance(room_notes, Refusal):
        return notes_closed(request, link, room_notes)
    return await _page(request, room_notes, command)


async def revise(request: Request, purpose: Purpose) -> Response:
    """Revise a note, and show the notes."""
    link, room_id = await link_to_notes(request, purpose)
    site, fields = site_of(request), await fields_of(request)
    signed = await signed_in(request, {ReviseNote.routing_key}, person_id=link.person_id, room_id=room_id)
    room_notes, form = await room_notes_of(request, link), content_of(fields)
    if isinstance(room_notes, Refusal):
        return notes_closed(request, link, room_notes, entered_in(fields))
    seen = _number(fields.get("version", ""))
    command = revised(
        form,
        room_id=room_id,
        note_id=request.path_params["note_id"],
        version=seen,
        only_shown="title" not in fields,
    )
    if isinstance(command, dict):
        return await _page(request, room_notes, ReviseNote, form=form, seen=seen, faults=command)
    if signed is None:
        return await _page(request, room_notes, ReviseNote, form=form, seen=seen)
    outcome = await site.gateway.send(command, actor=link.person_id, id=signed.id_with(command.model_dump_json()))
    if isinstance(outcome, Refusal):
        return await _page(request, room_notes, ReviseNote, form=form, seen=seen, refusal=outcome)
    return await notes_page(request, room_notes, done=signed.command)


async def withdraw(request: Request, purpose: Purpose) -> Response:
    """Withdraw a note, and show the notes."""
    link, room_id = await link_to_notes(request, purpose)
    site = site_of(request)
    signed = await signed_in(request, {WithdrawNote.routing_key}, person_id=link.person_id, room_id=room_id)
    room_notes = await room_notes_of(request, link)
    if isinstance(room_notes, Refusal):
        return notes_closed(request, link, room_notes)
    if signed is None:
        return await _page(request, room_notes, WithdrawNote)
    command = WithdrawNote(note_id=request.path_params["note_id"], room_id=room_id)
    outcome = await site.gateway.send(command, actor=link.person_id, id=signed.id_with(command.model_dump_json()))
    if isinstance(outcome, Refusal):
        return await _page(request, room_notes, WithdrawNote, refusal=outcome)
    return await notes_page(request, room_notes, done=signed.command)


async def _page(
    request: Request,
    room_notes: RoomNotes,
    command: type[Command],
    *,
    form: Mapping[str, str] | None = None,
    seen: int | None = None,
    faults: FieldFaults | None = None,
    refusal: Refusal | None = None,
) -> Response:
    """Return the form that changes a note; of a note that is gone, the notes as they are."""
    site, link, room = site_of(request), room_notes.link, room_notes.room
    note_id: UUID = request.path_params["note_id"]
    note = await note_of(site, room_notes, note_id, near=request.query_params.get("after"))
    entered = entered_in(form or {})
    if isinstance(note, Refusal):
        return notes_closed(request, link, note, entered)
    if note is None:
        return await notes_page(request, room_notes, gone=True, entered=entered)
    can = _can(command, note, room_notes)
    names_session = command is ReviseNote and can and note.author_id == link.person_id
    is_behind = refusal is not None and refusal.code == "version-conflict"
    return render(
        request,
        "note-form" if command is ReviseNote else "note-withdraw",
        notes_localizer(request, room_notes),
        status=422 if faults else 409 if refusal or not can else 200,
        room_notes=room_notes,
        office=room_notes.office,
        root=room_notes.root,
        room=room,
        note=note,
        only_shown=note.author_id != link.person_id,
        content=form or form_of(note),
        faults=faults or {},
        refusal=refusal,
        meanwhile=changed_meanwhile(form, note) if form and is_behind else {},
        version=note.version if seen is None or is_behind else seen,
        kinds=list(NoteKind),
        sessions=await note_sessions(site, room_notes) if names_session else NoteSessions(),
        can=can,
        entered=[] if can else entered,
        form=site.forms.sign(command.routing_key, person_id=link.person_id, room_id=room.room_id),
    )


def _can(command: type[Command], note: NoteResult, room_notes: RoomNotes) -> bool:
    may = can_revise if command is ReviseNote else can_withdraw
    return may(note, room_notes.room, room_notes.link.person_id)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _routes(purpose: Purpose, path: str) -> list[Route]:
    note = f"/{purpose}/{{token}}{path}/{{note_id:uuid}}"
    return [
        Route(note, partial(show_note_change, purpose=purpose, command=ReviseNote), methods=["GET"]),
        Route(note, partial(revise, purpose=purpose), methods=["POST"]),
        Route(f"{note}/withdraw", partial(show_note_change, purpose=purpose, command=WithdrawNote), methods=["GET"]),
        Route(f"{note}/withdraw", partial(withdraw, purpose=purpose), methods=["POST"]),
    ]


ROUTES = [route for purpose, path in SHELVES for route in _routes(purpose, path)]
