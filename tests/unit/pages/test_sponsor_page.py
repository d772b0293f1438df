"""The report on a sponsor's rooms: in words, in plots, in a table, and as a file."""

from tests.support.every_case import every_case
from tests.unit.pages.builders import ADA
from tests.unit.pages.every_page import SPONSOR, a_full_visit
from tests.unit.pages.figures import a_rooms_report
from tests.unit.pages.sites import Seen, Visit

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.rooms import Grouping, ReportedRow, ReportRooms, RoomsReport
from practio_pages.pages.sponsor_figures import bars, report_csv, sponsor_report_request


async def opened(visit: Visit, path: str = "") -> Seen:
    return await visit.get(visit.path(Link(Purpose.SPONSOR, ADA, locale="en", sponsor_id=SPONSOR)) + path)


async def test_the_report_is_said_in_words() -> None:
    words = (await opened(a_full_visit())).words
    for expected in (
        "Report: Schools of <Lucca>",
        "From March 2026 to April 2026",
        "Rooms 2",
        "Sessions held 4",
        "People in the rooms 11",
        "Recorded as present, in all sessions 20",
        "People who waited until they were offered a seat –",
        "4.3 of 5, in 4 answers",
        "a dash means that there are none, or fewer than four",
    ):
        assert expected in words


@every_case(("by", "first"), [("room", "=Cases <together>"), ("month", "March 2026"), ("format", "Intervision")])
async def test_rows_are_rooms_months_or_formats(by: str, first: str) -> None:
    seen = await opened(a_full_visit(), f"?by={by}")
    rows = [[cell.get_text() for cell in row.select("th, td")] for row in seen.html.select("tbody tr")]
    rooms = [] if by == "room" else ["1"]
    assert rows[0] == [first, *rooms, "3", "7", "16", "–", "4", "4.3 (4)"]
    assert rows[1][1:] == [*rooms, "1", "–", "–", "–", "0", "–"]
    assert [each.get_text() for each in seen.html.select("#rows + ul a[aria-current]")] == [f"By {by}"]


async def test_each_plot_has_a_name_and_the_months_are_a_table() -> None:
    seen = await opened(a_full_visit())
    names = ["People in the rooms", "Recorded as present, in all sessions", "Sessions held"]
    assert [each["aria-label"] for each in seen.html.select("svg[role=img]")] == names


async def test_it_says_until_when_months_are_counted() -> None:
    assert "Counted until the end of April 2026." in (await opened(a_full_visit())).words


async def test_a_period_is_asked_for_in_whole_months() -> None:
    visit = a_full_visit()
    seen = await opened(visit, "?from=2026-02&to=2028-02&by=format")
    asked = [query for query, _ in visit.gateway.queries if isinstance(query, ReportRooms)]
    assert {(str(each.since), str(each.until)) for each in asked} == {("2026-02-01", "2028-02-29")}
    assert {each.by for each in asked} == {Grouping.FORMAT, Grouping.MONTH}
    assert [each["value"] for each in seen.html.select("input[type=month]")] == ["2026-02", "2028-02"]


@every_case(
    ("address", "words"),
    [
        ("from=soon", "Enter a month, such as 2026-11."),
        ("from=2026-04&to=2026-03", "Enter a month that is not before the first one."),
        ("from=2026-04&to=2026-13", "Enter a month that is not before the first one."),
    ],
)
async def test_months_that_are_none_are_named_and_what_was_typed_stays(address: str, words: str) -> None:
    seen = await opened(a_full_visit(), f"?{address}")
    assert seen.status == 422
    assert words in seen.words
    typed = dict(pair.split("=") for pair in address.split("&"))
    assert {
        str(each["name"]): each["value"] for each in seen.html.select("input[type=month]") if each["value"]
    } == typed


async def test_many_rooms_are_turned_page_by_page() -> None:
    visit = a_full_visit()
    first = await opened(visit, "?from=2026-03")
    [more] = [str(each["href"]) for each in first.html.select("a[rel=next]")]
    second = await visit.get(more)
    assert ReportRooms.model_validate(visit.gateway.queries[-2][0].model_dump(by_alias=True)).after == "more"
    assert "Back to the beginning" in second.words
    assert not second.html.select("a[rel=next]")


async def test_an_address_that_begins_nowhere_begins_at_the_beginning() -> None:
    visit = a_full_visit()
    visit.gateway.answers[ReportRooms] = lambda query: (
        Refusal(code="invalid", detail="x") if query.after else a_rooms_report(query)
    )
    assert (await opened(visit, "?after=nonsense")).status == 200
    assert (await opened(visit, f"?after={'x' * 600}")).status == 200


async def test_the_rows_are_a_file_for_the_same_period() -> None:
    visit = a_full_visit()
    page = await opened(visit, "?from=2026-03")
    [link] = [str(each["href"]) for each in page.html.select("a[download]")]
    file = await visit.get(link)
    assert file.answer.headers["content-type"].startswith("text/csv")
    assert 'filename="report-by-room.csv"' in file.answer.headers["content-disposition"]
    names, first, second, total = file.answer.text.splitlines()
    assert names.startswith("key,title,rooms,sessions_held,people,attended,waiting,notes,feedback_answers")
    assert first.endswith(",'=Cases <together>,1,3,7,16,,4,4,4.3")
    assert second.endswith(",Triads,1,1,,,,0,0,")
    assert total == "total,2026-03/2026-04,2,4,11,20,,4,4,4.3"


async def test_a_file_has_all_pages() -> None:
    visit = a_full_visit()

    def page(query: ReportRooms) -> RoomsReport:
        after = {None: "second", "second": "third", "third": None}[query.after]
        return a_rooms_report(query).model_copy(update={"after": after})

    visit.gateway.answers[ReportRooms] = page
    assert len((await opened(visit, "/report.csv?by=month")).answer.text.splitlines()) == 1 + 3 * 2 + 1


@every_case(("code", "status"), [("not-allowed", 403), ("sponsor-unknown", 404), ("invalid", 503)])
async def test_the_report_is_closed_to_others(code: str, status: int) -> None:
    visit = a_full_visit()
    visit.gateway.answers[ReportRooms] = Refusal(code=code, detail="x")
    for path in ("", "/report.csv"):
        seen = await opened(visit, path)
        assert seen.status == status
        explains = "Only the people whom the sponsor has named can see this page." in seen.words
        assert explains is (code == "not-allowed")


async def test_nothing_to_show_is_said() -> None:
    visit = a_full_visit()
    empty = a_rooms_report(ReportRooms(sponsor_id=SPONSOR, by=Grouping.ROOM, limit=500))
    nothing: dict[str, object] = {"rows": [], "months_from": None, "months_to": None}
    visit.gateway.answers[ReportRooms] = empty.model_copy(update=nothing)
    seen = await opened(visit)
    assert "There is nothing to show for this period yet." in seen.words
    assert not seen.html.select("table")


async def test_delegates_find_the_report_from_their_own_rooms() -> None:
    visit = a_full_visit()
    seen = await visit.get(visit.path(Link(Purpose.ROOMS, ADA, locale="en")))
    assert "Reports for sponsors" in seen.words
    [path] = [str(each["href"]) for each in seen.html.select("a[href*='/sponsor/']")]
    assert (await visit.get(path)).status == 200


def test_an_empty_month_has_no_bar() -> None:
    found = a_rooms_report(ReportRooms(sponsor_id=SPONSOR, by=Grouping.MONTH))
    assert [each.number for each in bars(found.rows, "people")] == [7, 0]
    assert bars(found.rows, "waiting") == bars([], "people") == []


def test_a_grouping_that_is_none_is_by_room() -> None:
    asked = sponsor_report_request({"by": "host", "from": "9999-12", "to": "9999-12"}, SPONSOR)
    assert (asked.query.by, asked.faults, str(asked.query.until)) == (Grouping.ROOM, (), "9999-12-31")


def test_titles_are_no_formulas() -> None:
    found = a_rooms_report(ReportRooms(sponsor_id=SPONSOR, by=Grouping.ROOM))
    row = ReportedRow.model_validate(found.rows[0].model_dump() | {"title": '@SUM(1,"2")'})
    assert '"\'@SUM(1,""2"")"' in report_csv([row], found)
