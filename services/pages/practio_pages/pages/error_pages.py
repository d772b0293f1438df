"""The error pages: an expired link, an unknown address, or a service that does not answer."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from practio_contracts.links import ExpiredLinkError, LinkError
from practio_pages.forms import FormError, OldFormError
from practio_pages.gateway import UnavailableError
from practio_pages.rendering import render
from practio_pages.site import localizer_of

_STATUS = {"expired": 410, "forged": 404, "old-form": 409, "bad-form": 400, "away": 503, "nowhere": 404}


def error_page(request: Request, fault: str) -> Response:
    """Return the page of a fault with its next step, in the language of the letter if its link was valid."""
    localizer = localizer_of(request, getattr(request.state, "link", None))
    page = render(request, "fault", localizer, status=_STATUS[fault], fault=fault)
    if fault == "away":
        page.headers["retry-after"] = "10"
    return page


async def bad_link(request: Request, error: Exception) -> Response:
    """Answer a link that has expired or never was one."""
    return error_page(request, "expired" if isinstance(error, ExpiredLinkError) else "forged")


async def bad_form(request: Request, error: Exception) -> Response:
    """Answer a form that was open for too long or belongs to another page."""
    return error_page(request, "old-form" if isinstance(error, OldFormError) else "bad-form")


async def unavailable(request: Request, _error: Exception) -> Response:
    """Answer while the services do not."""
    return error_page(request, "away")


async def http_error(request: Request, error: Exception) -> Response:
    """Answer an unknown address, or a method that a page does not accept."""
    assert isinstance(error, HTTPException)
    page = error_page(request, "nowhere")
    page.status_code = error.status_code
    page.headers.update(error.headers or {})
    return page


HANDLERS = {LinkError: bad_link, FormError: bad_form, UnavailableError: unavailable, HTTPException: http_error}
