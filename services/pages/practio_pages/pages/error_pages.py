"""What a reader sees when something is wrong: a link that is over, an address that leads nowhere, nobody answering."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from practio_contracts.links import ExpiredLinkError, LinkError
from practio_pages.forms import FormError, OldFormError
from practio_pages.gateway import AwayError
from practio_pages.rendering import shown
from practio_pages.site import tongue_of

_STATUS = {"expired": 410, "forged": 404, "old-form": 409, "bad-form": 400, "away": 503, "nowhere": 404}


def told(request: Request, fault: str) -> Response:
    """Show what is wrong and what to do, in the language of the letter where its link was good."""
    spoken = tongue_of(request, getattr(request.state, "link", None))
    page = shown(request, "fault", spoken, status=_STATUS[fault], fault=fault)
    if fault == "away":
        page.headers["retry-after"] = "10"
    return page


async def bad_link(request: Request, error: Exception) -> Response:
    """Answer a link that is over, or was never one."""
    return told(request, "expired" if isinstance(error, ExpiredLinkError) else "forged")


async def bad_form(request: Request, error: Exception) -> Response:
    """Answer a form that lay open for too long, or is not of this page."""
    return told(request, "old-form" if isinstance(error, OldFormError) else "bad-form")


async def away(request: Request, _error: Exception) -> Response:
    """Answer while the services do not."""
    return told(request, "away")


async def refused(request: Request, error: Exception) -> Response:
    """Answer an address that leads nowhere, and a method that a page does not take."""
    assert isinstance(error, HTTPException)
    page = told(request, "nowhere")
    page.status_code = error.status_code
    page.headers.update(error.headers or {})
    return page


HANDLERS = {LinkError: bad_link, FormError: bad_form, AwayError: away, HTTPException: refused}
