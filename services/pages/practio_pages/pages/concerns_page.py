"""The concerns that people reported in a room, for its stewards: read, and settled with a reason."""

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID

from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import Refusal
from practio_contracts.links import Link
from practio_contracts.rooms import ConductReport, ConductReports, ListConductReports, Outcome, SettleConduct
from practio_pages.entered_fields import EnteredField, entered_in
from practio_pages.pages.desk import Desk, desk_closed, desk_link, desk_localizer, desk_of, desk_root
from practio_pages.pages.filled_form import FilledForm, send_filled
from practio_pages.pages.people_names import names_of
from practio_pages.pages.room_notes import notes_of
from practio_pages.rendering import render
from practio_pages.site import site_of

LONGEST = 2_000
"""The most characters of a reason."""

_A_PAGE = 20
_FIELDS = ("report", "outcome", "reason")


_EMPTY = FilledForm.empty(_FIELDS)


async def show_concerns(request: Request) -> Response:
    """Show a page of reports."""
    link, _ = await desk_link(request)
    return await _page(request, link, _EMPTY, after=request.query_params.get("after"))


async def settle(request: Request) -> Response:
    """Settle a report, and show the others."""
    link, room_id = await desk_link(request)
    filled = await send_filled(
        request,
        link,
        key=SettleConduct.routing_key,
        names=_FIELDS,
        command_of=lambda content, _: _command(content, room_id=room_id),
    )
    return await _page(request, link, filled)


def _command(content: Mapping[str, str], *, room_id: UUID) -> SettleConduct | dict[str, str]:
    """Return the command of a form, or the faults of its fields."""
    faults = {} if content["outcome"] in [each.value for each in Outcome] else {"outcome": "choose"}
    if not content["reason"] or len(content["reason"]) > LONGEST:
        faults["reason"] = "too-long" if content["reason"] else "missing"
    if faults:
        return faults
    stated = {"report_id": content["report"], "outcome": content["outcome"], "words": content["reason"]}
    try:
        return SettleConduct.model_validate({"room_id": room_id, **stated})
    except ValidationError:
        return {"reason": "unreadable"}


async def _page(request: Request, link: Link, filled: FilledForm, *, after: str | None = None) -> Response:
    site, room_id = site_of(request), link.room_id
    assert room_id is not None
    entered = entered_in(filled.content)
    try:
        query = ListConductReports(room_id=room_id, limit=_A_PAGE, after=after or None)
    except ValidationError as error:
        raise HTTPException(404) from error
    desk, found = await asyncio.gather(
        desk_of(site, link), site.gateway.ask(query, ConductReports, actor=link.person_id)
    )
    if isinstance(desk, Refusal):
        return desk_closed(request, link, desk, entered)
    if isinstance(found, Refusal):
        if after and found.code == "invalid":
            raise HTTPException(404)
        return _not_for_this_office(request, link, desk, entered)
    names, notes = await asyncio.gather(
        names_of(site, room_id, _named(found.reports), actor=link.person_id),
        notes_of(site, room_id, {each.note_id for each in found.reports if each.note_id}, actor=link.person_id),
    )
    return render(
        request,
        "desk-concerns",
        desk_localizer(request, link, desk.room),
        status=filled.status,
        desk=desk,
        room=desk.room,
        root=desk_root(request),
        filled=filled,
        found=found,
        is_first=not after,
        me=link.person_id,
        names=names,
        notes=notes,
        outcomes=list(Outcome),
        longest=LONGEST,
        entered=_without_form(filled, found, entered),
        form=site.forms.sign(SettleConduct.routing_key, person_id=link.person_id, room_id=room_id),
    )


def _named(reports: Sequence[ConductReport]) -> list[UUID]:
    return [person for each in reports for person in (each.by, each.person_id, each.settled_by) if person]


def _without_form(filled: FilledForm, found: ConductReports, entered: Sequence[EnteredField]) -> Sequence[EnteredField]:
    """Return what to copy: what was entered in a form whose report is not open on this page."""
    still_open = {str(each.report_id) for each in found.reports if each.outcome is None}
    return () if filled.content["report"] in still_open else entered


def _not_for_this_office(request: Request, link: Link, desk: Desk, entered: Sequence[EnteredField]) -> Response:
    """Return the page for an office that reads no reports: only stewards do."""
    localizer, root = desk_localizer(request, link, desk.room), desk_root(request)
    shown = {"desk": desk, "room": desk.room, "root": root, "entered": entered}
    return render(request, "desk-no-concerns", localizer, status=403, **shown)


ROUTES = [
    Route("/desk/{token}/concerns", show_concerns, methods=["GET"]),
    Route("/desk/{token}/concerns", settle, methods=["POST"]),
]
