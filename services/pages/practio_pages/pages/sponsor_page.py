"""What communities give a sponsor: the report on all its rooms, in words, plots, a table, and as a file."""

import asyncio
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.rooms import Grouping, ReportedRow, RoomsReport
from practio_pages.gateway import UnavailableError
from practio_pages.pages.report_figures import HEIGHT, WIDTH
from practio_pages.pages.sponsor_figures import (
    SponsorReportRequest,
    bars,
    first_day,
    month_of,
    report_csv,
    sponsor_report_request,
)
from practio_pages.rendering import render
from practio_pages.site import Site, link_of, localizer_of, site_of

MOST_PAGES = 40
"""The most pages of 500 rows that a file has."""

_PLOTS = ("people", "attended", "sessions_held")


async def show_sponsor_report(request: Request) -> Response:
    """Show the report of a period, by room, month or format."""
    link, sponsor_id = await sponsor_link(request)
    asked = sponsor_report_request(request.query_params, sponsor_id)
    found, by_month = await asyncio.gather(_report(request, asked, link), _months(request, asked, link))
    for each in (found, by_month):
        if isinstance(each, Refusal):
            return _closed(request, link, each)
    assert isinstance(found, RoomsReport)
    assert isinstance(by_month, RoomsReport)
    localizer = localizer_of(request, link)
    months = [(localizer.month(first_day(each)), each) for each in by_month.rows]
    return render(
        request,
        "sponsor",
        localizer,
        status=422 if asked.faults else 200,
        root=f"/{Purpose.SPONSOR}/{request.path_params['token']}",
        name=found.sponsor.name if found.sponsor else "",
        report=found,
        by=asked.query.by.value,
        groupings=[each.value for each in Grouping],
        until=localizer.month(month_of(found.months_to)) if found.months_to else None,
        rows=[(_name(row, asked, localizer.month), row) for row in found.rows],
        is_first=asked.query.after is None,
        months=months,
        plots={name: bars(by_month.rows, name) for name in _PLOTS},
        parameters=asked.parameters,
        period=asked.period,
        faults=asked.faults,
        size=(WIDTH, HEIGHT),
    )


async def download(request: Request) -> Response:
    """Return the rows of the report as a file for a spreadsheet."""
    link, sponsor_id = await sponsor_link(request)
    asked = sponsor_report_request({**request.query_params, "after": ""}, sponsor_id)
    query = asked.query.model_copy(update={"limit": 500})
    gateway = site_of(request).gateway
    found = await gateway.ask(query, RoomsReport, actor=link.person_id)
    rows: list[ReportedRow] = []
    for _ in range(MOST_PAGES):
        if isinstance(found, Refusal):
            return _closed(request, link, found)
        rows += found.rows
        if not found.after:
            break
        found = await gateway.ask(query.model_copy(update={"after": found.after}), RoomsReport, actor=link.person_id)
    if isinstance(found, Refusal):
        return _closed(request, link, found)
    named = {"content-disposition": f'attachment; filename="report-by-{asked.query.by}.csv"'}
    return Response(report_csv(rows, found), media_type="text/csv", headers=named)


async def sponsor_link(request: Request) -> tuple[Link, UUID]:
    """Return the link to a sponsor's page and the sponsor's id; raise LinkError."""
    link = await link_of(request, Purpose.SPONSOR)
    assert link.sponsor_id is not None  # a signed link of this purpose names the sponsor
    return link, link.sponsor_id


async def _report(request: Request, asked: SponsorReportRequest, link: Link) -> RoomsReport | Refusal:
    """Return a page of the report; the first one if its address does not say where another begins."""
    site: Site = site_of(request)
    found = await site.gateway.ask(asked.query, RoomsReport, actor=link.person_id)
    if isinstance(found, Refusal) and found.code == "invalid" and asked.query.after:
        first = asked.query.model_copy(update={"after": None})
        return await site.gateway.ask(first, RoomsReport, actor=link.person_id)
    return found


async def _months(request: Request, asked: SponsorReportRequest, link: Link) -> RoomsReport | Refusal:
    return await site_of(request).gateway.ask(asked.by_month, RoomsReport, actor=link.person_id)


def _name(row: ReportedRow, asked: SponsorReportRequest, month: object) -> str:
    if asked.query.by is Grouping.MONTH and callable(month):
        return str(month(first_day(row)))
    return row.title or row.key


def _closed(request: Request, link: Link, refusal: Refusal) -> Response:
    """Return the page that says who may see the report.

    Raise HTTPException if there is no such sponsor, UnavailableError if there is no answer.
    """
    if refusal.code == "sponsor-unknown":
        raise HTTPException(404)
    if refusal.code != "not-allowed":
        raise UnavailableError(refusal.code)
    return render(request, "sponsor-closed", localizer_of(request, link), status=403)


ROUTES = [
    Route("/sponsor/{token}", show_sponsor_report, methods=["GET"]),
    Route("/sponsor/{token}/report.csv", download, methods=["GET"]),
]
