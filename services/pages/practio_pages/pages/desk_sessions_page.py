"""The sessions of a room on its desk: those to come and those that are over."""

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import Refusal
from practio_contracts.links import Link
from practio_pages.entered_fields import EnteredField
from practio_pages.pages.coming_sessions import session_list
from practio_pages.pages.desk import Desk, desk_closed, desk_link, desk_localizer, desk_of, desk_root
from practio_pages.rendering import render
from practio_pages.site import site_of


async def show_sessions(request: Request) -> Response:
    """Show a page of the sessions."""
    link, _ = await desk_link(request)
    desk = await desk_of(site_of(request), link)
    if isinstance(desk, Refusal):
        return desk_closed(request, link, desk)
    return await sessions_page(request, link, desk, parameters=request.query_params)


async def sessions_page(
    request: Request,
    link: Link,
    desk: Desk,
    *,
    parameters: Mapping[str, str] | None = None,
    done: str | None = None,
    refusal: Refusal | None = None,
    gone: bool = False,
    entered: Sequence[EnteredField] = (),
) -> Response:
    """Return the page of sessions; ``done`` is the command that has taken effect, ``entered`` what to copy.

    ``gone``: the session to change is over or was called off.
    """
    listed = await session_list(site_of(request), link, desk.room, parameters or {})
    return render(
        request,
        "desk-sessions",
        desk_localizer(request, link, desk.room),
        status=409 if refusal or gone else 200,
        desk=desk,
        room=desk.room,
        root=desk_root(request),
        listed=listed,
        done=done,
        refusal=refusal,
        gone=gone,
        entered=entered,
    )


ROUTES = [Route("/desk/{token}/sessions", show_sessions, methods=["GET"])]
