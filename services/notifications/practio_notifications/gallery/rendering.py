"""The gallery as files: a letter's HTML and text side by side, and a page that leads to all of them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from practio_notifications.gallery.sample import Sample
from practio_notifications.gallery.samples import samples
from practio_notifications.rendering.wording import CATALOGUES

INDEX = "index.html"


@dataclass(frozen=True, slots=True)
class GalleryLetter:
    """A letter in the gallery: its sample, language and subject; its files differ by their suffix."""

    sample: Sample
    language: str
    subject: str

    @property
    def path(self) -> str:
        """Return the path of its files, relative to the index, without their suffix."""
        return f"{self.language}/{self.sample.name}"


def wanted(kinds: Collection[str], languages: Collection[str]) -> list[tuple[Sample, str]]:
    """Return the letters to show and their languages; all if none is named."""
    spoken = sorted(CATALOGUES.languages, key=lambda language: (language != "en", language))
    return [
        (sample, language)
        for sample in samples()
        if not kinds or sample.kind.name in kinds
        for language in spoken
        if not languages or language in languages
    ]


def write(folder: Path, letters: Sequence[tuple[Sample, str]]) -> Iterator[GalleryLetter]:
    """Write letters into ``folder``, giving each as it is written, and at the end the index; raises OSError."""
    shown = []
    for sample, language in letters:
        rendered = sample.written(language)
        letter = GalleryLetter(sample, language, rendered.subject)
        path = folder / letter.path
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path.with_name(f"{sample.name}.html"), rendered.html)
        _write(path.with_name(f"{sample.name}.txt"), f"Subject: {rendered.subject}\n\n{rendered.text}")
        shown.append(letter)
        yield letter
    _write(folder / INDEX, _index(shown))


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _index(shown: Sequence[GalleryLetter]) -> str:
    loader = PackageLoader("practio_notifications", "gallery")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.get_template("index.html.jinja").render(letters=shown)
