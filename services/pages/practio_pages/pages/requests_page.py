"""A room's requests, for its host, facilitators and stewards: pending requests, decisions, and the waitlist."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import CommandAccepted, Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import DecideRequests, Outcome, Outcomes
from practio_pages.entered_fields import EnteredField, entered_in
from practio_pages.pages.page_buttons import turned_to
from practio_pages.pages.people_names import names_of
from practio_pages.pages.request_decisions import (
    KEPT,
    LONGEST_REASON,
    REASON,
    DecisionFaults,
    entered_about,
    fields_about,
    fingerprint_of,
    kept_in,
    read_decisions,
    remaining_fields,
)
from practio_pages.pages.roster_parts import RosterView, load_roster
from practio_pages.pages.sidebar import office_of
from practio_pages.rendering import render
from practio_pages.site import fields_of, link_of, localizer_of, signed_in, site_of


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """The result of a form: the ``outcomes`` of its decisions or the reason for having none, and the fields to keep.

    ``turned_to``: no decision was sent, but another page of the list was asked for.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    outcomes: Sequence[Outcome] = ()
    faults: DecisionFaults = field(default_factory=dict)
    refusal: Refusal | None = None
    turned_to: URL | None = None

    @property
    def status(self) -> int:
        """Return the HTTP status of the page: 409 if no decision took effect."""
        if self.faults:
            return 422
        all_failed = self.outcomes and not any(each.accepted for each in self.outcomes)
        return 409 if self.refusal or all_failed else 200


async def show_requests(request: Request) -> Response:
    """Show requests and waitlist; opening the page changes nothing."""
    return await _page(request, await link_of(request, Purpose.QUEUE), DecisionResult())


async def decide(request: Request) -> Response:
    """Decide on one person or several, and show the outcomes."""
    link = await link_of(request, Purpose.QUEUE)
    return await _page(request, link, await _decide(request, link))


async def _decide(request: Request, link: Link) -> DecisionResult:
    assert link.room_id is not None  # a signed link of this purpose names the room
    site, fields = site_of(request), await fields_of(request)
    signed = await signed_in(request, {DecideRequests.routing_key}, person_id=link.person_id, room_id=link.room_id)
    if url := turned_to(request.url, fields):
        return DecisionResult(fields=fields, turned_to=url)
    if signed is None:
        return DecisionResult(fields=fields)
    decisions = read_decisions(fields)
    if isinstance(decisions, dict):
        return DecisionResult(fields=fields, faults=decisions)
    command = DecideRequests(room_id=link.room_id, decisions=list(decisions))
    outcome = await site.gateway.send(command, actor=link.person_id, id=signed.id_with(fingerprint_of(decisions)))
    match outcome:
        case CommandAccepted():
            return DecisionResult(
                fields=remaining_fields(fields), outcomes=Outcomes.model_validate(outcome.state).outcomes
            )
        case Refusal():
            return DecisionResult(fields=fields, refusal=outcome)


async def _page(request: Request, link: Link, result: DecisionResult) -> Response:
    site, url = site_of(request), result.turned_to or request.url
    view = await load_roster(site, link, url)
    if isinstance(view, Refusal):
        return _closed(request, link, view, entered_in(result.fields))
    room = view.room
    kept = _kept(result, view)
    person_ids = [*(each.person_id for each in result.outcomes), *view.person_ids]
    return render(
        request,
        "requests",
        localizer_of(request, link, language=room.language, zone=room.time_zone or "UTC"),
        status=result.status,
        view=view,
        room=room,
        root=site.path_from(link, Purpose.DESK),
        office=office_of(room, link.person_id),
        names=await names_of(site, room.room_id, person_ids, actor=link.person_id),
        result=result,
        action=f"{site.base}{url.path}?{url.query}",
        kept=kept,
        carried={name: result.fields[name] for name in fields_about(kept) if result.fields.get(name)},
        kept_field=KEPT,
        longest=LONGEST_REASON,
        form=site.forms.sign(DecideRequests.routing_key, person_id=link.person_id, room_id=link.room_id),
        entered=_without_field(result, view, kept),
    )


def _kept(result: DecisionResult, view: RosterView) -> list[UUID]:
    """Return the people on other pages about whom the form keeps what was entered, once it was turned to this one."""
    listed = _listed(view)
    if not listed:
        return []
    about = entered_about(result.fields) if result.turned_to else kept_in(result.fields)
    decided = [each.person_id for each in result.outcomes]
    return [each for each in about if each not in listed and each not in decided]


def _listed(view: RosterView) -> list[UUID]:
    return [each.membership.person_id for each in view.parts["requests"].entries]


def _without_field(result: DecisionResult, view: RosterView, kept: Sequence[UUID]) -> list[EnteredField]:
    """Return what was entered in a form without outcomes about people for whom it has no field any more."""
    ids = [*_listed(view), *kept]
    has_field = {*fields_about(ids), *([REASON] if len(ids) > 1 else [])}
    entered = [] if result.outcomes else entered_in(result.fields)
    return [each for each in entered if each.name not in has_field]


def _closed(request: Request, link: Link, refusal: Refusal, entered: Sequence[EnteredField]) -> Response:
    localizer = localizer_of(request, link)
    if refusal.code == "not-allowed":
        return render(request, "requests-closed", localizer, status=403, entered=entered)
    return render(request, "room-gone", localizer, status=404, refusal=refusal, entered=entered)


ROUTES = [Route("/queue/{token}", show_requests, methods=["GET"]), Route("/queue/{token}", decide, methods=["POST"])]
