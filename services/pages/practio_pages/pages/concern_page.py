"""Reporting a concern: how somebody in a room behaves, or a note; who reads it is said before it is sent."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import CommandAccepted, Refusal
from practio_contracts.fields import tidy
from practio_contracts.links import Link, Purpose
from practio_contracts.rooms import GetRoom, ListThanks, Reader, ReportConduct, Room, RoomResult, ThanksFound
from practio_pages.forms import written_in
from practio_pages.pages.names import names_of
from practio_pages.rendering import render
from practio_pages.site import NOBODY, fields_of, link_of, localizer_of, signed_in, site_of

LONGEST = 2_000
"""The most characters of the text."""

_FIELDS = ("text", "person", "note_id")


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was filled in, with its faults, or the refusal; ``read_by``: it was received, and who reads it."""

    content: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(_FIELDS, ""))
    faults: Mapping[str, str] = field(default_factory=dict)
    refusal: Refusal | None = None
    read_by: str | None = None

    @property
    def status(self) -> int:
        """Return the HTTP status of its page."""
        return 422 if self.faults else 409 if self.refusal else 200


async def look(request: Request) -> Response:
    """Show the form; a note may be named in the address."""
    link, _ = await _link(request)
    content = dict.fromkeys(_FIELDS, "") | {"note_id": request.query_params.get("note", "")[:40]}
    return await _page(request, link, Filled(content))


async def report(request: Request) -> Response:
    """Send the report, and say who reads it."""
    link, room_id = await _link(request)
    fields = await fields_of(request)
    signed = await signed_in(request, {ReportConduct.routing_key}, person_id=link.person_id, room_id=room_id)
    content = {name: tidy(fields.get(name, "")) for name in _FIELDS}
    report_id = signed.id_with(" ".join(content.values())) if signed else NOBODY
    command = _command(content, room_id=room_id, report_id=report_id)
    if isinstance(command, dict):
        return await _page(request, link, Filled(content, faults=command))
    if signed is None:
        return await _page(request, link, Filled(content))
    id_ = signed.id_with(command.model_dump_json())
    outcome = await site_of(request).gateway.send(command, actor=link.person_id, id=id_)
    if isinstance(outcome, CommandAccepted):
        return await _page(request, link, Filled(read_by=str(outcome.state.get("read_by", Reader.STEWARDS))))
    return await _page(request, link, Filled(content, refusal=outcome))


async def _link(request: Request) -> tuple[Link, UUID]:
    link = await link_of(request, Purpose.WAY)
    assert link.room_id is not None  # a signed link of this purpose names the room
    return link, link.room_id


def _command(content: Mapping[str, str], *, room_id: UUID, report_id: UUID) -> ReportConduct | dict[str, str]:
    """Return the command of a form, or its faults; a note that the address names wrongly is left out."""
    if not content["text"] or len(content["text"]) > LONGEST:
        return {"text": "too-long" if content["text"] else "missing"}
    stated = {"text": content["text"], "person_id": content["person"] or None, "note_id": _id(content["note_id"])}
    try:
        return ReportConduct.model_validate({"room_id": room_id, "report_id": report_id, **stated})
    except ValidationError as error:
        return {"person" if each["loc"][0] == "person_id" else "text": "unreadable" for each in error.errors()}


def _id(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None


async def _page(request: Request, link: Link, filled: Filled) -> Response:
    assert link.room_id is not None
    site, person = site_of(request), link.person_id
    found, thanks = await asyncio.gather(
        site.gateway.ask(GetRoom(room_id=link.room_id), RoomResult, actor=person),
        site.gateway.ask(ListThanks(room_id=link.room_id, limit=1), ThanksFound, actor=person),
    )
    if isinstance(found, Refusal):
        written = written_in(filled.content).values()
        return render(
            request, "room-gone", localizer_of(request, link), status=404, refusal=found, written=list(written)
        )
    room = found.room
    people = _people(room, thanks, person)
    return render(
        request,
        "concern",
        localizer_of(request, link, language=room.language, zone=room.time_zone or "UTC"),
        status=filled.status,
        room=room,
        filled=filled,
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
    offices = [room.host_id, *room.facilitator_ids, *room.steward_ids]
    inside = [] if isinstance(thanks, Refusal) else thanks.people
    return [each for each in dict.fromkeys([*offices, *inside]) if each != person]


ROUTES = [
    Route("/way/{token}/concern", look, methods=["GET"]),
    Route("/way/{token}/concern", report, methods=["POST"]),
]
