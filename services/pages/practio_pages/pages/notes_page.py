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
from practio_pages.pages.field_faults import FieldFaults
from practio_pages.pages.names import names_of
from practio_pages.pages.note_forms import can_revise, can_withdraw, content_of, recorded
from practio_pages.pages.note_sessions import NoteSessions, note_sessions, sessions_named
from practio_pages.pages.shelf import Shelf, link_to_shelf, note_list, shelf_closed, shelf_localizer, shelf_of
from practio_pages.rendering import render
from practio_pages.site import NOBODY, fields_of, signed_in, site_of
from practio_pages.written import Written, written_in

SHELVES = ((Purpose.DESK, "/notes"), (Purpose.MEMORY, ""))
"""Where notes are read: the purpose of the link, and the path below it."""


async def look(request: Request, purpose: Purpose) -> Response:
    """Show a page of notes."""
    link, _ = await link_to_shelf(request, purpose)
    shelf = await shelf_of(request, link)
    if isinstance(shelf, Refusal):
        return shelf_closed(request, link, shelf)
    return await notes_page(request, shelf, parameters=request.query_params)


async def look_at_new(request: Request, purpose: Purpose) -> Response:
    """Show the form of a new note."""
    link, _ = await link_to_shelf(request, purpose)
    shelf = await shelf_of(request, link)
    if isinstance(shelf, Refusal):
        return shelf_closed(request, link, shelf)
    listed = await note_list(site_of(request), shelf, {})  # those who may read notes may record them
    if isinstance(listed, Refusal):
        return shelf_closed(request, link, listed)
    chosen = {name: request.query_params.get(name, "") for name in ("kind", "session")}
    return await _form_page(request, shelf, content_of({"shown": "room"} | chosen))


async def record(request: Request, purpose: Purpose) -> Response:
    """Record a note, and show the notes with it."""
    link, room_id = await link_to_shelf(request, purpose)
    site, fields = site_of(request), await fields_of(request)
    signed = await signed_in(request, {RecordNote.routing_key}, person_id=link.person_id, room_id=room_id)
    shelf, form = await shelf_of(request, link), content_of(fields)
    written = written_in(fields)
    if isinstance(shelf, Refusal):
        return shelf_closed(request, link, shelf, written)
    command = recorded(form, room_id=room_id, note_id=signed.id if signed else NOBODY)
    if isinstance(command, dict):
        return await _form_page(request, shelf, form, faults=command)
    if signed is None:
        return await _form_page(request, shelf, form)
    outcome = await site.gateway.send(command, actor=link.person_id, id=signed.id_with(command.model_dump_json()))
    if isinstance(outcome, Refusal):
        if outcome.code == "not-allowed":
            return shelf_closed(request, link, outcome, written)
        return await _form_page(request, shelf, form, refusal=outcome)
    return await notes_page(request, shelf, done=signed.command)


async def _form_page(
    request: Request,
    shelf: Shelf,
    form: Mapping[str, str],
    *,
    faults: FieldFaults | None = None,
    refusal: Refusal | None = None,
) -> Response:
    site, link, room = site_of(request), shelf.link, shelf.room
    can = takes_notes(shelf)
    return render(
        request,
        "note-form",
        shelf_localizer(request, shelf),
        status=422 if faults else 409 if refusal or not can else 200,
        shelf=shelf,
        office=shelf.office,
        root=shelf.root,
        room=room,
        note=None,
        only_shown=False,
        content=form,
        faults=faults or {},
        refusal=refusal,
        meanwhile={},
        version=0,
        kinds=list(NoteKind),
        sessions=await note_sessions(site, shelf) if can else NoteSessions(),
        can=can,
        written=[] if can else written_in(form),
        form=site.forms.sign(RecordNote.routing_key, person_id=link.person_id, room_id=room.room_id),
    )


def takes_notes(shelf: Shelf) -> bool:
    """Return whether notes are recorded and revised in the room as it stands."""
    return shelf.room.status in (RoomStatus.PUBLISHED, RoomStatus.CLOSED)


async def notes_page(
    request: Request,
    shelf: Shelf,
    *,
    parameters: Mapping[str, str] | None = None,
    done: str | None = None,
    gone: bool = False,
    refusal: Refusal | None = None,
    written: Sequence[Written] = (),
) -> Response:
    """Return the page of notes; ``done`` is the command that has taken effect, ``written`` what to copy.

    ``gone``: the note to change was withdrawn.
    """
    site, link, room = site_of(request), shelf.link, shelf.room
    listed = await note_list(site, shelf, parameters or {})
    if isinstance(listed, Refusal):
        return shelf_closed(request, link, listed, written)
    person: UUID = link.person_id
    way = None if shelf.is_draft else site.path_from(link, Purpose.WAY)
    authors = [each.author_id for each in listed.notes if each.author_id and each.author_id != person]
    names, sessions = await asyncio.gather(
        names_of(site, room.room_id, authors, actor=person),
        sessions_named(site, shelf, [each.session_id for each in listed.notes]),
    )
    return render(
        request,
        "notes",
        shelf_localizer(request, shelf),
        status=409 if gone or refusal else 200,
        shelf=shelf,
        office=shelf.office,
        root=shelf.root,
        room=room,
        listed=listed,
        kinds=list(NoteKind),
        names=names,
        sessions=sessions,
        me=person,
        near=(parameters or {}).get("after"),
        takes_notes=takes_notes(shelf),
        can_revise=lambda note: can_revise(note, room, person),
        can_withdraw=lambda note: can_withdraw(note, room, person),
        concern=f"{way}/concern" if way else None,
        way=way if shelf.root is None else None,
        memory=site.path_from(link, Purpose.MEMORY) if shelf.root else None,
        desk=site.path_from(link, Purpose.DESK) if shelf.root is None and shelf.office else None,
        done=done,
        gone=gone,
        refusal=refusal,
        written=written,
    )


def _routes(purpose: Purpose, path: str) -> list[Route]:
    below = f"/{purpose}/{{token}}{path}"
    return [
        Route(below, partial(look, purpose=purpose), methods=["GET"]),
        Route(f"{below}/new", partial(look_at_new, purpose=purpose), methods=["GET"]),
        Route(f"{below}/new", partial(record, purpose=purpose), methods=["POST"]),
    ]


ROUTES = [route for purpose, path in SHELVES for route in _routes(purpose, path)]
