"""Accessibility faults of a page, as axe-core finds them."""

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


async def hindrances(page: Page) -> list[str]:
    """Return the violations of WCAG 2.2 (A, AA) and best practices, with their elements; the page must run scripts."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(Axe().axe_script)
    options = _RULES | {"resultTypes": ["violations"]}
    found = await page.evaluate("options => axe.run(options).then(found => found.violations)", options)
    return [f"{each['id']}: {each['help']}: {[node['html'] for node in each['nodes']]}" for each in found]
