"""The notes of a room, on its desk and for the people in it: read by kind and by words, and recorded."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import Refusal
from practio_contracts.links import Purpose
from practio_contracts.rooms import NoteKind, RecordNote, RoomStatus
from practio_pages.entered_fields import EnteredField, entered_in
from practio_pages.pages.field_faults import FieldFaults
from practio_pages.pages.note_forms import can_revise, can_withdraw, content_of, recorded
from practio_pages.pages.note_sessions import NoteSessions, note_sessions, sessions_named
from practio_pages.pages.people_names import names_of
from practio_pages.pages.room_notes import (
    RoomNotes,
    link_to_notes,
    note_list,
    notes_closed,
    notes_localizer,
    room_notes_of,
)
from practio_pages.rendering import render
from practio_pages.site import NOBODY, fields_of, signed_in, site_of

SHELVES = ((Purpose.DESK, "/notes"), (Purpose.MEMORY, ""))
"""Where notes are read: the purpose of the link, and the path below it."""


async def show_notes(request: Request, purpose: Purpose) -> Response:
    """Show a page of notes."""
    link, _ = await link_to_notes(request, purpose)
    room_notes = await room_notes_of(request, link)
    if isinstance(room_notes, Refusal):
        return notes_closed(request, link, room_notes)
    return await notes_page(request, room_notes, parameters=request.query_params)


async def show_note_form(request: Request, purpose: Purpose) -> Response:
    """Show the form of a new note."""
    link, _ = await link_to_notes(request, purpose)
    room_notes = await room_notes_of(request, link)
    if isinstance(room_notes, Refusal):
        return notes_closed(request, link, room_notes)
    listed = await note_list(site_of(request), room_notes, {})  # those who may read notes may record them
    if isinstance(listed, Refusal):
        return notes_closed(request, link, listed)
    chosen = {name: request.query_params.get(name, "") for name in ("kind", "session")}
    return await _form_page(request, room_notes, content_of({"shown": "room"} | chosen))


async def record(request: Request, purpose: Purpose) -> Response:
    """Record a note, and show the notes with it."""
    link, room_id = await link_to_notes(request, purpose)
    site, fields = site_of(request), await fields_of(request)
    signed = await signed_in(request, {RecordNote.routing_key}, person_id=link.person_id, room_id=room_id)
    room_notes, form = await room_notes_of(request, link), content_of(fields)
    entered = entered_in(fields)
    if isinstance(room_notes, Refusal):
        return notes_closed(request, link, room_notes, entered)
    command = recorded(form, room_id=room_id, note_id=signed.id if signed else NOBODY)
    if isinstance(command, dict):
        return await _form_page(request, room_notes, form, faults=command)
    if signed is None:
        return await _form_page(request, room_notes, form)
    outcome = await site.gateway.send(command, actor=link.person_id, id=signed.id_with(command.model_dump_json()))
    if isinstance(outcome, Refusal):
        if outcome.code == "not-allowed":
            return notes_closed(request, link, outcome, entered)
        return await _form_page(request, room_notes, form, refusal=outcome)
    return await notes_page(request, room_notes, done=signed.command)


async def _form_page(
    request: Request,
    room_notes: RoomNotes,
    form: Mapping[str, str],
    *,
    faults: FieldFaults | None = None,
    refusal: Refusal | None = None,
) -> Response:
    site, link, room = site_of(request), room_notes.link, room_notes.room
    can = takes_notes(room_notes)
    return render(
        request,
        "note-form",
        notes_localizer(request, room_notes),
        status=422 if faults else 409 if refusal or not can else 200,
        room_notes=room_notes,
        office=room_notes.office,
        root=room_notes.root,
        room=room,
        note=None,
        only_shown=False,
        content=form,
        faults=faults or {},
        refusal=refusal,
        meanwhile={},
        version=0,
        kinds=list(NoteKind),
        sessions=await note_sessions(site, room_notes) if can else NoteSessions(),
        can=can,
        entered=[] if can else entered_in(form),
        form=site.forms.sign(RecordNote.routing_key, person_id=link.person_id, room_id=room.room_id),
    )


def takes_notes(room_notes: RoomNotes) -> bool:
    """Return whether notes are recorded and revised in the room as it stands."""
    return room_notes.room.status in (RoomStatus.PUBLISHED, RoomStatus.CLOSED)


async def notes_page(
    request: Request,
    room_notes: RoomNotes,
    *,
    parameters: Mapping[str, str] | None = None,
    done: str | None = None,
    gone: bool = False,
    refusal: Refusal | None = None,
    entered: Sequence[EnteredField] = (),
) -> Response:
    """Return the page of notes; ``done`` is the command that has taken effect, ``entered`` what to copy.

    ``gone``: the note to change was withdrawn.
    """
    site, link, room = site_of(request), room_notes.link, room_notes.room
    listed = await note_list(site, room_notes, parameters or {})
    if isinstance(listed, Refusal):
        return notes_closed(request, link, listed, entered)
    person: UUID = link.person_id
    way = None if room_notes.is_draft else site.path_from(link, Purpose.WAY)
    authors = [each.author_id for each in listed.notes if each.author_id and each.author_id != person]
    names, sessions = await asyncio.gather(
        names_of(site, room.room_id, authors, actor=person),
        sessions_named(site, room_notes, [each.session_id for each in listed.notes]),
    )
    return render(
        request,
        "notes",
        notes_localizer(request, room_notes),
        status=409 if gone or refusal else 200,
        room_notes=room_notes,
        office=room_notes.office,
        root=room_notes.root,
        room=room,
        listed=listed,
        kinds=list(NoteKind),
        names=names,
        sessions=sessions,
        me=person,
        near=(parameters or {}).get("after"),
        takes_notes=takes_notes(room_notes),
        can_revise=lambda note: can_revise(note, room, person),
        can_withdraw=lambda note: can_withdraw(note, room, person),
        concern=f"{way}/concern" if way else None,
        way=way if room_notes.root is None else None,
        memory=site.path_from(link, Purpose.MEMORY) if room_notes.root else None,
        desk=site.path_from(link, Purpose.DESK) if room_notes.root is None and room_notes.office else None,
        done=done,
        gone=gone,
        refusal=refusal,
        entered=entered,
    )


def _routes(purpose: Purpose, path: str) -> list[Route]:
    below = f"/{purpose}/{{token}}{path}"
    return [
        Route(below, partial(show_notes, purpose=purpose), methods=["GET"]),
        Route(f"{below}/new", partial(show_note_form, purpose=purpose), methods=["GET"]),
        Route(f"{below}/new", partial(record, purpose=purpose), methods=["POST"]),
    ]


ROUTES = [route for purpose, path in SHELVES for route in _routes(purpose, path)]
