"""Starting a room: whether the group exists, then the statement of the room as a draft."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.rooms import (
    CreateRoom,
    Format,
    GetRoom,
    ListOwnRooms,
    Mode,
    OwnOffice,
    OwnRooms,
    Policy,
    ReviseRoom,
    Room,
    RoomResult,
    RoomStatus,
)
from practio_pages.entered_fields import EnteredField, entered_in
from practio_pages.forms import SignedCommand
from practio_pages.gateway import UnavailableError
from practio_pages.pages.desk import desk_closed
from practio_pages.pages.room_form import (
    RoomFormFault,
    changed_meanwhile,
    command_of,
    content_of,
    form_of,
    new_form,
)
from practio_pages.pages.time_zones import zones
from practio_pages.rendering import render
from practio_pages.site import Site, fields_of, link_of, localizer_of, signed_in, site_of

QUESTIONS = ("domain", "people", "practice")
_NO_OFFICE = Refusal(code="not-allowed", detail="only its host completes a draft")


@dataclass(frozen=True, slots=True)
class DraftForm:
    """A form as it was filled in, with what came of it; ``meanwhile`` is what the room states by now instead."""

    content: Mapping[str, str]
    faults: Mapping[str, RoomFormFault] = field(default_factory=dict)
    meanwhile: Mapping[str, str] = field(default_factory=dict)
    refusal: Refusal | None = None
    is_saved: bool = False

    @property
    def status(self) -> int:
        """Return the HTTP status of the page."""
        return 409 if self.refusal else 422 if self.faults else 200


async def show_questions(request: Request) -> Response:
    """Show three questions, and advice on what was answered."""
    link, site = await start_link(request), site_of(request)
    if link.room_id is not None:
        room = await draft_of(site, link, link.room_id)
        if isinstance(room, Refusal):
            return desk_closed(request, link, room)
        return RedirectResponse(f"{site.base}{request.url.path}/room/{link.room_id}", 303)
    drafts = await _drafts(site, link)
    if not site.may_start:
        return _closed(request, link)
    answers = {name: request.query_params.get(name, "") for name in QUESTIONS}
    return render(
        request,
        "start",
        localizer_of(request, link),
        root=start_root(request),
        answers=answers,
        questions=QUESTIONS,
        drafts=drafts,
        chosen=_format_in(request),
        advised=Format.METHOD_PRACTICE if answers["practice"] == "no" else None,
    )


def _format_in(request: Request) -> Format | None:
    """Return the format that the address of a page names, if there is such a one."""
    return next((each for each in Format if each == request.query_params.get("format")), None)


async def show_new_room_form(request: Request) -> Response:
    """Show the form of a new room."""
    link, site = await _link_to_start(request), site_of(request)
    await _drafts(site, link)  # the person is still there
    if not site.may_start:
        return _closed(request, link)
    localizer = localizer_of(request, link)
    chosen = _format_in(request)
    form = new_form(language=localizer.language, time_zone=link.time_zone or "", room_format=chosen)
    return form_page(request, link, None, DraftForm(form))


async def create(request: Request) -> Response:
    """Save a new room as a draft."""
    link, site, fields = await _link_to_start(request), site_of(request), await fields_of(request)
    signed = await signed_in(request, {CreateRoom.routing_key}, person_id=link.person_id)
    if not site.may_start:
        return _closed(request, link, entered_in(fields))
    form = content_of(fields)
    command = command_of(CreateRoom, form, _room_id(signed) if signed else link.person_id)
    if isinstance(command, dict):
        return form_page(request, link, None, DraftForm(form, command))
    if signed is None:
        return form_page(request, link, None, DraftForm(form))
    outcome = await site.gateway.send(command, actor=link.person_id, id=signed.id_with(command.model_dump_json()))
    if isinstance(outcome, Refusal) and outcome.code != "id-taken":
        return form_page(request, link, None, DraftForm(form, refusal=outcome))
    room = await draft_of(site, link, command.room_id)
    if isinstance(room, Refusal):
        return desk_closed(request, link, room, entered_in(fields))
    if isinstance(outcome, Refusal):  # the same form saved this draft before, with other content
        return form_page(request, link, room, DraftForm(form, meanwhile=changed_meanwhile(form, room), refusal=outcome))
    return _saved(request, link, room, fields)


async def show_draft(request: Request) -> Response:
    """Show the form of a draft."""
    link = await start_link(request)
    room = await draft_of(site_of(request), link, draft_id(request, link))
    if isinstance(room, Refusal):
        return desk_closed(request, link, room)
    return published_page(request, link, room) if is_published(room) else form_page(request, link, room)


async def save(request: Request) -> Response:
    """Save a draft."""
    link, site, fields = await start_link(request), site_of(request), await fields_of(request)
    room_id = draft_id(request, link)
    signed = await signed_in(request, {ReviseRoom.routing_key}, person_id=link.person_id, room_id=room_id)
    room, form = await draft_of(site, link, room_id), content_of(fields)
    if isinstance(room, Refusal):
        return desk_closed(request, link, room, entered_in(fields))
    if is_published(room):
        return published_page(request, link, room, entered=entered_in(fields))
    version = fields.get("version", "")
    seen = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
    command = command_of(ReviseRoom, form, room_id, asked=room.access.questions, expected_version=seen)
    if isinstance(command, dict):
        return form_page(request, link, room, DraftForm(form, command))
    if signed is None:
        return form_page(request, link, room, DraftForm(form))
    outcome = await site.gateway.send(command, actor=link.person_id, id=signed.id_with(command.model_dump_json()))
    now = await draft_of(site, link, room_id)
    if isinstance(now, Refusal):
        return desk_closed(request, link, now, entered_in(fields))
    if isinstance(outcome, Refusal):
        meanwhile = changed_meanwhile(form, now) if outcome.code == "version-conflict" else {}
        return form_page(request, link, now, DraftForm(form, meanwhile=meanwhile, refusal=outcome))
    return _saved(request, link, now, fields)


def _saved(request: Request, link: Link, room: Room, fields: Mapping[str, str]) -> Response:
    """Lead to the preview if that button was pressed; otherwise show the form again."""
    if fields.get("then") == "preview":
        path = f"{site_of(request).base}{start_root(request)}/room/{room.room_id}/preview"
        return RedirectResponse(f"{path}?{request.url.query}" if request.url.query else path, 303)
    return form_page(request, link, room, DraftForm(form_of(room), is_saved=True))


def form_page(request: Request, link: Link, room: Room | None, filled: DraftForm | None = None) -> Response:
    """Return the page with the form of a draft; ``room`` is None while it was never saved."""
    site, localizer = site_of(request), localizer_of(request, link)
    command = ReviseRoom if room else CreateRoom
    filled = filled or DraftForm(form_of(room) if room else content_of({}))
    return render(
        request,
        "room-form",
        localizer,
        status=filled.status,
        root=start_root(request),
        room=room,
        filled=filled,
        content=filled.content,
        faults=filled.faults,
        form=site.forms.sign(command.routing_key, person_id=link.person_id, room_id=room.room_id if room else None),
        formats=list(Format),
        modes=list(Mode),
        policies=list(Policy),
        zones=zones(),
        languages_offered=localizer.languages(also=filled.content["language"]),
    )


def published_page(
    request: Request, link: Link, room: Room, *, has_done: bool = False, entered: Sequence[EnteredField] = ()
) -> Response:
    """Return the page of a room that is published: its address to pass on, and its desk."""
    site = site_of(request)
    return render(
        request,
        "room-started",
        localizer_of(request, link),
        room=room,
        has_done=has_done,
        address=f"{site.pages_url}/room/{room.room_id}",
        desk=site.path_from(link, Purpose.DESK, room_id=room.room_id),
        entered=entered,
    )


async def _drafts(site: Site, link: Link) -> list[Room]:
    """Return the drafts of the person; raise UnavailableError, PersonErasedError."""
    query = ListOwnRooms(person_id=link.person_id, office=OwnOffice.HOST, status=[RoomStatus.DRAFT])
    found = await site.gateway.ask(query, OwnRooms, actor=link.person_id)
    if isinstance(found, Refusal):
        raise UnavailableError(found.code)
    return [each.room for each in found.rooms]


async def draft_of(site: Site, link: Link, room_id: UUID) -> Room | Refusal:
    """Return the room that the person hosts; a refusal for others."""
    result = await draft_result_of(site, link, room_id)
    return result if isinstance(result, Refusal) else result.room


async def draft_result_of(site: Site, link: Link, room_id: UUID) -> RoomResult | Refusal:
    """Return the room that the person hosts with what others may know about it; a refusal for others."""
    result = await site.gateway.ask(GetRoom(room_id=room_id), RoomResult, actor=link.person_id)
    if isinstance(result, Refusal):
        return result
    return result if result.room.host_id == link.person_id else _NO_OFFICE


def is_published(room: Room) -> bool:
    """Return whether a room is no draft any more."""
    return room.status is not RoomStatus.DRAFT


async def start_link(request: Request) -> Link:
    """Return the link in a request's path; raise LinkError."""
    return await link_of(request, Purpose.START)


def draft_id(request: Request, link: Link) -> UUID:
    """Return the id of the draft in a request's path; raise HTTPException if the link is for another one."""
    room_id: UUID = request.path_params["room_id"]
    if link.room_id not in (None, room_id):
        raise HTTPException(404)
    return room_id


def start_root(request: Request) -> str:
    """Return the path of the first page, below which all others are."""
    return f"/{Purpose.START}/{request.path_params['token']}"


async def _link_to_start(request: Request) -> Link:
    """Return the link in a request's path; raise HTTPException if it is for one draft alone."""
    link = await start_link(request)
    if link.room_id is not None:
        raise HTTPException(404)
    return link


def _room_id(signed: SignedCommand) -> UUID:
    """Return the id of the room that a form creates: the same whatever is in the form, so that it creates but one."""
    return signed.id_with("room")


def _closed(request: Request, link: Link, entered: Sequence[EnteredField] = ()) -> Response:
    return render(request, "start-closed", localizer_of(request, link), status=403, entered=entered)


ROUTES = [
    Route("/start/{token}", show_questions, methods=["GET"]),
    Route("/start/{token}/room", show_new_room_form, methods=["GET"]),
    Route("/start/{token}/room", create, methods=["POST"]),
    Route("/start/{token}/room/{room_id:uuid}", show_draft, methods=["GET"]),
    Route("/start/{token}/room/{room_id:uuid}", save, methods=["POST"]),
]
