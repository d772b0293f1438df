"""A room's requests, for its host, facilitators and stewards: pending requests, decisions, and the waitlist."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import CommandAccepted, Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import DecideRequests, Outcome, Outcomes
from practio_pages.forms import FormError
from practio_pages.pages.names import names_of
from practio_pages.pages.request_decisions import (
    LONGEST_REASON,
    Faults,
    fingerprint_of,
    read_decisions,
    remaining_fields,
)
from practio_pages.pages.roster_page import load_roster
from practio_pages.rendering import render
from practio_pages.site import fields_of, link_of, localizer_of, site_of


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
    return await _page(request, link_of(request, Purpose.QUEUE), DecisionResult())


async def act(request: Request) -> Response:
    """Decide on one person or several, and show the outcomes."""
    link = link_of(request, Purpose.QUEUE)
    return await _page(request, link, await _decide(request, link))


async def _decide(request: Request, link: Link) -> DecisionResult:
    site, fields = site_of(request), await fields_of(request)
    signed = site.forms.read(fields, person_id=link.person_id, room_id=link.room_id)
    if signed.command != DecideRequests.routing_key or signed.room_id is None:
        raise FormError("the form is of another page")
    decisions = read_decisions(fields)
    if isinstance(decisions, dict):
        return DecisionResult(fields=fields, faults=decisions)
    command = DecideRequests(room_id=signed.room_id, decisions=list(decisions))
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
        return _closed(request, link, view)
    room = view.room
    person_ids = [*(each.person_id for each in result.outcomes), *view.person_ids]
    return render(
        request,
        "queue",
        localizer_of(request, link, language=room.language, zone=room.time_zone or "UTC"),
        status=result.status,
        view=view,
        room=room,
        names=await names_of(site, room.room_id, person_ids, actor=link.person_id),
        result=result,
        longest=LONGEST_REASON,
        form=site.forms.sign(DecideRequests.routing_key, person_id=link.person_id, room_id=link.room_id),
    )


def _closed(request: Request, link: Link, refusal: Refusal) -> Response:
    if refusal.code == "not-allowed":
        return render(request, "queue-closed", localizer_of(request, link), status=403)
    return render(request, "room-gone", localizer_of(request, link), status=404, refusal=refusal)


ROUTES = [Route("/queue/{token}", look, methods=["GET"]), Route("/queue/{token}", act, methods=["POST"])]
