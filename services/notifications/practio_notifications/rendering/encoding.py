"""A letter in words, encoded as mail has it."""

from dataclasses import dataclass

from practio_notifications.rendering import mime
from practio_notifications.rendering.text import Rendered


@dataclass(frozen=True, slots=True)
class Encoded:
    """A letter in words as mail has them: the subject as a header, both forms quoted-printable."""

    language: str
    subject: str
    text: bytes
    html: bytes


def encoded(rendered: Rendered) -> Encoded:
    """Return a letter in words, encoded."""
    return Encoded(
        language=rendered.language,
        subject=mime.header("Subject", rendered.subject),
        text=mime.quoted_printable(rendered.text),
        html=mime.quoted_printable(rendered.html),
    )
