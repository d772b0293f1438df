"""Turning to other pages of a list with the buttons of a form, which keep what is entered in it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import URL, QueryParams

TURN = "turn"
"""The field of the buttons; its value is the query of the other page."""


@dataclass(frozen=True, slots=True)
class PageButtons:
    """The queries of the first page of a list and of the next one, as far as they are others."""

    first: str | None
    next: str | None


def page_buttons_at(url: URL, name: str, after: str | None) -> PageButtons:
    """Return where the page of a list at ``url`` leads, whose next page is ``after``: the parameter is ``name``."""
    return PageButtons(
        first=url.remove_query_params(name).query if QueryParams(url.query).get(name) else None,
        next=url.include_query_params(**{name: after}).query if after else None,
    )


def turned_to(url: URL, fields: Mapping[str, str]) -> URL | None:
    """Return the address of the page that a form is turned to; None if another button was pressed."""
    return url.replace(query=fields[TURN]) if TURN in fields else None
