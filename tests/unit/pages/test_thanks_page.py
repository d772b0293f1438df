"""Thanks on pages: to whom, who reads them, how often."""

from datetime import UTC, datetime

from tests.unit.pages.builders import ADA, HOST, ROOM, a_room_shown
from tests.unit.pages.every_page import some_thanks
from tests.unit.pages.hosts import BEN, CLEO, named
from tests.unit.pages.sites import Seen, Visit, a_visit, accepted

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.notifications import NamePeople
from practio_contracts.rooms import GetRoom, ListThanks, SeenBy, Thank, ThanksFound

AGAIN_AT = datetime(2900, 3, 2, 18, tzinfo=UTC)
FILLED = {"person": str(BEN), "reason": " the minutes ", "message": "They saved me.\r\nTwice.", "seen_by": "room"}


def a_member(found: ThanksFound | Refusal | None = None) -> Visit:
    visit = a_visit()
    visit.gateway.answers |= {GetRoom: a_room_shown(), ListThanks: found or some_thanks(), NamePeople: named}
    visit.gateway.outcomes[Thank] = accepted(Thank)
    return visit


async def opened(visit: Visit, purpose: Purpose = Purpose.MEMORY) -> Seen:
    person = HOST if purpose is Purpose.DESK else ADA
    return await visit.get(visit.path(Link(purpose, person, ROOM, locale="en")) + "/thanks")


def thanked(visit: Visit) -> list[tuple[object, ...]]:
    sent = [each.command for each in visit.gateway.sent if isinstance(each.command, Thank)]
    return [(each.person_id, each.reason, each.words, each.seen_by) for each in sent]


async def test_a_member_and_an_office_thank_somebody() -> None:
    for purpose in (Purpose.MEMORY, Purpose.DESK):
        visit = a_member()
        seen = await visit.press(await opened(visit, purpose), "Send the thanks", **FILLED)
        assert "on their way" in seen.html.select("[role=status]")[0].get_text()
        assert thanked(visit) == [(BEN, "the minutes", "They saved me.\nTwice.", SeenBy.ROOM)]


async def test_it_is_for_the_person_alone_unless_the_room_is_chosen() -> None:
    visit = a_member()
    form = FILLED | {"seen_by": ""}
    await visit.press(await opened(visit), "Send the thanks", **form)
    assert thanked(visit)[0][-1] is SeenBy.PERSON


async def test_the_list_says_who_thanks_whom_and_who_reads_it() -> None:
    seen = await opened(a_member())
    first, second = (each.get_text(" ", strip=True) for each in seen.html.select(".cards > li"))
    assert "Ben Carta thanks" in first or "thanks" in first
    assert "Everybody in the room reads it" in first
    assert "You thank" in second
    assert "Only the two of you read it" in second


async def test_faults_are_named_and_nothing_is_lost() -> None:
    visit = a_member()
    form = FILLED | {"person": "", "reason": "x" * 121}
    seen = await visit.press(await opened(visit), "Send the thanks", **form)
    assert (seen.status, len(seen.html.select(".fault")), thanked(visit)) == (422, 2, [])
    assert seen.html.select("textarea")[0].get_text().strip() == "They saved me.\nTwice."


async def test_too_many_are_refused_in_words_with_the_time() -> None:
    visit = a_member()
    visit.gateway.outcomes[Thank] = Refusal(code="too-many", detail="English only", retry_after=AGAIN_AT)
    seen = await visit.press(await opened(visit), "Send the thanks", **FILLED)
    assert seen.status == 409
    assert "You can send it from this time on" in seen.words
    assert "English only" not in seen.words
    assert seen.html.select("input[name=reason]")[0]["value"] == "the minutes"


async def test_people_outside_the_room_see_neither_thanks_nor_form() -> None:
    visit = a_member(Refusal(code="not-allowed", detail="English only"))
    seen = await opened(visit)
    assert (seen.status, seen.html.select("form[method=post]")) == (403, [])


async def test_a_room_in_which_nobody_can_be_thanked_has_no_form() -> None:
    visit = a_member(some_thanks().model_copy(update={"people": []}))
    seen = await opened(visit)
    assert (seen.status, seen.html.select("form[method=post]")) == (200, [])
    assert str(CLEO) not in seen.words
