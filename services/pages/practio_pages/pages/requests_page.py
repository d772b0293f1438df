"""A room's requests, for its host, facilitators and stewards: who asks, what is decided on them, and who waits."""

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
from practio_pages.pages.request_decisions import LONGEST_REASON, Faults, decisions_in, kept, signature_of
from practio_pages.pages.roster_page import queue_of
from practio_pages.rendering import shown
from practio_pages.site import fields_of, link_of, site_of, tongue_of


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a form: ``outcomes`` of its decisions, or why there are none, and what stays typed."""

    typed: Mapping[str, str] = field(default_factory=dict)
    outcomes: Sequence[Outcome] = ()
    faults: Faults = field(default_factory=dict)
    refusal: Refusal | None = None

    @property
    def status(self) -> int:
        """Give the HTTP status of a page that tells it: 409 where nothing of it could be done."""
        if self.faults:
            return 422
        in_vain = self.outcomes and not any(each.accepted for each in self.outcomes)
        return 409 if self.refusal or in_vain else 200


async def look(request: Request) -> Response:
    """Show who asks and who waits; nothing changes by looking."""
    return await _page(request, link_of(request, Purpose.QUEUE), Came())


async def act(request: Request) -> Response:
    """Decide on one person or on many, and show what came of it."""
    link = link_of(request, Purpose.QUEUE)
    return await _page(request, link, await _decide(request, link))


async def _decide(request: Request, link: Link) -> Came:
    site, fields = site_of(request), await fields_of(request)
    move = site.forms.read(fields, person_id=link.person_id, room_id=link.room_id)
    if move.command != DecideRequests.routing_key or move.room_id is None:
        raise FormError("the form is of another page")
    decisions = decisions_in(fields)
    if isinstance(decisions, dict):
        return Came(typed=fields, faults=decisions)
    command = DecideRequests(room_id=move.room_id, decisions=list(decisions))
    outcome = await site.desk.send(command, actor=link.person_id, id=move.id_with(signature_of(decisions)))
    match outcome:
        case CommandAccepted():
            return Came(typed=kept(fields), outcomes=Outcomes.model_validate(outcome.state).outcomes)
        case Refusal():
            return Came(typed=fields, refusal=outcome)


async def _page(request: Request, link: Link, came: Came) -> Response:
    site = site_of(request)
    found = await queue_of(site, link, request.url)
    if isinstance(found, Refusal):
        return _closed(request, link, found)
    room = found.room
    person_ids = [*(each.person_id for each in came.outcomes), *found.person_ids]
    return shown(
        request,
        "queue",
        tongue_of(request, link, language=room.language, zone=room.time_zone or "UTC"),
        status=came.status,
        queue=found,
        room=room,
        names=await names_of(site, room.room_id, person_ids, actor=link.person_id),
        came=came,
        longest=LONGEST_REASON,
        form=site.forms.written(DecideRequests.routing_key, person_id=link.person_id, room_id=link.room_id),
    )


def _closed(request: Request, link: Link, refusal: Refusal) -> Response:
    if refusal.code == "not-allowed":
        return shown(request, "queue-closed", tongue_of(request, link), status=403)
    return shown(request, "room-gone", tongue_of(request, link), status=404, refusal=refusal)


ROUTES = [Route("/queue/{token}", look, methods=["GET"]), Route("/queue/{token}", act, methods=["POST"])]
