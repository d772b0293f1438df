"""A letter's HTML as mail programs see it: its elements, their texts, and their colours."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser

Styles = Mapping[str, str]

_VOID = frozenset({"meta", "br", "hr", "img", "link"})
_DECLARATION = re.compile(r"([\w-]+)\s*:\s*([^;]+)")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_DARK = re.compile(r"@media \(prefers-color-scheme: dark\) \{(.*?\})\s*\}", re.DOTALL)


@dataclass
class Element:
    """An element: its attributes and styles, its own text, and its parent."""

    tag: str
    attributes: Mapping[str, str]
    within: "Element | None" = None
    text: str = ""

    @property
    def classes(self) -> list[str]:
        """Return the names of its classes."""
        return self.attributes.get("class", "").split()

    @cached_property
    def styles(self) -> Styles:
        """Return the declarations of its style attribute, read once."""
        return declarations(self.attributes.get("style", ""))

    @property
    def is_hidden(self) -> bool:
        """Return whether nobody sees it: the head, and elements that are not displayed."""
        here = self.tag == "head" or self.styles.get("display") == "none"
        return here or (self.within is not None and self.within.is_hidden)

    def above(self) -> Iterator["Element"]:
        """Yield itself and all its ancestors, the nearest first."""
        element: Element | None = self
        while element is not None:
            yield element
            element = element.within


@dataclass
class HtmlDocument(HTMLParser):
    """A document as it was read: its elements in order, and its style sheet."""

    elements: list[Element] = field(default_factory=list)
    _open: Element | None = None

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Add an element; the parser calls this by name."""
        element = Element(tag, {name: value or "" for name, value in attrs}, self._open)
        self.elements.append(element)
        if tag not in _VOID:
            self._open = element

    def handle_endtag(self, tag: str) -> None:
        """Leave an element; the parser calls this by name."""
        assert self._open is not None, f"</{tag}> ends nothing"
        assert self._open.tag == tag, f"</{tag}> ends <{self._open.tag}>"
        self._open = self._open.within

    def handle_data(self, data: str) -> None:
        """Add text; the parser calls this by name."""
        if self._open is not None:
            self._open.text += data
            for element in list(self._open.above())[1:]:
                if element.tag in ("a", "h1", "h2", "p", "title"):
                    element.text += data

    def all(self, tag: str) -> list[Element]:
        """Return the elements of this tag."""
        return [element for element in self.elements if element.tag == tag]

    def dark(self) -> dict[str, dict[str, str]]:
        """Return the declarations of the style sheet for classes in dark mode."""
        [sheet] = self.all("style")
        [rules] = _DARK.findall(sheet.text)
        found: dict[str, dict[str, str]] = {}
        for selectors, body in _RULE.findall(rules):
            for selector in selectors.split(","):
                found.setdefault(selector.strip().removeprefix("."), {}).update(declarations(body))
        return found


def parse(html: str) -> HtmlDocument:
    """Read a document."""
    document = HtmlDocument()
    document.feed(html)
    document.close()
    return document


def visible(html: str) -> str:
    """Return the visible words of a document, on one line."""
    shown = re.sub(r"<(head|div class=\"preview\").*?</(head|div)>", "", html, flags=re.DOTALL)
    inline = re.sub(r"</?(bdi|strong|a)\b[^>]*>", "", shown)
    text = re.sub(r"<[^>]*>", " ", inline)
    return " ".join(parse(f"<p>{text}</p>").elements[0].text.split())


def declarations(written: str) -> dict[str, str]:
    """Return the declarations of a style, by property."""
    return {name: value.replace("!important", "").strip() for name, value in _DECLARATION.findall(written)}


def colour(element: Element, name: str, sheet: Mapping[str, Styles]) -> str:
    """Return the effective colour of an element; the sheet's rule for a class overrides its own style."""
    for each in element.above():
        values = [sheet[one][name] for one in each.classes if name in sheet.get(one, {})]
        if value := (values or [each.styles.get(name, "")])[-1]:
            return value
    raise AssertionError(f"no {name} for <{element.tag}>")


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2, 1.4.3)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(written: str) -> float:
    assert re.fullmatch("#[0-9a-f]{6}", written), written
    parts = [int(written[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
