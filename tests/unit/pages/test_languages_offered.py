"""The languages of rooms: each page that offers them has them all, under their names in the language of the page."""

from tests.support.every_case import every_case
from tests.unit.pages.builders import ADA, a_room_shown
from tests.unit.pages.every_page import EVERY_PAGE, NEW_ROOM, STATEMENT, Page, a_full_visit
from tests.unit.pages.sites import Seen

from practio_contracts.rooms import GetRoom

SOME = {"ar": "Arabisch", "el": "Griechisch", "nb": "Norwegisch (Bokmål)", "sv": "Schwedisch", "tr": "Türkisch"}


def offered(seen: Seen) -> dict[str, str]:
    """Return the languages that a page offers, by their tags."""
    return {str(each["value"]): each.get_text() for each in seen.html.select("select[name=language] option[value]")}


@every_case("page", [EVERY_PAGE["home"], EVERY_PAGE["search"], NEW_ROOM, STATEMENT])
async def test_a_host_who_works_in_any_language_finds_it_by_its_name(page: Page) -> None:
    visit = a_full_visit()
    shown = offered(await visit.get(f"{page.opened_by(visit)}?lang=de"))
    assert {tag: shown[tag] for tag in SOME} == SOME
    names = list(shown.values())[1:]
    assert names.index("Deutsch") < names.index("Türkisch") < names.index("Zulu")


async def test_a_room_in_another_language_keeps_it() -> None:
    visit = a_full_visit()
    visit.gateway.answers[GetRoom] = a_room_shown(host_id=ADA, language="gsw-LI")
    seen = await visit.get(STATEMENT.opened_by(visit))
    [chosen] = seen.html.select("select[name=language] option[selected]")
    assert (chosen["value"], chosen.get_text()) == ("gsw-LI", "Swiss German (Liechtenstein)")
