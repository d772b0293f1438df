"""Planning one date: who brings a case, who has which role this time, which guests come."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import Refusal
from practio_contracts.links import Link
from practio_contracts.rooms import PlanSession
from practio_pages.entered_fields import EnteredField, entered_in
from practio_pages.pages.people_names import names_of
from practio_pages.pages.session_page import session_page
from practio_pages.pages.session_plan_form import (
    CASE,
    GUESTS,
    ROLE,
    SEEN,
    GuestsFault,
    PlanForm,
    changes,
    content_of,
    fingerprint_of,
    form_of,
    people_of,
    plan_of,
    roles_in,
)
from practio_pages.pages.session_view import (
    MOST_LISTED,
    SessionView,
    session_closed,
    session_link,
    session_localizer,
    session_root,
    session_view,
)
from practio_pages.rendering import render
from practio_pages.site import fields_of, signed_in, site_of


@dataclass(frozen=True, slots=True)
class FilledPlanForm:
    """A form as it was filled in, with what is wrong.

    ``meanwhile``: somebody has changed the plan since it was shown.
    """

    content: PlanForm
    fault: GuestsFault | None = None
    meanwhile: bool = False
    refusal: Refusal | None = None

    @property
    def status(self) -> int:
        """Return the HTTP status of the page."""
        return 422 if self.fault else 409 if self.meanwhile or self.refusal else 200


async def show_plan(request: Request) -> Response:
    """Show the plan of the session, and the roles that are proposed."""
    link, _, _ = await session_link(request)
    view = await session_view(site_of(request), link)
    if isinstance(view, Refusal):
        return session_closed(request, link, view)
    return await _page(request, link, view, FilledPlanForm(form_of(view.result)))


async def plan(request: Request) -> Response:
    """Plan the session, and show it."""
    link, room_id, session_id = await session_link(request)
    site, fields = site_of(request), await fields_of(request)
    signed = await signed_in(request, {PlanSession.routing_key}, person_id=link.person_id, room_id=room_id)
    async with site.gateway.lock_for(room_id):
        view = await session_view(site, link)
        if isinstance(view, Refusal):
            return session_closed(request, link, view, entered_in(fields))
        content = content_of(fields)
        if not view.plans:
            return await _page(request, link, view, FilledPlanForm(content), entered_in(fields))
        command = plan_of(content, view.result, room_id=room_id, session_id=session_id)
        if isinstance(command, GuestsFault):
            return await _page(request, link, view, FilledPlanForm(content, fault=command))
        if signed is None:
            return await _page(request, link, view, FilledPlanForm(content))
        if changes(command) and fields.get(SEEN) != fingerprint_of(view.result):
            return await _page(request, link, view, FilledPlanForm(content, meanwhile=True))
        outcome = await site.gateway.send(command, actor=link.person_id, id=signed.id_with(command.model_dump_json()))
    if isinstance(outcome, Refusal):
        return await _page(request, link, view, FilledPlanForm(content, refusal=outcome))
    return await session_page(request, link, done=signed.command)


async def _page(
    request: Request, link: Link, view: SessionView, filled: FilledPlanForm, entered: Sequence[EnteredField] = ()
) -> Response:
    site, room = site_of(request), view.room
    return render(
        request,
        "session-plan",
        session_localizer(request, link, room),
        status=filled.status if view.plans else 409 if view.is_planner else 403,
        view=view,
        room=room,
        session=view.session,
        root=session_root(request),
        people=people_of(view.result, most=MOST_LISTED),
        role_names=roles_in(view.room, view.result),
        names=await names_of(site, room.room_id, view.named, actor=link.person_id),
        filled=filled,
        content=filled.content,
        fields={"case": CASE, "role": ROLE, "guests": GUESTS, "seen": SEEN},
        seen=fingerprint_of(view.result),
        entered=entered,
        form=site.forms.sign(PlanSession.routing_key, person_id=link.person_id, room_id=room.room_id),
    )


ROUTES = [
    Route("/session/{token}/plan", show_plan, methods=["GET"]),
    Route("/session/{token}/plan", plan, methods=["POST"]),
]
