"""The number of requests by address and by class of status code."""

from prometheus_client import Counter

from practio_gateway.binding import PATHS

REQUESTS = Counter("practio_gateway_requests_total", "Requests by address and class of answer", ["kind", "status"])


def kind_of(path: str) -> str:
    """Return what a request at a path counts as: what is at none of ``PATHS`` counts as ``other``."""
    return path.removeprefix("/") if path in PATHS else "other"
