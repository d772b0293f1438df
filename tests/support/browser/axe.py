"""Accessibility faults of a page, as axe-core finds them."""

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


async def hindrances(page: Page) -> list[str]:
    """Return the violations of WCAG 2.2 (A, AA) and best practices, with their elements; the page must run scripts."""
    found = (await Axe().run(page, options=_RULES | {"resultTypes": ["violations"]})).response["violations"]
    return [f"{each['id']}: {each['help']}: {[node['html'] for node in each['nodes']]}" for each in found]
