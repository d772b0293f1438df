"""The template of translations holds every sentence of the letters, and no other."""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import practio_notifications

PACKAGE = Path(practio_notifications.__file__).parent
METHODS = [("**.jinja", "jinja2")]


def sentences() -> Iterator[str]:
    found = extract_from_dir(PACKAGE / "templates", METHODS, {"**.jinja": {"silent": "false", "trimmed": "true"}})
    for _file, _line, message, _comments, _context in found:
        yield message if isinstance(message, str) else message[0]


def test_every_sentence_can_be_translated() -> None:
    with (PACKAGE / "locales" / "letters.pot").open("rb") as template:
        catalogue = read_po(template)
    known = {message.id if isinstance(message.id, str) else message.id[0] for message in catalogue if message.id}
    assert known == set(sentences()), "write it anew: see locales in the README of notifications"
