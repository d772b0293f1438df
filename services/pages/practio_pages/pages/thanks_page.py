"""Thanks in a room, on its desk and for the people in it: read, and given to somebody."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from uuid import UUID

from pydantic import ValidationError
from starlette.datastructures import URL, QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.rooms import ListThanks, SeenBy, Thank, ThanksFound
from practio_pages.entered_fields import EnteredField, entered_in
from practio_pages.pages.filled_form import FilledForm, send_filled
from practio_pages.pages.page_buttons import page_buttons_at, turned_to
from practio_pages.pages.people_names import names_of
from practio_pages.pages.room_notes import link_to_notes, notes_closed, notes_localizer, room_notes_of
from practio_pages.rendering import render
from practio_pages.site import fields_of, site_of

LONGEST = {"reason": 120, "message": 500}
"""The most characters of each text."""

_A_PAGE = 20
_AFTER = "after"
_FIELDS = ("person", "reason", "message", "seen_by")


async def show_thanks(request: Request, purpose: Purpose) -> Response:
    """Show a page of thanks, and the form."""
    link, _ = await link_to_notes(request, purpose)
    return await _page(request, link, FilledForm.empty(_FIELDS), request.url)


async def thank(request: Request, purpose: Purpose) -> Response:
    """Thank somebody, and show the thanks with the new one."""
    link, room_id = await link_to_notes(request, purpose)
    fields = await fields_of(request)
    if url := turned_to(request.url, fields):
        return await _page(request, link, FilledForm({name: fields.get(name, "") for name in _FIELDS}), url)
    filled = await send_filled(
        request, link, key=Thank.routing_key, names=_FIELDS, command_of=partial(_command, room_id)
    )
    return await _page(request, link, filled, request.url.remove_query_params(_AFTER))


def _command(room_id: UUID, content: Mapping[str, str], thanks_id: UUID) -> Thank | dict[str, str]:
    """Return the command of a form, or the faults of its fields."""
    faults = {name: "missing" for name in ("person", "reason", "message") if not content[name]}
    faults |= {name: "too-long" for name, most in LONGEST.items() if len(content[name]) > most}
    if faults:
        return faults
    stated = {"person_id": content["person"], "for": content["reason"], "words": content["message"]}
    try:
        return Thank.model_validate(
            {"room_id": room_id, "thanks_id": thanks_id, "seen_by": content["seen_by"] or SeenBy.PERSON, **stated}
        )
    except ValidationError as error:
        names = {"person_id": "person", "for": "reason", "words": "message"}
        return {names.get(str(each["loc"][0]), str(each["loc"][0])): "unreadable" for each in error.errors()}


async def _page(request: Request, link: Link, filled: FilledForm, url: URL) -> Response:
    """Return the page of thanks at ``url``, with the form as it was filled in."""
    site, room_id, after = site_of(request), link.room_id, QueryParams(url.query).get(_AFTER)
    assert room_id is not None
    entered = entered_in(filled.content)
    try:
        query = ListThanks(room_id=room_id, limit=_A_PAGE, after=after or None)
    except ValidationError as error:
        raise HTTPException(404) from error
    room_notes, found = await asyncio.gather(
        room_notes_of(request, link), site.gateway.ask(query, ThanksFound, actor=link.person_id)
    )
    if isinstance(room_notes, Refusal):
        return notes_closed(request, link, room_notes, entered)
    room = room_notes.room
    if isinstance(found, Refusal):
        if after and found.code == "invalid":
            raise HTTPException(404)
        return notes_closed(request, link, found, entered)
    named = [*found.people, *(each for thanks in found.thanks for each in (thanks.person_id, thanks.by))]
    return render(
        request,
        "thanks",
        notes_localizer(request, room_notes),
        status=filled.status,
        room_notes=room_notes,
        office=room_notes.office,
        root=room_notes.root,
        room=room,
        filled=filled,
        content=filled.content,
        found=found,
        turns=page_buttons_at(url, _AFTER, found.after),
        me=link.person_id,
        names=await names_of(site, room.room_id, named, actor=link.person_id),
        longest=LONGEST,
        entered=_unasked(found, entered),
        notes=site.path_from(link, Purpose.MEMORY) if room_notes.root else room_notes.path,
        way=None if room_notes.is_draft else site.path_from(link, Purpose.WAY),
        form=site.forms.sign(Thank.routing_key, person_id=link.person_id, room_id=room.room_id),
    )


def _unasked(found: ThanksFound, entered: Sequence[EnteredField]) -> Sequence[EnteredField]:
    """Return what to copy, if there is nobody to thank, and so no form."""
    return () if found.people else entered


def _routes(purpose: Purpose) -> list[Route]:
    path = f"/{purpose}/{{token}}/thanks"
    return [
        Route(path, partial(show_thanks, purpose=purpose), methods=["GET"]),
        Route(path, partial(thank, purpose=purpose), methods=["POST"]),
    ]


ROUTES = [route for purpose in (Purpose.DESK, Purpose.MEMORY) for route in _routes(purpose)]
