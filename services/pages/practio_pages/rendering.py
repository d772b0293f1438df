"""HTML pages from templates, in the reader's language."""

from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from babel.numbers import format_decimal
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from practio_chassis.i18n import Localizer
from practio_chassis.rendering.templates import CompiledOnce, install_translations
from practio_contracts.links import Link, Purpose
from practio_pages.site import CATALOGUES, is_checked, site_of

STYLE = (Path(__file__).parent / "static" / "style.css").read_bytes()
_COMPILED = CompiledOnce()
_STYLE_VERSION = sha256(STYLE).hexdigest()[:12]
_FROM_HOME = (Purpose.START, Purpose.ME)
_NAMES = {"en": "English", "it": "Italiano", "es": "Español", "de": "Deutsch", "fr": "Français"}


def render(request: Request, template: str, localizer: Localizer, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a page: ``<template>.jinja`` with ``values``, in the language of ``localizer``.

    A page that comes back because its form was open for too long has status 409, unless it has another fault.
    """
    has_old_form = getattr(request.state, "has_old_form", False)
    context = {
        "has_old_form": has_old_form,
        "base": site_of(request).base,
        "here": _here(request),
        "home": _home(request),
        "here_in": partial(_here_in, request),
        "to": partial(_address, site_of(request).base, asked_language(request)),
        "asked_language": asked_language(request),
        "style": f"{site_of(request).base}/style.css?v={_STYLE_VERSION}",
        "language": localizer.language,
        "languages": {code: name for code, name in _NAMES.items() if code in CATALOGUES.languages},
        "when": localizer.when,
        "day": localizer.day,
        "clock": localizer.clock,
        "language_name": localizer.name_of,
        "times_zone": localizer.zone.key,
        "decimal": partial(format_decimal, locale=localizer.locale),
    }
    page = _environment(localizer.language).get_template(f"{template}.jinja").render(context | values)
    answered = 409 if has_old_form and status == 200 else status
    return HTMLResponse(page, answered, headers={"content-language": localizer.language})


def words_of(template: str, localizer: Localizer, **values: Any) -> str:
    """Return plain text from ``<template>.jinja``, in the language of ``localizer``."""
    context = {"when": localizer.when, "day": localizer.day, "language_name": localizer.name_of}
    text = _environment(localizer.language).get_template(f"{template}.jinja").render(context | values)
    return str(Markup(text).unescape()).strip()


def _here(request: Request) -> str:
    """Return the address of this page, with its query."""
    query = request.url.query
    return f"{site_of(request).base}{request.url.path}{'?' if query else ''}{query}"


def _home(request: Request) -> str | None:
    """Return the path of the person's own rooms, on pages that only these lead to: a link that names no room."""
    link: Link | None = getattr(request.state, "link", None)
    if not link or not is_checked(request) or link.purpose not in _FROM_HOME or link.room_id is not None:
        return None
    return site_of(request).path_from(link, Purpose.ROOMS)


def _here_in(request: Request, language: str) -> str:
    """Return the address of this page in a language."""
    return f"{site_of(request).base}{request.url.path}?{urlencode({**request.query_params, 'lang': language})}"


def asked_language(request: Request) -> str | None:
    """Return the language that an address asks for, if the site has it."""
    asked = request.query_params.get("lang")
    return asked if asked in CATALOGUES.languages else None


def _address(base: str, asked: str | None, path: str, **query: str) -> str:
    """Return the address of another page, in the language that was ``asked`` for on this one; a list has hundreds."""
    parameters = query | {"lang": asked} if asked else query
    return f"{base}{path}?{urlencode(parameters)}" if parameters else base + path


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("practio_pages"),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        lstrip_blocks=True,
        trim_blocks=True,
        bytecode_cache=_COMPILED,
    )
    environment.policies["ext.i18n.trimmed"] = True
    install_translations(environment, CATALOGUES.translations(language))
    return environment
