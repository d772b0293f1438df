"""Every letter of the gallery is written once for all tests that read it."""

from collections.abc import Callable, Iterator

import pytest
from tests.support.templates import keep_compiled

from practio_notifications.gallery.sample import Sample
from practio_notifications.rendering.text import Rendered

Write = Callable[[Sample, str], Rendered]


@pytest.fixture(scope="session", autouse=True)
def write_sample() -> Iterator[Write]:
    """Keep each letter that ``Sample.written`` writes; yield the function that always writes it again."""
    write: Write = Sample.written
    kept: dict[tuple[str, bool, str], Rendered] = {}

    def written(sample: Sample, locale: str) -> Rendered:
        key = (sample.name, sample.has_pages, locale)
        if key not in kept:
            kept[key] = write(sample, locale)
        return kept[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sample, "written", written)
        keep_compiled(patch)
        yield write
