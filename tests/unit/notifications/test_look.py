"""How letters look, read as mail programs read them: in light and dark, without style sheets, images or scripts."""

import re
from collections.abc import Mapping

import pytest
from tests.support.folding import every_case
from tests.unit.notifications.sight import Element, Sight, Styles, colour, contrast, seen, visible

from practio_notifications.gallery.sample import Sample
from practio_notifications.gallery.samples import samples
from practio_notifications.letters.kinds import KIND
from practio_notifications.rendering.styling import UserText, styled
from practio_notifications.rendering.text import Look, Rendered, _environment
from practio_notifications.rendering.wording import CATALOGUES

SPOKEN = sorted(CATALOGUES.languages)
SAMPLES = [pytest.param(sample, id=sample.name) for sample in samples()]
CLIPPED_FROM = 102_000  # bytes of HTML that Gmail shows
LARGE_PIXELS = 18.66  # and bold (WCAG 2.2, 1.4.3)
WIDEST = 76


def a_letter(body: str) -> Sight:
    """Give a letter of a template of its own."""
    template = "{% extends layout %}{% block subject %}A subject{% endblock %}{% block why %}Why.{% endblock %}"
    environment = _environment("en", Look.HTML)
    words = {
        "language": "en",
        "direction": "ltr",
        "reader": "Ada",
        "subject": "A subject",
        "pages": None,
        "category": None,
    }
    page = environment.from_string(f"{template}{{% block body %}}{body}{{% endblock %}}").render(words)
    return seen(styled(page))


def written(sample: Sample, language: str = "en") -> Rendered:
    return sample.written(language)


def is_large(element: Element) -> bool:
    sizes = [each.styles["font-size"] for each in element.above() if "font-size" in each.styles]
    weights = [each.styles["font-weight"] for each in element.above() if "font-weight" in each.styles]
    return float(sizes[0].removesuffix("px")) >= LARGE_PIXELS and weights[:1] == ["700"]


def faint(sight: Sight, sheet: Mapping[str, Styles]) -> list[str]:
    """Give the texts that cannot be read well, with their contrast."""
    found = []
    for element in sight.elements:
        if element.text.strip() and not element.is_hidden:
            ground = colour(element, "background-color", sheet)
            reached = contrast(colour(element, "color", sheet), ground)
            if reached < (3 if is_large(element) else 4.5):
                found.append(f"{reached:.1f}: {element.text.strip()}")
    return found


@every_case("language", SPOKEN)
@every_case("sample", SAMPLES)
def test_a_letter_has_one_heading_which_says_what_its_subject_says(sample: Sample, language: str) -> None:
    letter = written(sample, language)
    sight = seen(letter.html)
    [heading], [title] = sight.all("h1"), sight.all("title")
    assert heading.text == title.text == letter.subject
    assert not [element for element in sight.elements if re.fullmatch("h[3-6]", element.tag)]


@every_case("sample", SAMPLES)
def test_a_letter_says_its_language_also_where_a_mail_program_takes_the_outermost_element_away(sample: Sample) -> None:
    sight = seen(written(sample).html)
    [article] = [element for element in sight.elements if element.attributes.get("role") == "article"]
    [html] = sight.all("html")
    for element in (html, article):
        assert (element.attributes["lang"], element.attributes["dir"]) == ("en", "ltr")
    [named] = [
        element for element in sight.elements if element.attributes.get("id") == article.attributes["aria-labelledby"]
    ]
    assert named.tag == "h1"


@every_case("sample", SAMPLES)
def test_a_letter_fetches_nothing_and_runs_nothing(sample: Sample) -> None:
    html = written(sample).html
    sight = seen(html)
    fetching = {"script", "img", "link", "iframe", "object", "form", "video", "audio", "svg", "base"}
    assert not fetching & {element.tag for element in sight.elements}
    for element in sight.elements:
        assert not [name for name in element.attributes if name.startswith("on") or name in ("src", "background")]
    assert not re.search(r"url\(|@import|@font-face", html)


@every_case("sample", SAMPLES)
def test_links_say_where_they_lead(sample: Sample) -> None:
    for link in seen(written(sample).html).all("a"):
        assert re.match("https?://", link.attributes["href"])
        assert len(link.text.strip()) > len("here")


@every_case("sample", SAMPLES)
def test_what_has_a_look_has_it_in_its_style(sample: Sample) -> None:
    elements = [element for element in seen(written(sample).html).elements if element.classes]
    assert elements
    for element in elements:
        assert element.styles, element.classes


@every_case("sample", SAMPLES)
def test_every_word_can_be_read_in_light_and_in_the_dark(sample: Sample) -> None:
    sight = seen(written(sample).html)
    assert faint(sight, {}) == []
    assert faint(sight, sight.dark()) == []


@every_case("sample", SAMPLES)
def test_no_letter_is_so_long_that_it_is_clipped(sample: Sample) -> None:
    assert len(written(sample).html.encode()) < CLIPPED_FROM / 2


@every_case("sample", SAMPLES)
def test_what_a_mailbox_shows_of_a_letter_is_how_it_begins(sample: Sample) -> None:
    letter = written(sample)
    [preview] = [element for element in seen(letter.html).elements if "preview" in element.classes]
    assert preview.is_hidden
    beginning = " ".join(letter.text.partition("\n\n")[2].split())
    assert beginning.startswith(preview.text.strip())
    assert len(preview.text.strip()) > len(letter.subject) / 2


@every_case("language", SPOKEN)
@every_case("sample", SAMPLES)
def test_plain_text_keeps_to_its_width_and_leaves_no_blanks(sample: Sample, language: str) -> None:
    text = written(sample, language).text
    for line in text.splitlines():
        assert line == line.rstrip()
        assert len(line) <= WIDEST or "https://" in line, line
    assert "\n\n\n" not in text


@every_case("language", SPOKEN)
@every_case("sample", SAMPLES)
def test_a_letter_says_in_html_what_it_says_as_text(sample: Sample, language: str) -> None:
    letter = written(sample, language)
    drawn = re.compile(r"^(-+$|> ?)|:\nhttps://rooms\S+$", re.MULTILINE)
    words = drawn.sub("", letter.text).split()
    assert visible(letter.html).split() == letter.subject.split() + words


def test_a_button_is_large_enough_for_a_finger_and_can_be_read() -> None:
    letter = a_letter('{{ look.button("https://rooms.example.org/way/x", "Accept or decline") }}')
    [button] = letter.all("a")
    pixels = re.findall(r"(\d+)px", button.styles["padding"].partition(" ")[0] + button.styles["line-height"])
    assert 2 * int(pixels[0]) + int(pixels[1]) >= 44
    assert (button.attributes["href"], button.text) == ("https://rooms.example.org/way/x", "Accept or decline")
    assert {element.attributes.get("role") for element in letter.all("table")} == {"presentation"}
    assert faint(letter, {}) == faint(letter, letter.dark()) == []


def test_what_was_typed_from_right_to_left_leaves_our_words_in_order() -> None:
    [sample] = [each for each in samples() if each.name == "request-to-decide.full"]
    html = written(sample).html
    assert "<bdi>مريم العلي</bdi> would like to join" in html
    [quote, *_] = [each for each in seen(a_letter_quoting("مرحبا\n<b>&")).elements if each.tag == "blockquote"]
    assert quote.attributes["dir"] == "auto"


def a_letter_quoting(text: str) -> str:
    return str(_environment("en", Look.HTML).from_string("{{ look.quote(text) }}").render(text=text))


def test_lines_that_were_typed_stay_lines_and_markup_stays_text() -> None:
    assert "one<br>&lt;b&gt;&amp;&#34;" in a_letter_quoting('one\n<b>&"')


def test_an_address_that_was_typed_cannot_leave_its_link() -> None:
    page = _environment("en", Look.HTML).from_string("{{ look.link(address) }}")
    html = styled(page.render(address='https://example.org/"><script>alert(1)</script>'))
    assert "<script" not in html
    [link] = seen(html).all("a")
    assert link.attributes["href"] == 'https://example.org/"%3E%3Cscript%3Ealert(1)%3C/script%3E'


def test_a_typed_name_keeps_to_itself_in_html_and_is_plain_elsewhere() -> None:
    name = UserText('<b>"مريم"</b>')
    assert str(name.__html__()) == "<bdi>&lt;b&gt;&#34;مريم&#34;&lt;/b&gt;</bdi>"
    assert f"{name}" == '<b>"مريم"</b>'


def test_every_kind_of_letter_is_in_the_gallery() -> None:
    assert {sample.kind.name for sample in samples()} == set(KIND)
    assert len({sample.name for sample in samples()}) == len(samples())
