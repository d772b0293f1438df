"""Verifying a certificate by its code: for anybody, without a name, and alike for every code that is not valid."""

from datetime import UTC, datetime

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from practio_contracts.answers import Refusal
from practio_contracts.rooms import Verification, VerifyCertificate
from practio_pages.gateway import UnavailableError
from practio_pages.pages.certificate_page import day_in_words
from practio_pages.rendering import render
from practio_pages.site import NOBODY, localizer_of, site_of

_NOT_VALID = Verification(valid=False)
_LONGEST = 100


async def show_code_form(request: Request) -> Response:
    """Show the form for a code, and lead to the page of the code that was typed."""
    typed = request.query_params.get("code", "").strip()
    code = "".join(each for each in typed if each.isalnum() or each == "-")[:_LONGEST]
    if not code:
        return render(request, "verify", localizer_of(request), certificate=None, code="", minutes=None)
    asked = request.query_params.get("lang")
    language = f"?lang={asked}" if asked and asked.isalpha() else ""
    return RedirectResponse(f"{site_of(request).base}/verify/{code}{language}", 303)


async def show_verification(request: Request) -> Response:
    """Show what a code certifies, or that it is not valid."""
    site, localizer, code = site_of(request), localizer_of(request), request.path_params["code"][:_LONGEST]
    client = request.client.host if request.client else ""
    if again_at := site.meter.count_code(client=client):
        seconds = max(1, round((again_at - datetime.now(UTC)).total_seconds()))
        shown = {"certificate": None, "code": code, "minutes": -(-seconds // 60)}
        page = render(request, "verify", localizer, status=429, **shown)
        page.headers["retry-after"] = str(seconds)
        return page
    found = await _verified(request, code)
    days = [day_in_words(localizer, each) for each in (found.since, found.until) if each]
    status = 200 if found.valid else 404
    return render(request, "verify", localizer, status=status, certificate=found, code=code, days=days, minutes=None)


async def _verified(request: Request, code: str) -> Verification:
    try:
        query = VerifyCertificate(code=code)
    except ValidationError:
        return _NOT_VALID
    found = await site_of(request).gateway.ask(query, Verification, actor=NOBODY)
    if isinstance(found, Refusal):
        raise UnavailableError(found.code)
    return found


ROUTES = [
    Route("/verify", show_code_form, methods=["GET"]),
    Route("/verify/{code}", show_verification, methods=["GET"]),
]
