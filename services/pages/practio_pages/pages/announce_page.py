"""A word of those who run a room to everybody in it, or also to those who wait: a letter, at most two in seven days."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import Refusal
from practio_contracts.fields import tidy
from practio_contracts.links import Link
from practio_contracts.membership import GetRoster, Roster
from practio_contracts.rooms import (
    Addressees,
    Announce,
    ListSessions,
    RoomStatus,
    Session,
    SessionsFound,
    SessionStatus,
)
from practio_pages.entered_fields import EnteredField, entered_in
from practio_pages.pages.addressee_counts import AddresseeCounts
from practio_pages.pages.desk import Desk, desk_closed, desk_link, desk_localizer, desk_of, desk_root
from practio_pages.rendering import render
from practio_pages.site import NOBODY, fields_of, signed_in, site_of

LONGEST = 2_000
"""The most characters of the text."""

_NEXT = 20
"""How many sessions are offered, of those to come."""


@dataclass(frozen=True, slots=True)
class AnnouncementForm:
    """A form as it was filled in, with its faults, or the refusal of its command; ``done``: it has taken effect."""

    text: str = ""
    to: str = Addressees.JOINED.value
    session: str = ""
    fault: str | None = None
    refusal: Refusal | None = None
    done: bool = False

    @property
    def status(self) -> int:
        """Return the HTTP status of its page."""
        return 422 if self.fault else 409 if self.refusal else 200


async def show_announcement_form(request: Request) -> Response:
    """Show the form, and to how many people the words go."""
    link, _ = await desk_link(request)
    return await _page(request, link, AnnouncementForm())


async def announce(request: Request) -> Response:
    """Send the text to the people of the room."""
    link, room_id = await desk_link(request)
    site, fields = site_of(request), await fields_of(request)
    signed = await signed_in(request, {Announce.routing_key}, person_id=link.person_id, room_id=room_id)
    filled = AnnouncementForm(tidy(fields.get("text", "")), fields.get("to", ""), fields.get("session", ""))
    announcement_id = signed.id_with(" ".join((filled.to, filled.session, filled.text))) if signed else NOBODY
    command = _command(filled, room_id=room_id, announcement_id=announcement_id)
    if isinstance(command, str):
        return await _page(request, link, replace(filled, fault=command))
    if signed is None:
        return await _page(request, link, filled)
    outcome = await site.gateway.send(command, actor=link.person_id, id=signed.id_with(command.model_dump_json()))
    if isinstance(outcome, Refusal):
        return await _page(request, link, replace(filled, refusal=outcome))
    return await _page(request, link, AnnouncementForm(to=filled.to, done=True))


def _command(filled: AnnouncementForm, *, room_id: UUID, announcement_id: UUID) -> Announce | str:
    """Return the command of a form, or its fault."""
    if not filled.text:
        return "missing"
    if len(filled.text) > LONGEST:
        return "too-long"
    stated = {
        "room_id": room_id,
        "announcement_id": announcement_id,
        "text": filled.text,
        "to": filled.to or None,
        "session_id": filled.session or None,
    }
    try:
        return Announce.model_validate(stated)
    except ValidationError:
        return "unreadable"


async def _page(request: Request, link: Link, filled: AnnouncementForm) -> Response:
    site, room_id = site_of(request), link.room_id
    assert room_id is not None
    desk, roster, found = await asyncio.gather(
        desk_of(site, link),
        site.gateway.ask(GetRoster(room_id=room_id, limit=1), Roster, actor=link.person_id),
        site.gateway.ask(ListSessions(room_id=room_id, limit=_NEXT), SessionsFound, actor=link.person_id),
    )
    texts = entered_in({"to": filled.to, "session": filled.session, "text": filled.text})
    if isinstance(desk, Refusal):
        return desk_closed(request, link, desk, texts)
    if not _announces(desk):
        return _no_announcing(request, link, desk, texts)
    room = desk.room
    return render(
        request,
        "desk-announce",
        desk_localizer(request, link, room),
        status=filled.status,
        desk=desk,
        room=room,
        root=desk_root(request),
        filled=filled,
        readers=AddresseeCounts.of(roster, room, link.person_id).counts,
        addressees=list(Addressees),
        sessions=_planned(found),
        longest=LONGEST,
        form=site.forms.sign(Announce.routing_key, person_id=link.person_id, room_id=room.room_id),
    )


def _no_announcing(request: Request, link: Link, desk: Desk, texts: Sequence[EnteredField]) -> Response:
    """Return the page for an office that does not write to everybody, or of a room in which nobody does."""
    localizer, root = desk_localizer(request, link, desk.room), desk_root(request)
    shown = {"desk": desk, "room": desk.room, "root": root, "entered": texts}
    return render(request, "desk-no-announcing", localizer, status=403, **shown)


def _planned(found: SessionsFound | Refusal) -> list[Session]:
    """Return the sessions to come that the words can be about."""
    sessions = [] if isinstance(found, Refusal) else found.sessions
    return [each for each in sessions if each.status is SessionStatus.SCHEDULED]


def _announces(desk: Desk) -> bool:
    """Return whether the person may write to the people of the room as it stands."""
    return desk.plans and desk.room.status is not RoomStatus.DRAFT


ROUTES = [
    Route("/desk/{token}/announce", show_announcement_form, methods=["GET"]),
    Route("/desk/{token}/announce", announce, methods=["POST"]),
]
