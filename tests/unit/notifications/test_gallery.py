"""The gallery: letters as files, and a page that leads to each."""

from itertools import product
from pathlib import Path

from tests.support.thorough import in_turn
from tests.unit.notifications.html_document import parse

from practio_notifications.gallery.rendering import INDEX, wanted, write
from practio_notifications.gallery.samples import samples
from practio_notifications.rendering.wording import CATALOGUES

LANGUAGES = sorted(CATALOGUES.languages)


def test_the_gallery_has_every_letter_in_every_language() -> None:
    names = [sample.name for sample in samples()]
    assert sorted((sample.name, language) for sample, language in wanted([], [])) == sorted(product(names, LANGUAGES))


def test_the_index_links_every_letter_as_html_and_text(tmp_path: Path) -> None:
    letters = list(write(tmp_path, in_turn(samples(), LANGUAGES)))
    assert {letter.sample.name for letter in letters} == {sample.name for sample in samples()}
    assert {letter.language for letter in letters} == CATALOGUES.languages
    index = parse((tmp_path / INDEX).read_text(encoding="utf-8"))
    leads_to = {link.attributes["href"] for link in index.all("a")}
    assert leads_to == {letter.path + ending for letter in letters for ending in (".html", ".txt")}
    for path in leads_to:
        assert (tmp_path / path).stat().st_size


def test_the_index_names_letters_by_their_subjects(tmp_path: Path) -> None:
    [letter] = write(tmp_path, wanted(["offer-reminder"], ["en"]))
    [html, _text] = parse((tmp_path / INDEX).read_text(encoding="utf-8")).all("a")
    assert html.text == letter.subject
    assert (tmp_path / "en" / "offer-reminder.txt").read_text(encoding="utf-8").startswith(f"Subject: {letter.subject}")
