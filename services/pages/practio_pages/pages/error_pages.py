"""The error pages: an expired or ended link, an unknown address, or a service that does not answer.

None of them loses what was entered in a form: without an answer, the page sends the same form again, which takes effect
once; behind an expired link, or with a form that is not this page's, it shows what was entered, to be copied.
"""

from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from practio_contracts.links import ExpiredLinkError, Link, LinkError, Purpose
from practio_pages.entered_fields import EnteredField, entered_in
from practio_pages.forms import FormError
from practio_pages.gateway import PersonErasedError, UnavailableError
from practio_pages.link_version import EndedLinkError
from practio_pages.rendering import render
from practio_pages.site import localizer_of, pairs_of, site_of

_STATUS = {
    "expired": 410,
    "code-expired": 410,
    "ended": 410,
    "erased": 410,
    "forged": 404,
    "bad-form": 400,
    "too-large": 413,
    "away": 503,
    "nowhere": 404,
}


def error_page(
    request: Request, fault: str, *, sent: Sequence[tuple[str, str]] = (), entered: Sequence[EnteredField] = ()
) -> Response:
    """Return the page of a fault with its next step, in the language of the letter if its link was valid.

    ``sent`` are the fields of a form to send again, ``entered`` what to show of it.
    """
    localizer = localizer_of(request, getattr(request.state, "link", None))
    page = render(request, "error", localizer, status=_STATUS[fault], fault=fault, sent=sent, entered=entered)
    if fault == "away":
        page.headers["retry-after"] = "10"
    return page


async def bad_link(request: Request, error: Exception) -> Response:
    """Answer a link that is over or never was one; a text in a form is shown only behind one that was good once."""
    if not isinstance(error, ExpiredLinkError | EndedLinkError):
        return error_page(request, "forged")
    if isinstance(error, EndedLinkError):
        fault = "ended"
    else:
        is_code = request.url.path.startswith(f"/{Purpose.CHECK_IN}/")
        fault = "code-expired" if is_code else "expired"
    return error_page(request, fault, entered=entered_in(await _sent(request)))


async def bad_form(request: Request, _error: Exception) -> Response:
    """Answer a form that was not made here, or belongs to another page; behind a good link, show what was written."""
    is_linked = getattr(request.state, "link", None) is not None
    return error_page(request, "bad-form", entered=entered_in(await _sent(request)) if is_linked else ())


async def erased(request: Request, _error: Exception) -> Response:
    """Answer a link of a person who was erased."""
    return error_page(request, "erased")


async def unavailable(request: Request, _error: Exception) -> Response:
    """Answer while the services do not."""
    request.state.has_old_form = False  # its page could not come back; the same form is sent again instead
    sent = await _sent(request)
    return error_page(request, "away", sent=sent, entered=entered_in(sent))


def too_large(request: Request) -> Response:
    """Answer a form that is larger than any of the site, before it is read."""
    request.state.link = _link_in(request)
    return error_page(request, "too-large")


def _link_in(request: Request) -> Link | None:
    """Return the link in the path of a request that no page has got yet; None if there is none."""
    purpose, token, *_ = [*request.url.path.strip("/").split("/"), ""]
    try:
        return site_of(request).links.read(token, Purpose(purpose))
    except (LinkError, ValueError):
        return None


async def http_error(request: Request, error: Exception) -> Response:
    """Answer an unknown address, or a method that a page does not accept."""
    assert isinstance(error, HTTPException)
    page = error_page(request, "nowhere")
    page.status_code = error.status_code
    page.headers.update(error.headers or {})
    return page


async def _sent(request: Request) -> Sequence[tuple[str, str]]:
    """Return the fields of the form in a request; nothing if they cannot be read."""
    if request.method != "POST":
        return ()
    try:
        return await pairs_of(request)
    except (HTTPException, ClientDisconnect):
        return ()


HANDLERS = {
    LinkError: bad_link,
    FormError: bad_form,
    PersonErasedError: erased,
    UnavailableError: unavailable,
    HTTPException: http_error,
}
