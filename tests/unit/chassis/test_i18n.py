"""Languages that readers ask for: any text may be one, and none is kept for long."""

import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

from tests.support.every_case import every_case

from practio_chassis.i18n import Catalogues
from practio_notifications.rendering.wording import CATALOGUES


@every_case(
    ("wanted", "language"),
    [
        (["de-AT"], "de"),
        (["x" * 36, "fr"], "fr"),
        (["de-" + "x" * 33, "fr"], "fr"),
        (["de-" + "x" * 32, "fr"], "de"),
        (["", "-", "_", "de_DE", "\x00", "it"], "it"),
        (["x" * 36], "en"),
    ],
)
def test_the_first_known_language_is_taken_and_tags_that_are_too_long_are_passed_over(
    wanted: list[str], language: str
) -> None:
    assert CATALOGUES.localizer(wanted, "UTC").language == language


@every_case(("length", "count"), [(30, 3_000), (30_000, 100)])
def test_tags_made_up_by_the_thousand_take_no_memory_for_good(length: int, count: int) -> None:
    catalogues = Catalogues(Path(), "none")
    catalogues.localizer(["de"], "UTC")
    tracemalloc.start()
    try:
        for number in range(count):
            catalogues.localizer([f"{number:05}".ljust(length, "x")], "UTC")
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 250_000


def test_a_zone_is_called_differently_in_the_hour_that_comes_twice() -> None:
    rome = CATALOGUES.localizer(["en"], "Europe/Rome")
    twice = [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1)]
    assert [rome.when(each) for each in twice] == [
        "Sunday, 25 October 2026, 02:30 (Central European Summer Time, Europe/Rome)",
        "Sunday, 25 October 2026, 02:30 (Central European Standard Time, Europe/Rome)",
    ]


def test_one_instant_has_the_name_of_each_zone() -> None:
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
    named = [CATALOGUES.localizer(["en"], zone).when(noon) for zone in ("UTC", "Europe/Rome")]
    assert named == [
        "Wednesday, 1 July 2026, 12:00 (Coordinated Universal Time, UTC)",
        "Wednesday, 1 July 2026, 14:00 (Central European Summer Time, Europe/Rome)",
    ]
