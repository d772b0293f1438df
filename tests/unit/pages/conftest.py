"""Pages are written from templates that an earlier run compiled."""

from collections.abc import Iterator

import pytest
from tests.support.templates import keep_compiled


@pytest.fixture(scope="session", autouse=True)
def compiled_templates() -> Iterator[None]:
    """Keep compiled templates for the next run."""
    with pytest.MonkeyPatch.context() as patch:
        keep_compiled(patch)
        yield
