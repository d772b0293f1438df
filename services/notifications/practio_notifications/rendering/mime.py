"""The parts of a mail as bytes (RFC 2045, RFC 2046), put together from what never changes.

The standard library's messages parse, fold and copy each header and part again, which for thousands of letters costs
more than all the rest (services/notifications/README.md, Decided here).
"""

import re
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.header import Header
from email.utils import formataddr

from practio_notifications.rendering.mail_addresses import MailAddress

_LINE = "\r\n"
_TWO_LINES = re.compile(r"\n(?! )|\r(?!\n)|(?<!\r)\n")
_LINE_LENGTH = 76

Headers = Sequence[tuple[str, str]]
"""Headers by name, as they go out: in ASCII, and folded."""


@dataclass(frozen=True, slots=True)
class MimePart:
    """A part of a mail, or a mail without the headers that name it: what its content is, and that content."""

    headers: Headers
    content: bytes


def text(subtype: str, content: str) -> MimePart:
    """Return a part of text, quoted-printable."""
    return encoded_text(subtype, quoted_printable(content))


def encoded_text(subtype: str, content: bytes) -> MimePart:
    """Return a part of text that is quoted-printable already."""
    return _part(f'text/{subtype}; charset="utf-8"', "quoted-printable", content)


def quoted_printable(content: str) -> bytes:
    """Return text quoted-printable: each line by itself, so that what is encoded line by line is the same."""
    return b2a_qp("".join(f"{line}{_LINE}" for line in content.splitlines()).encode(), istext=True)


def calendar(content: bytes, method: str, filename: str | None = None) -> MimePart:
    """Return a part with a calendar entry; with a ``filename`` it is an attachment."""
    kind = f'text/calendar; charset="utf-8"; method="{method}"'
    part = _part(kind, "base64", encodebytes(content).replace(b"\n", b"\r\n"))
    if filename is None:
        return part
    return MimePart([*part.headers, ("Content-Disposition", f'attachment; filename="{filename}"')], part.content)


def multipart(subtype: str, boundary: str, parts: Iterable[MimePart]) -> MimePart:
    """Return parts as one; no encoded line contains ``=_``, so a boundary that begins with it is unique."""
    before = f"--=_{boundary}\r\n".encode("ascii")
    pieces = [piece for part in parts for piece in (before, serialised(part), b"\r\n")]
    kind = f'multipart/{subtype}; boundary="=_{boundary}"'
    return MimePart(
        [("Content-Type", kind), ("MIME-Version", "1.0")], b"".join([*pieces, f"--=_{boundary}--\r\n".encode("ascii")])
    )


def serialised(part: MimePart, headers: Headers = ()) -> bytes:
    """Return a part as it is sent, with further headers; raise ValueError if one of them would become two."""
    lines = [_line(name, value) for name, value in (*part.headers, *headers)]
    return f"{''.join(lines)}{_LINE}".encode("ascii") + part.content


def header(name: str, content: str) -> str:
    """Return a header's content in ASCII; content that is not ASCII is encoded as a whole (RFC 2047).

    Encoding word by word, as the standard library's policies do, loses or doubles a space between folded words.
    """
    return content if content.isascii() else Header(content, "utf-8", header_name=name).encode(linesep=_LINE)


def mailbox(name: str, address: MailAddress) -> str:
    """Return a name and an address for the header ``name``.

    Display names that are not ASCII, or too long for a line, are encoded as a whole. The address is never encoded; it
    begins a new line if it does not fit on the last one.
    """
    shown, addr_spec = address.display_name, address.addr_spec
    plain = formataddr((shown, addr_spec)) if shown.isascii() else None
    if plain is not None and len(name) + len(": ") + len(plain) <= _LINE_LENGTH:
        return plain
    if not shown:
        return addr_spec
    phrase = Header(shown, "utf-8", maxlinelen=_LINE_LENGTH, header_name=name).encode(linesep=_LINE)
    taken = len(phrase.rpartition(_LINE)[2]) + (0 if _LINE in phrase else len(name) + len(": "))
    fits = taken + len(f" <{addr_spec}>") <= _LINE_LENGTH
    return f"{phrase}{' ' if fits else _LINE + ' '}<{addr_spec}>"


def _line(name: str, value: str) -> str:
    if _TWO_LINES.search(value):
        raise ValueError(f"{name} does not stay one header")
    return f"{name}: {value}{_LINE}"


def _part(kind: str, encoding: str, content: bytes) -> MimePart:
    return MimePart([("Content-Type", kind), ("MIME-Version", "1.0"), ("Content-Transfer-Encoding", encoding)], content)
