"""`practio roster`: what a spreadsheet reads of it."""

import csv
import io

from tests.support.every_case import every_case

from practio_operator.roster.roster import COLUMNS, csv_lines


@every_case("name", ['=HYPERLINK("https://evil.example")', "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_a_name_that_a_spreadsheet_would_compute_is_shown_as_text(name: str) -> None:
    [row] = csv.reader(io.StringIO(csv_lines([[name, "joined"]]), newline=""))
    assert row == [f"'{name}", "joined"]


def test_names_with_separators_and_quotation_marks_stay_one_cell() -> None:
    written = csv_lines([COLUMNS, ['Ada "Countess" Moretti; PhD,\nRome', *[""] * 6]])
    assert [len(row) for row in csv.reader(io.StringIO(written, newline=""))] == [len(COLUMNS)] * 2
