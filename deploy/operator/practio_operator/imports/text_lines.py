"""The lines of a CSV file, in the encodings and with the line ends that spreadsheets write."""

import codecs
from collections.abc import Sequence
from dataclasses import dataclass

from practio_operator.console.errors import OperatorError, UsageError

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class UnreadableLine:
    """A line whose bytes are not UTF-8."""


TextLine = str | UnreadableLine


def text_lines(content: bytes, encoding: str | None = None) -> Sequence[TextLine]:
    """Return the lines of a file in UTF-8 or, with a byte order mark, in UTF-16; they may end in LF, CR LF or CR.

    A file without a byte order mark may be in another ``encoding``, such as ``cp1252``. A line in UTF-8 that
    cannot be read affects no other. Raise OperatorError if nothing of the file can be read.
    """
    if encoding and not content.startswith((*_UTF_16, codecs.BOM_UTF8)):
        content = _recoded(content, encoding)
    if content.startswith(_UTF_16):
        try:
            content = content.decode("utf-16").encode()
        except UnicodeError:
            raise OperatorError("The file begins as UTF-16 and is not: save it as CSV in UTF-8.") from None
    if b"\x00" in content:
        raise OperatorError("The file has zero bytes, so it is not CSV in UTF-8 or UTF-16: save it as CSV in UTF-8.")
    content = content.removeprefix(codecs.BOM_UTF8)
    return [_read(line) for line in content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")]


def _recoded(content: bytes, encoding: str) -> bytes:
    try:
        return content.decode(encoding).encode()
    except LookupError:
        raise UsageError(f"There is no encoding {encoding!r}: Excel on Windows often writes cp1252.") from None
    except UnicodeError:
        raise OperatorError(f"The file is not in {encoding}: save it as CSV in UTF-8.") from None


def _read(line: bytes) -> TextLine:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return UnreadableLine()
