"""Answers that readers may keep: an ETag by their content, and 304 for those who have it already (RFC 9110, 13)."""

from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

MINUTES = 60


def cached(request: Request, response: Response, *, seconds: int, tag: str | None = None) -> Response:
    """Return a public answer that anybody may keep for ``seconds``; without its body if the reader has it.

    ``tag``: the ETag, if it is not that of the whole body. The language of an answer may be the browser's.
    """
    tag = tag or f'W/"{sha256(bytes(response.body)).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": f"public, max-age={seconds}", "vary": "accept-language"}
    if _weak(tag) in map(_weak, known_tags(request)):
        kept = {name: value for name, value in response.headers.items() if name in ("content-language", "x-robots-tag")}
        return Response(status_code=304, headers=headers | kept)
    response.headers.update(headers)
    return response


def known_tags(request: Request) -> list[str]:
    """Return the tags of the answers that the reader has (RFC 9110, 13.1.2)."""
    return [each.strip() for each in request.headers.get("if-none-match", "").split(",")]


def _weak(tag: str) -> str:
    return tag.removeprefix("W/")
