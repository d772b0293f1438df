"""The lines of a CSV file, in the encodings and with the line ends that spreadsheets write."""

import codecs
from collections.abc import Sequence
from dataclasses import dataclass

from practio_operator.console.errors import OperatorError

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line whose bytes are not UTF-8."""


TextLine = str | Unreadable


def text_lines(content: bytes) -> Sequence[TextLine]:
    """Return the lines of a file in UTF-8 or, with a byte order mark, in UTF-16; they may end in LF, CR LF or CR.

    A line in UTF-8 that cannot be read affects no other. Raise OperatorError if nothing of the file can be read.
    """
    if content.startswith(_UTF_16):
        try:
            content = content.decode("utf-16").encode()
        except UnicodeError:
            raise OperatorError("The file begins as UTF-16 and is not: save it as CSV in UTF-8.") from None
    if b"\x00" in content:
        raise OperatorError("The file has zero bytes, so it is not CSV in UTF-8 or UTF-16: save it as CSV in UTF-8.")
    content = content.removeprefix(codecs.BOM_UTF8)
    return [_read(line) for line in content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")]


def _read(line: bytes) -> TextLine:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return Unreadable()
