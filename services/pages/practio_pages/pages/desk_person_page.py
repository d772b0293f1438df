"""One person of a room on its desk: where they stand, what its offices can do about them, and the history."""

import asyncio
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import CommandAccepted, Refusal
from practio_contracts.links import Link
from practio_contracts.rooms import RoomStatus
from practio_pages.pages.desk import Desk, desk_closed, desk_link, desk_localizer, desk_of, desk_root
from practio_pages.pages.desk_person_view import PersonView, person_with_history
from practio_pages.pages.history_days import history_days
from practio_pages.pages.office_steps import APPOINT, HAND_OVER, OfficeStep
from practio_pages.pages.office_steps import is_possible as is_possible_for_office
from practio_pages.pages.person_steps import PersonCommand, PersonStep, steps_for
from practio_pages.pages.sidebar import office_of
from practio_pages.rendering import render
from practio_pages.site import site_of


async def show_person(request: Request) -> Response:
    """Show a person; opening the page changes nothing."""
    link, _ = await desk_link(request)
    site = site_of(request)
    desk, view = await asyncio.gather(
        desk_of(site, link), person_with_history(site, link, request.path_params["person_id"])
    )
    return desk_closed(request, link, desk) if isinstance(desk, Refusal) else person_page(request, link, desk, view)


def person_page(
    request: Request,
    link: Link,
    desk: Desk,
    view: PersonView | Refusal,
    *,
    done: PersonStep | None = None,
    command: PersonCommand | None = None,
    outcome: CommandAccepted | None = None,
) -> Response:
    """Return the page of a person; ``done`` is the step that was taken about them, with its command and outcome."""
    if isinstance(view, Refusal):
        return desk_closed(request, link, view)
    room, localizer = desk.room, desk_localizer(request, link, desk.room)
    return render(
        request,
        "desk-person",
        localizer,
        desk=desk,
        room=room,
        root=desk_root(request),
        view=view,
        names=view.names,
        invites_again=room.status is RoomStatus.PUBLISHED and view.may_come_back,
        appoints=_appoints(desk, link, view.person_id),
        steps=steps_for(view.status, office=desk.office, room=room),
        days=history_days(
            view.changes,
            person_id=view.person_id,
            host_id=room.host_id,
            zone=localizer.zone,
            reader_id=link.person_id,
        ),
        done=done,
        command=command,
        changed=outcome is not None and outcome.changed,
    )


def _appoints(desk: Desk, link: Link, person_id: UUID) -> list[str]:
    """Return which steps of offices can choose a person who is known to the room, with a seat or without."""
    room = desk.room
    if person_id == room.host_id:
        return []
    possible = [each for each in (APPOINT, HAND_OVER) if _can_choose(each, desk, link)]
    return [each.name for each in possible if each is HAND_OVER or office_of(room, person_id) is None]


def _can_choose(step: OfficeStep, desk: Desk, link: Link) -> bool:
    return is_possible_for_office(step, desk.room_result, by=link.person_id, person_id=None)


ROUTES = [Route("/desk/{token}/people/{person_id:uuid}", show_person, methods=["GET"])]
