"""Cursors: the end of a page, which callers send back unchanged."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from practio_contracts.answers import FieldError, Refusal
from practio_contracts.membership import RefusalCode

PAGE_BYTES = 200 * 1024
"""The size at which a page ends before its limit: an answer is a message of at most 256 KiB."""

NO_PAGE = Refusal(
    code=RefusalCode.INVALID,
    detail="this page cursor is not valid: use the value of after from the last answer",
    errors=(FieldError(field="after", message="not where a page ended"),),
)


def write_cursor(*parts: object) -> str:
    """Return the cursor of a page's last entry."""
    return urlsafe_b64encode(" ".join(map(str, parts)).encode()).decode()


def read_cursor(after: str) -> list[str]:
    """Return the parts of a cursor; raise ValueError if it is not one of ours."""
    return urlsafe_b64decode(after.encode()).decode().split(" ")
