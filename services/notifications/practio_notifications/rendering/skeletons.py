"""Letters that differ in their reader alone are written once: what is the same in all of them is kept, encoded.

Most letters to many people at once are such letters: the same event, the same room, the same language. A skeleton is
the letter with places for the reader's name and the addresses of their pages, which are filled in for each reader.
What its template reads (``template_inputs.py``) decides about the words; letters that differ in it have skeletons of
their own.
"""

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from threading import Lock
from typing import Any
from uuid import uuid4

from pydantic import BaseModel

from practio_contracts.links import Link
from practio_contracts.rooms import Room
from practio_notifications.rendering import mime
from practio_notifications.rendering.encoding import Encoded, encoded
from practio_notifications.rendering.links import PageLinks
from practio_notifications.rendering.styling import UserText
from practio_notifications.rendering.template_inputs import inputs_of
from practio_notifications.rendering.text import Draft, rendered

MOST = 300
"""How many skeletons are kept, of about 15 kB each."""

_MARK = uuid4().hex  # nobody can type it
_READER = f"{_MARK}-reader-"
_PLACE = re.compile(f"({_MARK}-(?:reader|[0-9]+)-)")
_OF_THE_READER = frozenset({"reader", "pages", "category"})
"""Names that say nothing about the words, or do so only by ``_about_pages``."""

_Line = Sequence[str]
"""Text and places by turns, the text first."""


@dataclass(frozen=True, slots=True)
class _Form:
    """One form of a letter: what is encoded already, and the lines with places."""

    pieces: Sequence[bytes | _Line]

    def filled(self, values: Mapping[str, str]) -> bytes:
        """Return the form with each place filled."""
        return b"".join(
            piece if isinstance(piece, bytes) else mime.quoted_printable("".join(_filled(piece, values)))
            for piece in self.pieces
        )


@dataclass(frozen=True, slots=True)
class _Skeleton:
    """A letter without its reader; ``links`` are those of its first reader, by their places."""

    language: str
    subject: str
    text: _Form
    html: _Form
    links: Mapping[str, Link]

    def filled(self, draft: Draft) -> Encoded:
        """Return the letter for the reader of a draft that has the same words."""
        name = str(draft.words["reader"])
        links = {place: draft.pages.readdressed(link) for place, link in self.links.items()} if draft.pages else {}
        attributes = {place: _in_attribute(address) for place, address in links.items()}
        return Encoded(
            language=self.language,
            subject=self.subject,
            text=self.text.filled({_READER: name, **links}),
            html=self.html.filled({_READER: _in_html(name), **attributes}),
        )


class Skeletons:
    """The skeletons of the letters that were written last, for several threads."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: dict[Hashable, _Skeleton] = {}
        self._lock = Lock()

    def written(self, draft: Draft) -> Encoded:
        """Return a letter, from a skeleton that is kept from now on."""
        if not _has_skeleton(draft):
            return encoded(rendered(draft))
        key = _key(draft)
        skeleton = self._kept.get(key)
        if skeleton is None:
            skeleton = _skeleton(draft)
            with self._lock:
                self._kept[key] = skeleton
                while len(self._kept) > self._most:
                    del self._kept[next(iter(self._kept))]
        return skeleton.filled(draft)

    def written_at_once(self, draft: Draft) -> Encoded | None:
        """Return a letter whose skeleton is kept already; None if there is none, so that writing it takes longer."""
        skeleton = self._kept.get(_key(draft)) if _has_skeleton(draft) else None
        return skeleton.filled(draft) if skeleton else None


def _has_skeleton(draft: Draft) -> bool:
    """Return whether others may get the same letter: all but those whose values are addresses of their reader."""
    return "report" not in draft.words


def _key(draft: Draft) -> Hashable:
    """Return what decides about the words of a letter: equal for two letters, all but the reader's places are."""
    words = draft.words
    read = (
        (name, _frozen(words[name]) if fields is None else _fields(words[name], fields))
        for name, fields in inputs_of(draft.kind.name).items()
        if name in words and name not in _OF_THE_READER and not callable(words[name])
    )
    spoken = draft.spoken
    return (
        draft.kind.name,
        str(spoken.locale),
        spoken.zone.key,
        bool(words["reader"]),
        _about_pages(draft.pages, words["room"]),
        *read,
    )


def _about_pages(pages: PageLinks | None, room: Room | None) -> Hashable:
    """Return what templates ask of a reader's pages, besides addresses."""
    return (pages.base, room is not None and pages.runs(room)) if pages else None


def _fields(value: Any, names: frozenset[str]) -> Hashable:
    return tuple((name, _frozen(getattr(value, name, None))) for name in names)


def _frozen(value: Any) -> Hashable:
    """Return a value that is equal and has the same hash if the words are the same."""
    if isinstance(value, BaseModel):
        return value.model_dump_json()
    if isinstance(value, Mapping):
        return tuple((name, _frozen(each)) for name, each in value.items())
    if isinstance(value, list | tuple):
        return tuple(_frozen(each) for each in value)
    return value  # type: ignore[no-any-return]


def _skeleton(draft: Draft) -> _Skeleton:
    """Write a letter with places for what is its reader's alone."""
    links: dict[str, Link] = {}

    def place(link: Link) -> str:
        where = f"{_MARK}-{len(links)}-"
        links[where] = link
        return where

    reader = UserText(_READER) if draft.words["reader"] else draft.words["reader"]
    pages = replace(draft.pages, url=place) if draft.pages else None
    letter = rendered(replace(draft, words=draft.words | {"reader": reader}, pages=pages))
    return _Skeleton(
        language=letter.language,
        subject=mime.header("Subject", letter.subject),
        text=_form(letter.text),
        html=_form(letter.html),
        links=links,
    )


def _form(content: str) -> _Form:
    pieces: list[bytes | _Line] = []
    for has_places, lines in groupby(content.splitlines(), key=lambda line: _MARK in line):
        if has_places:
            pieces += [_PLACE.split(line) for line in lines]
        else:
            pieces.append(mime.quoted_printable("".join(f"{line}\n" for line in lines)))
    return _Form(pieces)


def _filled(line: _Line, values: Mapping[str, str]) -> Sequence[str]:
    return [values[part] if number % 2 else part for number, part in enumerate(line)]


def _in_html(text: str) -> str:
    """Return text as it stands in a document that was parsed and written again, as styles are inlined."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\u00a0", "&nbsp;")


def _in_attribute(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("\u00a0", "&nbsp;")
