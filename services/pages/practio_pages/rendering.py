"""Pages in words: HTML from templates, in the reader's language."""

from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from practio_chassis.i18n import Localizer
from practio_pages.site import CATALOGUES, site_of

STYLE = (Path(__file__).parent / "static" / "style.css").read_bytes()
_STYLE_VERSION = sha256(STYLE).hexdigest()[:12]
_NAMES = {"en": "English", "it": "Italiano", "es": "Español", "de": "Deutsch", "fr": "Français"}


def shown(request: Request, template: str, spoken: Localizer, *, status: int = 200, **words: Any) -> HTMLResponse:
    """Give a page: ``<template>.jinja`` with ``words``, in the language of ``spoken``."""
    told = {
        "base": site_of(request).base,
        "here": site_of(request).base + request.url.path,
        "here_in": partial(_here_in, request),
        "to": partial(_address, request),
        "asked_language": _asked_language(request),
        "style": f"{site_of(request).base}/style.css?v={_STYLE_VERSION}",
        "language": spoken.language,
        "languages": {code: name for code, name in _NAMES.items() if code in CATALOGUES.languages},
        "when": spoken.when,
        "day": spoken.day,
        "clock": spoken.clock,
        "language_name": spoken.name_of,
    }
    page = _environment(spoken.language).get_template(f"{template}.jinja").render(told | words)
    return HTMLResponse(page, status, headers={"content-language": spoken.language})


def _here_in(request: Request, language: str) -> str:
    """Give the address of this page in a language."""
    return f"{site_of(request).base}{request.url.path}?{urlencode({**request.query_params, 'lang': language})}"


def _asked_language(request: Request) -> str | None:
    asked = request.query_params.get("lang")
    return asked if asked in CATALOGUES.languages else None


def _address(request: Request, path: str, **query: str) -> str:
    """Give the address of another page, in the language that was asked for on this one."""
    asked = _asked_language(request)
    told = query | ({"lang": asked} if asked else {})
    return f"{site_of(request).base}{path}{'?' if told else ''}{urlencode(told)}"


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("practio_pages"),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        lstrip_blocks=True,
        trim_blocks=True,
    )
    environment.policies["ext.i18n.trimmed"] = True
    install = partial(environment.install_gettext_translations, newstyle=True)  # type: ignore[attr-defined]
    install(CATALOGUES.translations(language))
    return environment
