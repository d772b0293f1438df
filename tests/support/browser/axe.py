"""What keeps people from using a page, as axe-core finds it."""

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


async def hindrances(page: Page) -> list[str]:
    """Give what breaks WCAG 2.2 at A or AA, or usual good practice, each with the places; the page must run scripts."""
    found = (await Axe().run(page, options=_RULES | {"resultTypes": ["violations"]})).response["violations"]
    return [f"{each['id']}: {each['help']}: {[node['html'] for node in each['nodes']]}" for each in found]
