"""The code of a session, which leads people who are there to its check-in page; offices show it on a screen."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import Refusal
from practio_pages.pages.session_view import (
    session_closed,
    session_link,
    session_localizer,
    session_root,
    session_view,
)
from practio_pages.qr_codes import qr_code_svg
from practio_pages.rendering import render
from practio_pages.site import site_of


async def show_code(request: Request) -> Response:
    """Show the code while people check in."""
    link, _, _ = await session_link(request)
    site = site_of(request)
    view = await session_view(site, link)
    if isinstance(view, Refusal):
        return session_closed(request, link, view)
    address = site.code_of(link, until=view.session.ends_at) if view.shows_code else None
    return render(
        request,
        "session-code",
        session_localizer(request, link, view.room),
        status=200 if view.office else 403,
        view=view,
        room=view.room,
        session=view.session,
        root=session_root(request),
        address=address,
        code=qr_code_svg(address) if address else None,
    )


ROUTES = [Route("/session/{token}/code", show_code, methods=["GET"])]
