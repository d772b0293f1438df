"""A room in figures on its desk: its report, the feedback on its sessions, and both as files."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import Refusal
from practio_contracts.rooms import FeedbackResult, GetFeedback, ReportResult
from practio_pages.pages.desk import desk_closed, desk_link, desk_localizer, desk_of, desk_root
from practio_pages.pages.report_figures import GRADES, HEIGHT, WIDTH, asked_in, bars, feedback_lines, first_day, lines
from practio_pages.rendering import render
from practio_pages.site import site_of


async def look(request: Request) -> Response:
    """Show the report of a period, and the feedback."""
    link, room_id = await desk_link(request)
    site, asked = site_of(request), asked_in(request.query_params, room_id)
    desk, report, feedback = await asyncio.gather(
        desk_of(site, link),
        site.gateway.ask(asked.query, ReportResult, actor=link.person_id),
        site.gateway.ask(GetFeedback(room_id=room_id), FeedbackResult, actor=link.person_id),
    )
    for each in (desk, report, feedback):
        if isinstance(each, Refusal):
            return desk_closed(request, link, each)
    assert not isinstance(desk, Refusal)
    assert isinstance(report, ReportResult)
    localizer = desk_localizer(request, link, desk.room)
    return render(
        request,
        "desk-report",
        localizer,
        status=422 if asked.faults else 200,
        desk=desk,
        room=desk.room,
        root=desk_root(request),
        parameters=asked.parameters,
        faults=asked.faults,
        report=report,
        feedback=feedback,
        grades=GRADES,
        months=[(localizer.month(first_day(each)), each) for each in report.months],
        plots={"seats": bars(report.months, ("seats_used",)), "people": bars(report.months, ("came", "left"))},
        size=(WIDTH, HEIGHT),
    )


async def download(request: Request) -> Response:
    """Return the months of the report as a file for a spreadsheet."""
    link, room_id = await desk_link(request)
    asked = asked_in(request.query_params, room_id)
    report = await site_of(request).gateway.ask(asked.query, ReportResult, actor=link.person_id)
    if isinstance(report, Refusal):
        return desk_closed(request, link, report)
    return _file("report.csv", lines(report.months))


async def download_feedback(request: Request) -> Response:
    """Return the feedback that the page shows as a file for a spreadsheet."""
    link, room_id = await desk_link(request)
    site, asked = site_of(request), asked_in(request.query_params, room_id)
    report, feedback = await asyncio.gather(
        site.gateway.ask(asked.query, ReportResult, actor=link.person_id),
        site.gateway.ask(GetFeedback(room_id=room_id), FeedbackResult, actor=link.person_id),
    )
    if isinstance(report, Refusal):
        return desk_closed(request, link, report)
    if isinstance(feedback, Refusal):
        return desk_closed(request, link, feedback)
    return _file("feedback.csv", feedback_lines(asked.query, report.feedback, feedback))


def _file(name: str, content: str) -> Response:
    return Response(content, media_type="text/csv", headers={"content-disposition": f'attachment; filename="{name}"'})


ROUTES = [
    Route("/desk/{token}/report", look, methods=["GET"]),
    Route("/desk/{token}/report.csv", download, methods=["GET"]),
    Route("/desk/{token}/feedback.csv", download_feedback, methods=["GET"]),
]
