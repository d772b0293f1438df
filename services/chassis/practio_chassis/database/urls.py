"""The URL of a database that may be on several hosts, of which one serves: a primary and its standbys."""

from urllib.parse import parse_qs, urlencode, urlsplit

ATTRIBUTES = "target_session_attrs"
"""The part of a URL that states which host serves: ``read-write``, ``standby`` …, as libpq reads it."""


def each_host(url: str) -> list[str]:
    """Return a URL for each host of ``url``, in order. Raise ValueError if it cannot be parsed."""
    parts = urlsplit(url)
    login, at, hosts = parts.netloc.rpartition("@")
    return [parts._replace(netloc=f"{login}{at}{host}").geturl() for host in hosts.split(",")]


def with_attributes(url: str, wanted: str | None = None) -> str:
    """Return ``url`` with these session attributes; by default ``read-write``, if it has several hosts and no others.

    A single host is taken as it is: there is no other to connect to.
    """
    parts = urlsplit(url)
    query = parse_qs(parts.query, keep_blank_values=True)
    if wanted is None and (ATTRIBUTES in query or len(each_host(url)) == 1):
        return url
    query[ATTRIBUTES] = [wanted or "read-write"]
    return parts._replace(query=urlencode(query, doseq=True, safe="/")).geturl()
