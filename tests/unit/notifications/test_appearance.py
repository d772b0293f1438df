"""How letters look, read as mail programs read them: in light and dark, without style sheets, images or scripts."""

import re
from collections.abc import Mapping
from functools import cache

import pytest
from tests.support.every_case import every_case
from tests.support.thorough import in_turn
from tests.unit.notifications.html_document import Element, HtmlDocument, Styles, colour, contrast, parse, visible

from practio_notifications.gallery.sample import Sample
from practio_notifications.gallery.samples import samples
from practio_notifications.letters.kinds import KIND
from practio_notifications.rendering.environments import Look, environment_of
from practio_notifications.rendering.styling import UserText, styled
from practio_notifications.rendering.text import Rendered
from practio_notifications.rendering.wording import CATALOGUES

LANGUAGES = sorted(CATALOGUES.languages)
NAMED = {sample.name: sample for sample in samples()}
IN_ONE = in_turn(NAMED.values(), LANGUAGES)
IN_ANOTHER = in_turn(NAMED.values(), [*LANGUAGES[2:], *LANGUAGES[:2]])
SAMPLES = [pytest.param(sample, id=name) for name, sample in NAMED.items()]
CLIPPED_FROM = 102_000  # bytes of HTML that Gmail shows
LARGE_PIXELS = 18.66  # and bold (WCAG 2.2, 1.4.3)
WIDEST = 76


def a_letter(body: str) -> HtmlDocument:
    """Return a letter of a template of its own."""
    template = "{% extends layout %}{% block subject %}A subject{% endblock %}{% block why %}Why.{% endblock %}"
    environment = environment_of("en", Look.HTML)
    words = {
        "language": "en",
        "direction": "ltr",
        "reader": "Ada",
        "subject": "A subject",
        "pages": None,
        "category": None,
    }
    page = environment.from_string(f"{template}{{% block body %}}{body}{{% endblock %}}").render(words)
    return parse(styled(page))


def written(sample: Sample, language: str = "en") -> Rendered:
    return sample.written(language)


def document_of(sample: Sample, language: str = "en") -> HtmlDocument:
    return _document(sample.name, language)


@cache
def _document(name: str, language: str) -> HtmlDocument:
    """Return the HTML of a letter, read once for all tests that look at it."""
    return parse(NAMED[name].written(language).html)


def is_large(element: Element) -> bool:
    sizes = [each.styles["font-size"] for each in element.above() if "font-size" in each.styles]
    weights = [each.styles["font-weight"] for each in element.above() if "font-weight" in each.styles]
    return float(sizes[0].removesuffix("px")) >= LARGE_PIXELS and weights[:1] == ["700"]


def faint(document: HtmlDocument, sheet: Mapping[str, Styles]) -> list[str]:
    """Return the texts that cannot be read well, with their contrast."""
    found = []
    for element in document.elements:
        if element.text.strip() and not element.is_hidden:
            ground = colour(element, "background-color", sheet)
            reached = contrast(colour(element, "color", sheet), ground)
            if reached < (3 if is_large(element) else 4.5):
                found.append(f"{reached:.1f}: {element.text.strip()}")
    return found


@every_case(("sample", "language"), IN_ONE, ids=lambda each: getattr(each, "name", each))
def test_a_letter_has_one_heading_equal_to_its_subject(sample: Sample, language: str) -> None:
    letter = written(sample, language)
    document = document_of(sample, language)
    [heading], [title] = document.all("h1"), document.all("title")
    assert heading.text == title.text == letter.subject
    assert not [element for element in document.elements if re.fullmatch("h[3-6]", element.tag)]


@every_case("sample", SAMPLES)
def test_a_letter_has_one_button_at_most_except_a_digest_with_one_for_each_room(sample: Sample) -> None:
    buttons = [each for each in document_of(sample).all("a") if "button" in each.attributes.get("class", "").split()]
    rooms = len(document_of(sample).all("h2")) if "digest" in sample.name else 1
    assert len(buttons) <= rooms


@every_case("sample", SAMPLES)
def test_a_letter_states_its_language_even_without_the_outermost_element(sample: Sample) -> None:
    document = document_of(sample)
    [article] = [element for element in document.elements if element.attributes.get("role") == "article"]
    [html] = document.all("html")
    for element in (html, article):
        assert (element.attributes["lang"], element.attributes["dir"]) == ("en", "ltr")
    [named] = [
        element
        for element in document.elements
        if element.attributes.get("id") == article.attributes["aria-labelledby"]
    ]
    assert named.tag == "h1"


@every_case("sample", SAMPLES)
def test_a_letter_loads_nothing_and_runs_nothing(sample: Sample) -> None:
    html, document = written(sample).html, document_of(sample)
    fetching = {"script", "img", "link", "iframe", "object", "form", "video", "audio", "svg", "base"}
    assert not fetching & {element.tag for element in document.elements}
    for element in document.elements:
        assert not [name for name in element.attributes if name.startswith("on") or name in ("src", "background")]
    assert not re.search(r"url\(|@import|@font-face", html)


@every_case("sample", SAMPLES)
def test_links_show_their_target(sample: Sample) -> None:
    for link in document_of(sample).all("a"):
        assert re.match("https?://", link.attributes["href"])
        assert len(link.text.strip()) > len("here")


@every_case("sample", SAMPLES)
def test_every_styled_element_has_an_inline_style(sample: Sample) -> None:
    elements = [element for element in document_of(sample).elements if element.classes]
    assert elements
    for element in elements:
        assert element.styles, element.classes


@every_case("sample", SAMPLES)
def test_every_text_is_readable_in_light_and_dark_mode(sample: Sample) -> None:
    document = document_of(sample)
    assert faint(document, {}) == []
    assert faint(document, document.dark()) == []


@every_case("sample", SAMPLES)
def test_no_letter_is_long_enough_to_be_clipped(sample: Sample) -> None:
    assert len(written(sample).html.encode()) < CLIPPED_FROM / 2


@every_case("sample", SAMPLES)
def test_the_preview_of_a_letter_is_its_beginning(sample: Sample) -> None:
    letter = written(sample)
    [preview] = [element for element in document_of(sample).elements if "preview" in element.classes]
    assert preview.is_hidden
    beginning = " ".join(letter.text.partition("\n\n")[2].split())
    assert beginning.startswith(preview.text.strip())
    assert len(preview.text.strip()) > len(letter.subject) / 2


@every_case(("sample", "language"), IN_ANOTHER, ids=lambda each: getattr(each, "name", each))
def test_plain_text_has_a_limited_width_and_no_trailing_blanks(sample: Sample, language: str) -> None:
    text = written(sample, language).text
    for line in text.splitlines():
        assert line == line.rstrip()
        assert len(line) <= WIDEST or "https://" in line, line
    assert "\n\n\n" not in text


@every_case(("sample", "language"), IN_ANOTHER, ids=lambda each: getattr(each, "name", each))
def test_html_and_plain_text_of_a_letter_have_the_same_words(sample: Sample, language: str) -> None:
    letter = written(sample, language)
    drawn = re.compile(r"^(-+$|> ?)|:\nhttps://rooms\S+$", re.MULTILINE)
    words = drawn.sub("", letter.text).split()
    assert visible(letter.html).split() == letter.subject.split() + words


def test_a_button_is_large_enough_for_a_finger_and_readable() -> None:
    letter = a_letter('{{ look.button("https://rooms.example.org/way/x", "Accept or decline") }}')
    [button] = letter.all("a")
    pixels = re.findall(r"(\d+)px", button.styles["padding"].partition(" ")[0] + button.styles["line-height"])
    assert 2 * int(pixels[0]) + int(pixels[1]) >= 44
    assert (button.attributes["href"], button.text) == ("https://rooms.example.org/way/x", "Accept or decline")
    assert {element.attributes.get("role") for element in letter.all("table")} == {"presentation"}
    assert faint(letter, {}) == faint(letter, letter.dark()) == []


def test_right_to_left_text_does_not_reorder_our_words() -> None:
    [sample] = [each for each in samples() if each.name == "request-to-decide.full"]
    html = written(sample).html
    assert "<bdi>مريم العلي</bdi> would like to join" in html
    [quote, *_] = [each for each in parse(a_letter_quoting("مرحبا\n<b>&")).elements if each.tag == "blockquote"]
    assert quote.attributes["dir"] == "auto"


def a_letter_quoting(text: str) -> str:
    return str(environment_of("en", Look.HTML).from_string("{{ look.quote(text) }}").render(text=text))


def test_typed_line_breaks_stay_and_typed_markup_is_text() -> None:
    assert "one<br>&lt;b&gt;&amp;&#34;" in a_letter_quoting('one\n<b>&"')


def test_a_typed_address_cannot_break_out_of_its_link() -> None:
    page = environment_of("en", Look.HTML).from_string("{{ look.link(address) }}")
    html = styled(page.render(address='https://example.org/"><script>alert(1)</script>'))
    assert "<script" not in html
    [link] = parse(html).all("a")
    assert link.attributes["href"] == 'https://example.org/"%3E%3Cscript%3Ealert(1)%3C/script%3E'


def test_a_typed_name_is_isolated_in_html_and_plain_elsewhere() -> None:
    name = UserText('<b>"مريم"</b>')
    assert str(name.__html__()) == "<bdi>&lt;b&gt;&#34;مريم&#34;&lt;/b&gt;</bdi>"
    assert f"{name}" == '<b>"مريم"</b>'


def test_every_kind_of_letter_is_in_the_gallery() -> None:
    assert {sample.kind.name for sample in samples()} == set(KIND)
    assert len({sample.name for sample in samples()}) == len(samples())
