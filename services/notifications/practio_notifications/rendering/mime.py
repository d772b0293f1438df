"""The parts of a mail as bytes (RFC 2045, RFC 2046), by the standard library's plainest means.

Its ``EmailMessage`` parses and folds each header again, which for thousands of letters costs more than all the rest
(README.md, What is settled here).
"""

import quopri
import re
from base64 import encodebytes
from collections.abc import Iterable
from email.header import Header
from email.headerregistry import Address
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import Compat32
from email.utils import formataddr
from typing import Any

_LINE = "\r\n"
_TWO_LINES = re.compile(r"\n(?! )|\r(?!\n)|(?<!\r)\n")


class _AsWritten(Compat32):
    """Headers go out as they were written: they are folded, and in ASCII, already."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Return a header as it is sent; raise ValueError if it would become two."""
        if _TWO_LINES.search(value):
            raise ValueError(f"{name} does not stay one header")
        return f"{name}: {value}{self.linesep}".encode("ascii")


_POLICY = _AsWritten(linesep=_LINE)
_LINE_LENGTH = 76


def text(subtype: str, content: str) -> Message:
    """Return a part of text, quoted-printable."""
    lines = "".join(f"{line}{_LINE}" for line in content.splitlines())
    return _part(subtype, "quoted-printable", quopri.encodestring(lines.encode()), charset="utf-8")


def calendar(content: bytes, method: str, filename: str | None = None) -> Message:
    """Return a part with a calendar entry; with a ``filename`` it is an attachment."""
    part = _part("calendar", "base64", encodebytes(content).replace(b"\n", b"\r\n"), charset="utf-8", method=method)
    if filename:
        part.add_header("Content-Disposition", "attachment", filename=filename)
    return part


def multipart(subtype: str, boundary: str, parts: Iterable[Message]) -> Message:
    """Return parts as one; no encoded line contains ``=_``, so a boundary that begins with it is unique."""
    return MIMEMultipart(subtype, f"=_{boundary}", list(parts), policy=_POLICY)


def serialised(message: Message) -> bytes:
    """Return a message as it is sent."""
    return message.as_bytes(policy=_POLICY)


def header(name: str, content: str) -> str:
    """Return a header's content in ASCII; content that is not ASCII is encoded as a whole (RFC 2047).

    Encoding word by word, as the standard library's policies do, loses or doubles a space between folded words.
    """
    return content if content.isascii() else Header(content, "utf-8", header_name=name).encode(linesep=_LINE)


def mailbox(name: str, address: Address) -> str:
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


def _part(subtype: str, encoding: str, content: bytes, **parameters: str) -> Message:
    part = MIMENonMultipart("text", subtype, policy=_POLICY, **parameters)
    part["Content-Transfer-Encoding"] = encoding
    part.set_payload(content.decode("ascii"))
    return part
