"""HTML as tests look at it: found by CSS selectors, read as text. They read so many pages that the parser counts."""

from collections.abc import Sequence

from selectolax.lexbor import LexborHTMLParser, LexborNode


class Element:
    """An element of a page, or the whole page."""

    def __init__(self, node: LexborNode) -> None:
        self._node = node

    @property
    def name(self) -> str:
        """Return the name of the element's tag."""
        return str(self._node.tag)

    def select(self, selector: str) -> list["Element"]:
        """Return the elements within this one that match a CSS selector, in their order."""
        return [Element(each) for each in self._node.css(selector) if each.mem_id != self._node.mem_id]

    def select_one(self, selector: str) -> "Element | None":
        """Return the first element within this one that matches a CSS selector."""
        return next(iter(self.select(selector)), None)

    def with_id(self, value: str) -> "Element | None":
        """Return the element within this one that has this id."""
        return self.select_one(f'[id="{value}"]')

    def parent(self, name: str) -> "Element | None":
        """Return the closest element with this tag around this one."""
        node = self._node.parent
        while node is not None and node.tag != name:
            node = node.parent
        return None if node is None else Element(node)

    def get_text(self, separator: str = "") -> str:
        """Return the text that people can read, with ``separator`` between texts of different elements."""
        return self._node.text(separator=separator)

    @property
    def words(self) -> str:
        """Return the text that people can read, with single spaces."""
        return " ".join(self.get_text(" ").split())

    @property
    def classes(self) -> Sequence[str]:
        """Return the CSS classes of the element."""
        return (self.get("class") or "").split()

    def has(self, attribute: str) -> bool:
        """Return whether the element has an attribute, whatever its value."""
        return attribute in self._node.attributes

    def get(self, attribute: str, default: str | None = None) -> str | None:
        """Return the value of an attribute, empty if it has none; ``default`` if the element has no such attribute."""
        return (self._node.attributes[attribute] or "") if self.has(attribute) else default

    def __getitem__(self, attribute: str) -> str:
        """Return the value of an attribute. Raise KeyError if the element has none of this name."""
        return self._node.attributes[attribute] or ""

    def __str__(self) -> str:
        """Return the element as HTML."""
        return self._node.html or ""


def parse(html: str) -> Element:
    """Return a page."""
    root = LexborHTMLParser(html).root
    assert root is not None
    return Element(root)


def as_read(text: str) -> str:
    """Return text as browsers read it in a field: they replace U+0000 (WHATWG HTML, 13.2.5)."""
    return text.replace("\0", "\ufffd")
