"""A room's requests, for its host, facilitators and stewards: pending requests, decisions, and the waitlist."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import CommandAccepted, Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import DecideRequests, Outcome, Outcomes
from practio_pages.pages.names import names_of
from practio_pages.pages.request_decisions import (
    CHOICE,
    LONGEST_REASON,
    REASON,
    Faults,
    fingerprint_of,
    read_decisions,
    remaining_fields,
)
from practio_pages.pages.roster_page import RosterView, load_roster
from practio_pages.pages.sidebar import office_of
from practio_pages.rendering import render
from practio_pages.site import fields_of, link_of, localizer_of, signed_in, site_of
from practio_pages.written import Written, written_in


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """The result of a form: the ``outcomes`` of its decisions or the reason for having none, and the fields to keep."""

    fields: Mapping[str, str] = field(default_factory=dict)
    outcomes: Sequence[Outcome] = ()
    faults: Faults = field(default_factory=dict)
    refusal: Refusal | None = None

    @property
    def status(self) -> int:
        """Return the HTTP status of the page: 409 if no decision took effect."""
        if self.faults:
            return 422
        all_failed = self.outcomes and not any(each.accepted for each in self.outcomes)
        return 409 if self.refusal or all_failed else 200


async def look(request: Request) -> Response:
    """Show requests and waitlist; opening the page changes nothing."""
    return await _page(request, await link_of(request, Purpose.QUEUE), DecisionResult())


async def act(request: Request) -> Response:
    """Decide on one person or several, and show the outcomes."""
    link = await link_of(request, Purpose.QUEUE)
    return await _page(request, link, await _decide(request, link))


async def _decide(request: Request, link: Link) -> DecisionResult:
    assert link.room_id is not None  # a signed link of this purpose names the room
    site, fields = site_of(request), await fields_of(request)
    signed = await signed_in(request, {DecideRequests.routing_key}, person_id=link.person_id, room_id=link.room_id)
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
    site = site_of(request)
    view = await load_roster(site, link, request.url)
    if isinstance(view, Refusal):
        return _closed(request, link, view, written_in(result.fields))
    room = view.room
    person_ids = [*(each.person_id for each in result.outcomes), *view.person_ids]
    return render(
        request,
        "queue",
        localizer_of(request, link, language=room.language, zone=room.time_zone or "UTC"),
        status=result.status,
        view=view,
        room=room,
        root=site.path_from(link, Purpose.DESK),
        office=office_of(room, link.person_id),
        names=await names_of(site, room.room_id, person_ids, actor=link.person_id),
        result=result,
        longest=LONGEST_REASON,
        form=site.forms.sign(DecideRequests.routing_key, person_id=link.person_id, room_id=link.room_id),
        written=_without_field(result, view),
    )


def _without_field(result: DecisionResult, view: RosterView) -> list[Written]:
    """Return what was entered in a form without outcomes about people who are no longer on the page."""
    asking = view.parts["requests"].entries
    ids = [each.membership.person_id for each in asking]
    has_field = {f"{REASON}-{each}" for each in ids} | {f"{CHOICE}{each}" for each in ids}
    has_field |= {REASON} if len(asking) > 1 else set()
    kept = [] if result.outcomes else written_in(result.fields)
    return [each for each in kept if each.name not in has_field]


def _closed(request: Request, link: Link, refusal: Refusal, written: Sequence[Written]) -> Response:
    localizer = localizer_of(request, link)
    if refusal.code == "not-allowed":
        return render(request, "queue-closed", localizer, status=403, written=written)
    return render(request, "room-gone", localizer, status=404, refusal=refusal, written=written)


ROUTES = [Route("/queue/{token}", look, methods=["GET"]), Route("/queue/{token}", act, methods=["POST"])]
