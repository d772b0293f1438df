"""The number of requests by page and by class of status code."""

from collections.abc import Collection

from prometheus_client import Counter

REQUESTS = Counter("practio_pages_requests_total", "Requests by page and class of answer", ["page", "status"])


def known_page(path: str, pages: Collection[str]) -> str:
    """Return the name of the page at ``path`` if it is one of ``pages``, else ``other``.

    The rest of a path never becomes a label.
    """
    page = page_at(path)
    return page if page in pages else "other"


def page_at(path: str) -> str:
    """Return the name of the page at ``path``: its first part, or ``home`` at the root."""
    return path.lstrip("/").partition("/")[0] or "home"
