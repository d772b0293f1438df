"""What a published room states, on its desk: revised by host and facilitators, once they have seen what follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import GetRoster, Roster
from practio_contracts.rooms import (
    AfterLapse,
    Format,
    ListSponsors,
    Mode,
    Policy,
    Promotion,
    ReviseRoom,
    Room,
    RoomStatus,
    SponsorKind,
    SponsorsFound,
)
from practio_pages.entered_fields import EnteredField, entered_in
from practio_pages.gateway import UnavailableError
from practio_pages.pages.desk import HOST, Desk, desk_closed, desk_link, desk_localizer, desk_of, desk_root
from practio_pages.pages.revision_consequences import Consequence, consequences
from practio_pages.pages.revision_form import Revision, beyond_office, command_of, revision_of, unchanged
from practio_pages.pages.room_form import RoomFormFaults, faults_of
from practio_pages.pages.session_forms import SEEN, fingerprint_of
from practio_pages.pages.time_zones import zones
from practio_pages.rendering import render
from practio_pages.site import Site, fields_of, signed_in, site_of

_CHOICES: Mapping[str, Any] = {
    "formats": list(Format),
    "modes": list(Mode),
    "policies": list(Policy),
    "promotions": list(Promotion),
    "lapses": list(AfterLapse),
    "sponsors": list(SponsorKind),
}
"""What the form offers to choose from."""

_MOST_PAGES = 5
"""The most pages of sponsors, 100 each, of which a host can choose one."""


@dataclass(frozen=True, slots=True)
class RevisionForm:
    """A form as it was filled in, with what came of it.

    ``command`` is what it stands for, ``follows`` what follows from it; ``entered`` is what was entered in
    fields that the reader's office does not have any more.
    """

    revision: Revision
    faults: RoomFormFaults = field(default_factory=dict)
    command: ReviseRoom | None = None
    follows: Sequence[Consequence] = ()
    entered: Sequence[EnteredField] = ()
    refusal: Refusal | None = None
    is_done: bool = False

    @property
    def status(self) -> int:
        """Return the HTTP status of the page."""
        return 409 if self.refusal or self.revision.meanwhile or self.entered else 422 if self.faults else 200

    @property
    def meanwhile(self) -> list[tuple[str, str, str | None]]:
        """Return what somebody else has changed: the field, their text, and the reader's if they changed it too."""
        now, content, touched = self.revision.now, self.revision.content, self.revision.touched
        return [(name, now[name], content[name] if name in touched else None) for name in self.revision.meanwhile]


async def show_revision_form(request: Request) -> Response:
    """Show what the room states, in a form; a draft has a form of its own."""
    link, _ = await desk_link(request)
    site = site_of(request)
    desk = await desk_of(site, link)
    if isinstance(desk, Refusal):
        return desk_closed(request, link, desk)
    if desk.room.status is RoomStatus.DRAFT:
        return RedirectResponse(f"{site.base}{site.path_from(link, Purpose.START)}/room/{desk.room.room_id}", 303)
    if not desk.revises:
        return _no_revision(request, link, desk)
    return await _page(request, link, desk, RevisionForm(unchanged(desk.office, desk.room)))


async def revise_room(request: Request) -> Response:
    """Show what follows from a revision; make it once that has been seen."""
    link, room_id = await desk_link(request)
    site, fields = site_of(request), await fields_of(request)
    signed = await signed_in(request, {ReviseRoom.routing_key}, person_id=link.person_id, room_id=room_id)
    desk = await desk_of(site, link)
    if isinstance(desk, Refusal):
        return desk_closed(request, link, desk, entered_in(fields))
    if not desk.revises:
        return _no_revision(request, link, desk, entered_in(fields))
    filled = await _filled(site, link, desk, fields)
    command = filled.command
    is_seen = command is not None and fields.get(SEEN) == fingerprint_of(command)
    if signed is None or command is None or filled.revision.meanwhile or filled.entered or not is_seen:
        return await _page(request, link, desk, filled)
    command = command.model_copy(update={"expected_version": desk.room.version})
    outcome = await site.gateway.send(command, actor=link.person_id, id=signed.id_with(command.model_dump_json()))
    now = await desk_of(site, link)
    if isinstance(now, Refusal):
        return desk_closed(request, link, now, entered_in(fields))
    if not now.revises:
        return _no_revision(request, link, now, entered_in(fields))
    if isinstance(outcome, Refusal):
        return await _page(request, link, now, await _filled(site, link, now, fields, refusal=outcome))
    return await _page(request, link, now, RevisionForm(unchanged(now.office, now.room), is_done=True))


async def _filled(
    site: Site, link: Link, desk: Desk, fields: Mapping[str, str], *, refusal: Refusal | None = None
) -> RevisionForm:
    """Return what was typed, its faults or what follows from it; raise UnavailableError."""
    room = desk.room
    revision = revision_of(fields, desk.office, room)
    if revision.touched and not revision.changed:
        return RevisionForm(unchanged(desk.office, room), is_done=True)  # the form was sent before
    command, entered = command_of(revision, room), beyond_office(fields, desk.office)
    if isinstance(command, dict):
        faults = {} if "" in command and (revision.meanwhile or entered) else command
        return RevisionForm(revision, faults, entered=entered, refusal=refusal)
    roster = await site.gateway.ask(GetRoster(room_id=room.room_id, limit=1), Roster, actor=link.person_id)
    if isinstance(roster, Refusal):
        raise UnavailableError(roster.code)
    faults = faults_of(refusal, revision.content) if refusal else {}
    return RevisionForm(revision, faults, command, consequences(room, revision, roster), entered, refusal)


async def _page(request: Request, link: Link, desk: Desk, filled: RevisionForm) -> Response:
    room, revision = desk.room, filled.revision
    localizer = desk_localizer(request, link, room)
    registered, is_cut = await _registered_sponsors(request, link, room) if desk.office == HOST else ({}, False)
    return render(
        request,
        "desk-room",
        localizer,
        status=filled.status,
        desk=desk,
        room=room,
        root=desk_root(request),
        filled=filled,
        content=revision.content,
        faults=filled.faults,
        changes=[(name, revision.now[name], revision.content[name]) for name in revision.changed],
        entered=filled.entered,
        seen=fingerprint_of(filled.command) if filled.command else "",
        form=site_of(request).forms.sign(ReviseRoom.routing_key, person_id=link.person_id, room_id=room.room_id),
        registered=registered,
        registered_is_cut=is_cut,
        zones=zones(),
        languages_offered=localizer.languages(also=revision.now["language"]),
        **_CHOICES,
    )


async def _registered_sponsors(request: Request, link: Link, room: Room) -> tuple[dict[str, str], bool]:
    """Return the names of the registered sponsors by id, that of the room too, and whether there are more of them.

    Return only that of the room if rooms does not tell.
    """
    gateway, query = site_of(request).gateway, ListSponsors()
    own = room.sponsor.sponsor_id
    found = {str(own): room.sponsor.name or ""} if own else {}
    for _ in range(_MOST_PAGES):
        page = await gateway.ask(query, SponsorsFound, actor=link.person_id)
        if isinstance(page, Refusal):
            break
        found |= {str(each.sponsor_id): each.name for each in page.sponsors}
        if page.after is None:
            return found, False
        query = ListSponsors(after=page.after)
    return found, query.after is not None


def _no_revision(request: Request, link: Link, desk: Desk, entered: Sequence[EnteredField] = ()) -> Response:
    """Return the page for an office that revises nothing, or of a room that has ended."""
    return render(
        request,
        "desk-no-revision",
        desk_localizer(request, link, desk.room),
        status=403,
        desk=desk,
        room=desk.room,
        root=desk_root(request),
        entered=entered,
    )


ROUTES = [
    Route("/desk/{token}/room", show_revision_form, methods=["GET"]),
    Route("/desk/{token}/room", revise_room, methods=["POST"]),
]
