"""A room in figures: in words, in plots that a table repeats, and as a file."""

import csv
from datetime import date
from io import StringIO
from uuid import UUID

import pytest
from tests.support.every_case import every_case
from tests.unit.pages.builders import ADA, HOST, ROOM, a_room_shown
from tests.unit.pages.every_page import PAST, a_full_visit
from tests.unit.pages.figures import MONTHS, a_report, some_feedback
from tests.unit.pages.sites import Seen, Visit

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.rooms import FeedbackNumbers, GetFeedback, GetReport, GetRoom, Hours, MonthNumbers
from practio_pages.pages.csv_file import csv_lines
from practio_pages.pages.report_figures import HEIGHT, WIDTH, bars

HERS = Link(Purpose.DESK, ADA, ROOM, locale="en")
NO_OFFICE = Refusal(code="not-allowed", detail="x")


async def opened(visit: Visit, path: str = "") -> Seen:
    return await visit.get(visit.path(HERS) + f"/report{path}")


def link_to(page: Seen, name: str) -> str:
    """Return the address of a file that a page leads to."""
    [link] = [each for found in page.html.select("a[download]") if f"/{name}" in (each := str(found["href"]))]
    return link


def asked(visit: Visit) -> list[tuple[date | None, date | None]]:
    return [(query.since, query.until) for query, _ in visit.gateway.queries if isinstance(query, GetReport)]


async def test_the_report_is_said_in_words() -> None:
    words = (await opened(a_full_visit())).words
    for expected in (
        "Sessions held 3",
        "People in the room 8",
        "Seats used 18 of 24 in all sessions",
        "Usually 22 hours; one in ten took more than 3 days",
        "Too few people to be shown",
        "Tool: 2",
        "Average 4.3",
        "More <cases>.",
        "People with a seat give feedback on their own page in the room",
    ):
        assert expected in words


async def test_what_took_hardly_any_time_is_not_said_in_hours() -> None:
    visit = a_full_visit()
    visit.gateway.answers[GetReport] = a_report(decisions=Hours(people=8, median=0.0, p90=0.4))
    assert "From a request to its answer Less than an hour" in (await opened(visit)).words


@every_case(
    ("median", "p90", "words"),
    [
        (0.0, 170.5, "Usually 1 minute; one in ten took more than 7 days"),
        (0.4, 1.2, "Usually 24 minutes; one in ten took more than 1 hour"),
        (24.0, 47.4, "Usually 24 hours; one in ten took more than 47 hours"),
    ],
)
async def test_times_are_said_in_minutes_hours_or_days(median: float, p90: float, words: str) -> None:
    visit = a_full_visit()
    visit.gateway.answers[GetReport] = a_report(decisions=Hours(people=8, median=median, p90=p90))
    assert words in (await opened(visit)).words


async def test_an_average_is_written_as_the_reader_writes_numbers() -> None:
    assert "Durchschnitt 4,3" in (await opened(a_full_visit(), "?lang=de")).words


async def test_each_plot_has_a_name_and_a_table_repeats_its_numbers() -> None:
    seen = await opened(a_full_visit())
    assert [each["aria-label"] for each in seen.html.select("svg[role=img]")] == [
        "Seats used",
        "People who joined (filled) and left (outlined)",
    ]
    assert "Recorded as present" in seen.words
    rows = [[cell.get_text() for cell in row.select("th, td")] for row in seen.html.select("tbody tr")]
    assert rows == [["March 2026", "2", "12", "9", "7", "0"], ["April 2026", "1", "6", "–", "1", "2"]]


async def test_the_months_are_a_file_for_the_same_period() -> None:
    visit = a_full_visit()
    page = await opened(visit, "?from=2026-03-01&to=2026-04-30")
    file = await visit.get(link_to(page, "report.csv"))
    assert file.answer.headers["content-type"].startswith("text/csv")
    assert 'filename="report.csv"' in file.answer.headers["content-disposition"]
    assert file.answer.text.split("\r\n") == [
        "month,sessions_held,seats_used,came,left,attended,sessions_recorded",
        "2026-03,2,12,7,0,9,2",
        "2026-04,1,6,1,2,,0",
        "",
    ]
    assert asked(visit) == [(date(2026, 3, 1), date(2026, 4, 30))] * 2


async def test_the_feedback_is_a_file_with_what_the_page_shows_of_the_same_period() -> None:
    visit = a_full_visit()
    comments = ["=1+1", 'More <cases>, "please".', "Two\nlines."]
    visit.gateway.answers[GetFeedback] = some_feedback(comments=comments, useful={"1": 9}, comments_left_out=2)
    page = await opened(visit, "?from=2026-03-01&to=2026-04-30")
    file = await visit.get(link_to(page, "feedback.csv"))
    assert file.answer.headers["content-type"].startswith("text/csv")
    assert 'filename="feedback.csv"' in file.answer.headers["content-disposition"]
    assert file.answer.text.split("\r\n") == [
        "useful,answers,comment,sessions,comments_left_out",
        *(f"{grades},,2026-03-01/2026-04-30," for grades in ("5,3", "4,0", "3,0", "2,1", "1,0")),
        ",,'=1+1,all,",
        ',,"More <cases>, ""please"".",all,',
        ',,"Two\nlines.",all,',
        ",,,all,2",
        "",
    ]
    assert asked(visit) == [(date(2026, 3, 1), date(2026, 4, 30))] * 2


@every_case(
    ("query", "sessions"), [("", "all"), ("?from=2026-03-01", "2026-03-01/.."), ("?to=2026-04-30", "../2026-04-30")]
)
async def test_a_file_states_the_period_of_its_grades_though_it_has_no_end(query: str, sessions: str) -> None:
    visit = a_full_visit()
    visit.gateway.answers[GetFeedback] = some_feedback(comments=[])
    file = await visit.get(visit.path(HERS) + f"/feedback.csv{query}")
    assert {each["sessions"] for each in csv.DictReader(StringIO(file.answer.text))} == {sessions}


async def test_the_feedback_on_one_session_is_shown_and_is_a_file_of_its_own() -> None:
    visit = a_full_visit()
    visit.gateway.answers[GetFeedback] = lambda query: (
        some_feedback(useful={"5": 4}, average=5.0, comments=["Of that day."], comments_left_out=1)
        if query.session_id
        else some_feedback()
    )
    seen = await opened(visit, "?from=2026-03-01")
    [form] = seen.html.select("section[aria-labelledby=feedback] form")
    [option] = form.select("option")
    kept = "&".join(f"{each['name']}={each['value']}" for each in form.select("input"))
    one = await opened(visit, f"?{kept}&session={option['value']}")
    [shown] = one.html.select("section[aria-labelledby=feedback]")
    assert [each.get_text() for each in shown.select(".typed")] == ["Of that day."]
    assert ("Average 5" in one.words, "Only the feedback on this session is shown: Mon" in one.words) == (True, True)
    file = await visit.get(link_to(one, "feedback.csv"))
    start = PAST.starts_at.isoformat().replace("+00:00", "Z")
    assert file.answer.text.split("\r\n")[1:3] == [f"5,4,,{start},", f"4,0,,{start},"]
    assert file.answer.text.split("\r\n")[-3:] == [f",,Of that day.,{start},", f",,,{start},1", ""]
    assert asked(visit) == [(date(2026, 3, 1), None)] * 3
    [back] = [each for each in shown.select("a") if "all sessions" in each.get_text()]
    assert "More <cases>." in (await visit.get(str(back["href"]))).words


async def test_there_is_no_feedback_on_a_session_of_another_room_or_on_none() -> None:
    visit = a_full_visit()
    visit.gateway.answers[GetFeedback] = lambda query: (
        Refusal(code="session-unknown", detail="x") if query.session_id else some_feedback()
    )
    for path in ("/report", "/feedback.csv"):
        assert (await visit.get(visit.path(HERS) + f"{path}?session={UUID(int=9)}")).status == 404
    assert "More <cases>." in (await opened(visit, "?session=none")).words


async def test_a_file_has_no_grades_that_the_page_withholds_and_no_link_leads_to_one_without_feedback() -> None:
    visit = a_full_visit()
    visit.gateway.answers[GetReport] = a_report(feedback=FeedbackNumbers())
    file = await visit.get(link_to(await opened(visit), "feedback.csv"))
    comments = [",,More <cases>.,all,", ",,Thank you.,all,"]
    assert file.answer.text.split("\r\n")[1:] == [*comments, ""]
    visit.gateway.answers[GetFeedback] = some_feedback(answers=0, comments=[])
    assert "/feedback.csv" not in (await opened(visit)).answer.text


@every_case("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_no_text_in_a_file_is_a_formula(text: str) -> None:
    [[cell]] = csv.reader(StringIO(csv_lines([[text]]), newline=""))
    assert cell == f"'{text}"


@every_case(
    ("query", "fault", "period"),
    [
        ("?from=x&to=2026-04-30", "from", (None, date(2026, 4, 30))),
        ("?from=2026-04-30&to=2026-04-01", "to", (date(2026, 4, 30), None)),
        ("?from=2026-04-30&to=2026-13-01", "to", (date(2026, 4, 30), None)),
    ],
)
async def test_days_that_are_none_are_marked_and_stay_as_they_were_typed(
    query: str, fault: str, period: tuple[date | None, date | None]
) -> None:
    visit = a_full_visit()
    seen = await opened(visit, query)
    assert (seen.status, [each["id"] for each in seen.html.select(".fault")]) == (422, [f"{fault}-fault"])
    assert asked(visit) == [period]
    typed = dict(each.split("=") for each in query[1:].split("&"))
    assert {name: seen.html.select(f"#{name}")[0]["value"] for name in typed} == typed


async def test_a_room_in_which_nothing_has_happened_says_so() -> None:
    visit = a_full_visit()
    visit.gateway.answers |= {
        GetReport: a_report(months=[], feedback=FeedbackNumbers()),
        GetFeedback: some_feedback(answers=0, comments=[]),
    }
    seen = await opened(visit)
    assert (seen.html.select("svg"), seen.html.select("table")) == ([], [])
    assert "Nothing has happened in this period yet." in seen.words
    assert "No feedback can be shown for this period yet." in seen.words


@every_case("path", ["/report", "/report.csv", "/feedback.csv"])
async def test_who_holds_no_office_sees_no_figures(path: str) -> None:
    visit = a_full_visit()
    visit.gateway.answers |= {GetRoom: a_room_shown(host_id=HOST), GetReport: NO_OFFICE, GetFeedback: NO_OFFICE}
    assert (await visit.get(visit.path(HERS) + path)).status == 403


def test_bars_stand_side_by_side_on_one_scale_within_the_plot() -> None:
    drawn = bars(MONTHS, ("came", "left"))
    assert [(each.number, each.series) for each in drawn] == [(7, 0), (0, 1), (1, 0), (2, 1)]
    assert [each.height for each in drawn] == [HEIGHT, 0, round(HEIGHT / 7, 1), round(HEIGHT * 2 / 7, 1)]
    assert all(each.y + each.height == pytest.approx(HEIGHT) for each in drawn)
    edges = [edge for each in drawn for edge in (each.x, each.x + each.width)]
    assert edges == sorted(edges)
    assert (edges[0] > 0, edges[-1] < WIDTH) == (True, True)


def test_a_plot_of_nothing_has_no_bars() -> None:
    assert bars([], ("came",)) == bars([MonthNumbers(month="2026-03")], ("came",)) == []
