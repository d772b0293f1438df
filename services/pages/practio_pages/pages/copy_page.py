"""A copy of a room: what of it comes along, what follows, and the draft that it leads to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import Refusal
from practio_contracts.fields import tidy
from practio_contracts.links import Link, Purpose
from practio_contracts.rooms import KEPT_BY_DEFAULT, CopyRoom, Kept
from practio_pages.entered_fields import EnteredField, entered_in
from practio_pages.pages.desk import Desk, desk_closed, desk_link, desk_localizer, desk_of, desk_root
from practio_pages.rendering import render
from practio_pages.site import Site, fields_of, signed_in, site_of

LONGEST_TITLE = 200
_KEEP = "keep-"


@dataclass(frozen=True, slots=True)
class CopyForm:
    """A form as it was filled in, with its fault, or what came of it; ``draft`` is the path of the copy."""

    title: str
    keep: Collection[Kept] = KEPT_BY_DEFAULT
    fault: str | None = None
    refusal: Refusal | None = None
    draft: str | None = None

    @property
    def is_done(self) -> bool:
        """Return whether the copy exists as it was asked for."""
        return self.draft is not None and self.refusal is None

    @property
    def status(self) -> int:
        """Return the HTTP status of its page."""
        return 422 if self.fault else 409 if self.refusal else 200


async def show_copy_form(request: Request) -> Response:
    """Show what a copy keeps; nothing is made yet."""
    link, _ = await desk_link(request)
    desk = await desk_of(site_of(request), link)
    if isinstance(desk, Refusal):
        return desk_closed(request, link, desk)
    return _page(request, link, desk, CopyForm(desk.room.title))


async def copy_room(request: Request) -> Response:
    """Make the copy, once for each form, and lead to its draft."""
    link, room_id = await desk_link(request)
    site, fields = site_of(request), await fields_of(request)
    signed = await signed_in(request, {CopyRoom.routing_key}, person_id=link.person_id, room_id=room_id)
    title, keep = tidy(fields.get("title", "")), [each for each in Kept if fields.get(_KEEP + each)]
    desk = await desk_of(site, link)
    if isinstance(desk, Refusal):
        return desk_closed(request, link, desk, entered_in(fields))
    if not may_copy(site, desk):
        return _page(request, link, desk, CopyForm(title, keep), entered_in(fields))
    new_room_id = signed.id_with("room") if signed else room_id
    command = _command(title, keep, room_id=room_id, new_room_id=new_room_id)
    if isinstance(command, str):
        return _page(request, link, desk, CopyForm(title, keep, fault=command))
    if signed is None:
        return _page(request, link, desk, CopyForm(title, keep))
    outcome = await site.gateway.send(command, actor=link.person_id, id=signed.id_with(command.model_dump_json()))
    is_there = not isinstance(outcome, Refusal) or outcome.code == "id-taken"
    draft = draft_path(site, link, new_room_id) if is_there else None
    refusal = outcome if isinstance(outcome, Refusal) else None
    return _page(request, link, desk, CopyForm(title, keep, refusal=refusal, draft=draft))


def may_copy(site: Site, desk: Desk) -> bool:
    """Return whether the person may make a copy of the room by pages."""
    return site.may_start and desk.grows


def draft_path(site: Site, link: Link, room_id: UUID) -> str:
    """Return the path at which a draft of the person is completed and published."""
    return f"{site.path_from(link, Purpose.START, room_id=room_id)}/room/{room_id}"


def _command(title: str, keep: list[Kept], *, room_id: UUID, new_room_id: UUID) -> CopyRoom | str:
    """Return the command of a form, or its fault."""
    if not title:
        return "missing"
    if len(title) > LONGEST_TITLE:
        return "too-long"
    try:
        return CopyRoom(room_id=room_id, new_room_id=new_room_id, title=title, keep=keep)
    except ValidationError:
        return "unreadable"


def _page(request: Request, link: Link, desk: Desk, filled: CopyForm, entered: Sequence[EnteredField] = ()) -> Response:
    site, room = site_of(request), desk.room
    is_possible = may_copy(site, desk)
    return render(
        request,
        "desk-copy",
        desk_localizer(request, link, room),
        status=filled.status if is_possible else 403,
        desk=desk,
        room=room,
        root=desk_root(request),
        filled=filled,
        parts=list(Kept),
        longest=LONGEST_TITLE,
        is_possible=is_possible,
        entered=entered,
        form=site.forms.sign(CopyRoom.routing_key, person_id=link.person_id, room_id=room.room_id),
    )


ROUTES = [
    Route("/desk/{token}/copy", show_copy_form, methods=["GET"]),
    Route("/desk/{token}/copy", copy_room, methods=["POST"]),
]
