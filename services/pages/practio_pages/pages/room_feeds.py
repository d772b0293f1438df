"""Rooms as feeds: Atom (RFC 4287) and JSON Feed 1.1. Pure."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree

ATOM = "http://www.w3.org/2005/Atom"
JSON_FEED = "https://jsonfeed.org/version/1.1"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""The characters that no XML document may have (XML 1.0, 2.2); JSON is kept free of them, too."""

_NOTHING_YET = datetime(1970, 1, 1, tzinfo=UTC)

ElementTree.register_namespace("", ATOM)


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A room in a feed; ``id`` never changes, ``text`` is in the language of the feed."""

    id: str
    url: str
    title: str
    summary: str
    text: str
    published_at: datetime
    language: str
    tags: Sequence[str]


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed at the address ``url``, about the page ``home``."""

    title: str
    url: str
    home: str
    language: str
    entries: Sequence[FeedEntry]

    @property
    def updated_at(self) -> datetime:
        """Return when the newest room was published: the same for the same rooms, whenever the feed is read."""
        return max((each.published_at for each in self.entries), default=_NOTHING_YET)


def atom_of(feed: Feed) -> bytes:
    """Return a feed as Atom."""
    root = ElementTree.Element(_named("feed"), {f"{_XML}lang": feed.language})
    _add(root, "id", uuid5(NAMESPACE_URL, feed.url).urn)
    _add(root, "title", feed.title)
    _add(root, "updated", _instant(feed.updated_at))
    _add(_add(root, "author"), "name", "Practio")
    _add(root, "link", rel="self", type="application/atom+xml", href=feed.url)
    _add(root, "link", rel="alternate", type="text/html", href=feed.home)
    for each in feed.entries:
        entry = _add(root, "entry")
        _add(entry, "id", each.id)
        _add(entry, "title", each.title)
        _add(entry, "link", rel="alternate", type="text/html", href=each.url)
        _add(entry, "published", _instant(each.published_at))
        _add(entry, "updated", _instant(each.published_at))
        for tag in each.tags:
            _add(entry, "category", term=tag)
        if each.summary:
            _add(entry, "summary", each.summary).set(f"{_XML}lang", each.language)
        _add(entry, "content", each.text, type="text")
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def json_of(feed: Feed) -> bytes:
    """Return a feed as JSON Feed."""
    items = [
        {
            "id": each.id,
            "url": each.url,
            "title": _clean(each.title),
            "summary": _clean(each.summary),
            "content_text": _clean(each.text),
            "date_published": _instant(each.published_at),
            "language": each.language,
            "tags": [_clean(tag) for tag in each.tags],
        }
        for each in feed.entries
    ]
    written = {
        "version": JSON_FEED,
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.url,
        "language": feed.language,
        "authors": [{"name": "Practio"}],
        "items": items,
    }
    return json.dumps(written, ensure_ascii=False, indent=1).encode()


def _add(parent: ElementTree.Element, name: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
    cleaned = {key: _clean(value) for key, value in attributes.items()}
    element = ElementTree.SubElement(parent, _named(name), cleaned)
    element.text = None if text is None else _clean(text)
    return element


def _named(name: str) -> str:
    return f"{{{ATOM}}}{name}"


def _clean(text: str) -> str:
    return _NO_XML.sub("", text)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
