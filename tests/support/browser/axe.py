"""Accessibility faults of a page, as axe-core finds them."""

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RULES_OF_LOOKS = ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"]
"""The rules that depend on colours or on the size of the screen."""


async def hindrances(page: Page, *, only_looks: bool = False) -> list[str]:
    """Return the violations of WCAG 2.2 (A, AA) and best practices, with their elements; the page must run scripts.

    With ``only_looks``, apply only the rules that depend on colours or on the size of the screen.
    """
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(Axe().axe_script)
    options = {"runOnly": _RULES_OF_LOOKS if only_looks else _RULES, "resultTypes": ["violations"]}
    found = await page.evaluate("options => axe.run(options).then(found => found.violations)", options)
    return [f"{each['id']}: {each['help']}: {[node['html'] for node in each['nodes']]}" for each in found]
