"""Reporting a concern: how somebody in a room behaves, or a note; who reads it is said before it is sent."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from uuid import UUID

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.rooms import GetRoom, ListThanks, Reader, ReportConduct, Room, RoomResult, ThanksFound
from practio_pages.entered_fields import entered_in
from practio_pages.pages.filled_form import FilledForm, send_filled
from practio_pages.pages.people_names import names_of
from practio_pages.rendering import render
from practio_pages.site import link_of, localizer_of, site_of

LONGEST = 2_000
"""The most characters of the text."""

_FIELDS = ("text", "person", "note_id")


async def show_concern_form(request: Request) -> Response:
    """Show the form; a note may be named in the address."""
    link, _ = await _link(request)
    content = dict.fromkeys(_FIELDS, "") | {"note_id": request.query_params.get("note", "")[:40]}
    return await _page(request, link, FilledForm(content))


async def report(request: Request) -> Response:
    """Send the report, and say who reads it."""
    link, room_id = await _link(request)
    filled = await send_filled(
        request, link, key=ReportConduct.routing_key, names=_FIELDS, command_of=partial(_command, room_id)
    )
    return await _page(request, link, filled)


async def _link(request: Request) -> tuple[Link, UUID]:
    link = await link_of(request, Purpose.WAY)
    assert link.room_id is not None  # a signed link of this purpose names the room
    return link, link.room_id


def _command(room_id: UUID, content: Mapping[str, str], report_id: UUID) -> ReportConduct | dict[str, str]:
    """Return the command of a form, or its faults; a note that the address names wrongly is left out."""
    if not content["text"] or len(content["text"]) > LONGEST:
        return {"text": "too-long" if content["text"] else "missing"}
    stated = {"text": content["text"], "person_id": content["person"] or None, "note_id": _id(content["note_id"])}
    try:
        return ReportConduct.model_validate({"room_id": room_id, "report_id": report_id, **stated})
    except ValidationError as error:
        return {"person" if each["loc"][0] == "person_id" else "text": "unreadable" for each in error.errors()}


def _id(entered: str) -> UUID | None:
    try:
        return UUID(entered)
    except ValueError:
        return None


async def _page(request: Request, link: Link, filled: FilledForm) -> Response:
    assert link.room_id is not None
    site, person = site_of(request), link.person_id
    found, thanks = await asyncio.gather(
        site.gateway.ask(GetRoom(room_id=link.room_id), RoomResult, actor=person),
        site.gateway.ask(ListThanks(room_id=link.room_id, limit=1), ThanksFound, actor=person),
    )
    if isinstance(found, Refusal):
        entered = entered_in(filled.content)
        return render(request, "room-gone", localizer_of(request, link), status=404, refusal=found, entered=entered)
    room = found.room
    people = _people(room, thanks, person)
    return render(
        request,
        "concern",
        localizer_of(request, link, language=room.language, zone=room.time_zone or "UTC"),
        status=filled.status,
        room=room,
        filled=filled,
        read_by=str(filled.accepted.state.get("read_by", Reader.STEWARDS)) if filled.accepted else None,
        content=filled.content,
        about_note=_id(filled.content["note_id"]) is not None,
        people_here=people,
        names=await names_of(site, room.room_id, people, actor=person),
        has_steward=any(each != person for each in room.steward_ids),
        longest=LONGEST,
        way=site.path_from(link, Purpose.WAY),
        form=site.forms.sign(ReportConduct.routing_key, person_id=person, room_id=room.room_id),
    )


def _people(room: Room, thanks: ThanksFound | Refusal, person: UUID) -> Sequence[UUID]:
    """Return whom a report may name: the offices, and for people in the room everybody in it."""
    offices = room.office_ids
    inside = [] if isinstance(thanks, Refusal) else thanks.people
    return [each for each in dict.fromkeys([*offices, *inside]) if each != person]


ROUTES = [
    Route("/way/{token}/concern", show_concern_form, methods=["GET"]),
    Route("/way/{token}/concern", report, methods=["POST"]),
]
