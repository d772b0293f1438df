"""What is known of a person: in words, as a file, and the ways to end it: all links, everything they are in."""

from typing import Any

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import CommandAccepted, Refusal
from practio_contracts.exports import Ask, TablesUnknownError, everything_about, summary_about
from practio_contracts.links import Link, Purpose
from practio_contracts.notifications import EndLinks
from practio_contracts.personal_data import ExportPersonQuery, PersonExport
from practio_pages.gateway import UnavailableError
from practio_pages.pages.ending_links import ENDING, end_links
from practio_pages.pages.own_data_summary import SHOWN_TABLES, own_data_of
from practio_pages.pages.room_titles import titles_of
from practio_pages.rendering import render
from practio_pages.site import Site, link_of, localizer_of, site_of

MOST_CERTIFICATES = 50
"""The most certificates that are listed; each takes a query for the title of its room."""


async def show_own_data(request: Request) -> Response:
    """Show what is known of the person."""
    link = await link_of(request, Purpose.ME)
    return await _page(request, link)


async def end_all_links(request: Request) -> Response:
    """End all links of the person."""
    link = await link_of(request, Purpose.ME)
    outcome = await end_links(request, link)
    if isinstance(outcome, CommandAccepted):
        return render(request, "links-ended", localizer_of(request, link))
    return await _page(request, link, refusal=outcome)


async def download(request: Request) -> Response:
    """Return everything that is known of the person as a file."""
    link = await link_of(request, Purpose.ME)
    content: dict[str, Any] = {
        "person_id": str(link.person_id),
        **await everything_about(link.person_id, _asking(site_of(request), link)),
    }
    named = {"content-disposition": 'attachment; filename="practio.json"'}
    return Response(to_json(content, indent=2) + b"\n", media_type="application/json", headers=named)


async def _page(request: Request, link: Link, *, refusal: Refusal | None = None) -> Response:
    site = site_of(request)
    known = own_data_of(await summary_about(link.person_id, _asking(site, link), tables=SHOWN_TABLES))
    titles = await titles_of(site, link.person_id, known.certified_rooms[:MOST_CERTIFICATES], known={})
    return render(
        request,
        "own-data",
        localizer_of(request, link),
        status=409 if refusal else 200,
        root=f"/me/{request.path_params['token']}",
        known=known,
        certificates=[(title, site.certificate_of(link, room_id=room)) for room, title in titles.items()],
        ending=ENDING,
        ending_form=site.forms.sign(EndLinks.routing_key, person_id=link.person_id),
        refusal=refusal,
    )


def _asking(site: Site, link: Link) -> Ask:
    """Return what asks for a page in the person's name.

    It raises TablesUnknownError, UnavailableError, PersonErasedError.
    """

    async def ask(query: ExportPersonQuery) -> PersonExport:
        page = await site.gateway.ask(query, PersonExport, actor=link.person_id)
        if isinstance(page, Refusal):
            if page.code == "invalid" and query.tables is not None:
                raise TablesUnknownError
            raise UnavailableError(page.code)
        return page

    return ask


ROUTES = [
    Route("/me/{token}/data", show_own_data, methods=["GET"]),
    Route("/me/{token}/data", end_all_links, methods=["POST"]),
    Route("/me/{token}/data.json", download, methods=["GET"]),
]
