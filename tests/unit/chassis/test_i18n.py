"""Languages that readers ask for: any text may be one, and none is kept for long."""

import tracemalloc
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


@every_case(("length", "count"), [(30, 8_000), (30_000, 2_000)])
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
    assert kept < 500_000
