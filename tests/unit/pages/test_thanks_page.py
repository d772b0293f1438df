"""Thanks on pages: to whom, who reads them, how often."""

from datetime import UTC, datetime

from tests.unit.pages.builders import ADA, HOST, ROOM, a_room_shown
from tests.unit.pages.every_page import filled_in, some_thanks
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
    first, second = (each.words for each in seen.html.select(".cards > li"))
    assert "Ben Carta thanks" in first or "thanks" in first
    assert "Everybody in the room reads it" in first
    assert "You thank" in second
    assert "Only the two of you read it" in second


def in_two_pages(query: ListThanks) -> ThanksFound:
    """Return one word of thanks on each of two pages."""
    whole = some_thanks()
    shown, after = (whole.thanks[1:], None) if query.after else (whole.thanks[:1], "second")
    return whole.model_copy(update={"thanks": shown, "after": after})


def turns(seen: Seen) -> dict[str, str]:
    """Return the buttons that turn the page and keep what is entered in the form."""
    return {each.get_text(): str(each["value"]) for each in seen.html.select("button[name=turn][form=thanking]")}


async def test_what_was_written_is_kept_when_the_page_of_thanks_is_turned() -> None:
    visit = a_member()
    visit.gateway.answers[ListThanks] = in_two_pages
    first = await opened(visit)
    assert first.html.select("a[rel=next]") == []
    second = await visit.press(first, "Send the thanks", **FILLED, turn=turns(first)["More thanks"])
    assert (second.status, thanked(visit)) == (200, [])
    assert "You thank" in second.words
    kept = filled_in(second.form("Send the thanks"))
    back = await visit.post(second.path, kept | {"turn": turns(second)["Back to the beginning"]})
    assert ("You thank" in back.words, list(turns(back))) == (False, ["More thanks"])
    await visit.post(back.path, filled_in(back.form("Send the thanks")))
    assert thanked(visit) == [(BEN, "the minutes", "They saved me.\nTwice.", SeenBy.ROOM)]


async def test_without_a_form_a_link_leads_to_more_thanks() -> None:
    visit = a_member()
    visit.gateway.answers[ListThanks] = lambda query: in_two_pages(query).model_copy(update={"people": []})
    first = await opened(visit)
    [more] = [str(each["href"]) for each in first.html.select("a[rel=next]")]
    second = await visit.get(first.path + more.partition("#")[0])
    assert ("You thank" in second.words, second.buttons) == (True, [])


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
