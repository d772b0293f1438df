"""Every letter of the gallery is written once for all tests that read it."""

import json
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from tests.support.kept import in_each_file
from tests.support.templates import keep_compiled

from practio_notifications.gallery.sample import Sample
from practio_notifications.rendering import environments, template_inputs
from practio_notifications.rendering.template_inputs import OfTemplate
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
        keep_inputs(patch)
        yield write


TEMPLATES = Path(environments.__file__).parents[1] / "templates"
READ = template_inputs.of_template


def keep_inputs(patch: pytest.MonkeyPatch) -> None:
    """Let what templates read be what an earlier run found, unless they or how it is found changed."""
    rules = [Path(__file__), Path(environments.__file__), Path(template_inputs.__file__)]
    found = in_each_file(inputs_in, TEMPLATES.glob("*.jinja"), rules=rules, versions=[version("jinja2")])
    kept = {path.name: _of_template(*each) for path, each in found.items()}
    patch.setattr(template_inputs, "of_template", lambda name: kept[name])


def inputs_in(template: Path) -> list[str]:
    """Return what a template reads, as text."""
    read = READ(template.name)
    fields = {name: sorted(each) for name, each in read.fields.items()}
    return [json.dumps(fields), *(json.dumps(sorted(each)) for each in (read.whole, read.included))]


def _of_template(fields: str, whole: str, included: str) -> OfTemplate:
    read = {name: frozenset(each) for name, each in json.loads(fields).items()}
    return OfTemplate(read, frozenset(json.loads(whole)), frozenset(json.loads(included)))
