"""A person says who they are: by a link to an address that nobody knew, once."""

from dataclasses import replace
from uuid import UUID

from tests.support.every_case import every_case
from tests.unit.pages.builders import ADA, ROOM, a_membership, a_room_shown
from tests.unit.pages.every_page import filled_in, with_parts
from tests.unit.pages.sites import Seen, Visit, a_visit

from practio_contracts.links import LIFETIMES, Link, Purpose
from practio_contracts.membership import (
    AcceptInvitation,
    GetHistory,
    GetMembership,
    History,
    ListMemberships,
    MembershipResult,
    Memberships,
    Status,
)
from practio_contracts.notifications import Introduction, SendLink
from practio_contracts.people import PersonRegistered
from practio_contracts.rooms import AgendaFound, GetRoom, ListAgenda, ListOwnRooms, OwnRooms
from practio_pages.site import NOBODY

EMAIL = "ada@example.org"
LINK = Link(Purpose.INTRODUCE, ADA, locale="en", time_zone="UTC")
ENTERED = {"name": " Ada  Moretti ", "language": "it", "time_zone": "Europe/Rome"}
BUTTON = "Save and continue"


def a_stranger(email: str | None = EMAIL) -> Visit:
    """Return the browser of a person who is known by an address alone, at a site that lets them say who they are."""
    visit = a_visit()
    with_parts(visit, introduces=True)
    visit.gateway.introduction = Introduction(email=email)
    return visit


def link_in(visit: Visit, seen: Seen, words: str) -> Link:
    """Return the link with these words, read."""
    [address] = [str(each["href"]) for each in seen.html.select("a") if words in each.get_text()]
    purpose, token = address.strip("/").split("/")[:2]
    return visit.site.links.read(token, Purpose(purpose))


async def test_a_stranger_becomes_a_person_of_the_address_that_the_link_went_to() -> None:
    visit = a_stranger()
    form = await visit.get(visit.path(LINK))
    assert visit.gateway.sent == [], "looking changes nothing"
    done = await visit.press(form, BUTTON, **ENTERED, email="somebody@else.example")
    assert done.status == 200
    assert "Ada Moretti" in done.words.replace("Ada  Moretti", "Ada Moretti")
    [sent] = visit.gateway.sent
    assert sent.command == PersonRegistered(
        person_id=ADA, display_name="Ada  Moretti", email=EMAIL, locale="it", time_zone="Europe/Rome"
    )


async def test_the_page_says_first_who_will_see_the_name() -> None:
    visit = a_stranger()
    form = await visit.get(visit.path(LINK))
    [hint] = form.html.select("#name-hint")
    assert "once you have a seat, so can the others with one" in hint.get_text()


async def test_the_form_says_that_the_answers_cannot_be_changed_here_and_who_can() -> None:
    visit = a_stranger()
    form = await visit.get(visit.path(LINK))
    assert "They cannot be changed here later: the people who run this site can do that." in form.words
    done = await visit.press(form, BUTTON, **ENTERED | {"language": "en"})
    assert "ask the people who run this site" in done.words


async def test_the_page_after_it_is_in_the_persons_language_and_leads_to_their_rooms() -> None:
    visit = a_stranger()
    done = await visit.press(await visit.get(visit.path(LINK)), BUTTON, **ENTERED)
    assert done.html["lang"] == "it"
    rooms = link_in(visit, done, "Vai alle tue stanze")
    assert (rooms.purpose, rooms.person_id, rooms.locale, rooms.time_zone) == ("rooms", ADA, "it", "Europe/Rome")
    assert done.html.select("a[href*='/way/']") == []


async def test_a_stranger_who_came_for_a_room_is_led_on_to_it() -> None:
    visit = a_stranger()
    done = await visit.press(await visit.get(visit.path(replace(LINK, room_id=ROOM))), BUTTON, **ENTERED)
    assert link_in(visit, done, "Vai alla stanza").room_id == ROOM


async def test_pressed_twice_is_one_event_and_other_content_is_another() -> None:
    visit = a_stranger()
    form = await visit.get(visit.path(LINK))
    for name in ("Ada", "Ada", "Bea"):
        await visit.press(form, BUTTON, **ENTERED | {"name": name})
    first, again, other = (each.id for each in visit.gateway.sent)
    assert (first == again, first == other) == (True, False)


@every_case(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 201),
        ("language", "xx"),
        ("language", ""),
        ("time_zone", ""),
        ("time_zone", "Rome"),
    ],
)
async def test_a_fault_is_marked_beside_its_field_and_what_was_typed_is_kept(field: str, value: str) -> None:
    visit = a_stranger()
    typed = ENTERED | {field: value}
    seen = await visit.press(await visit.get(visit.path(LINK)), BUTTON, **typed)
    assert (seen.status, visit.gateway.sent) == (422, [])
    marked = [each["id"] for each in seen.html.select("[aria-invalid=true]")]
    assert marked == [field]
    assert seen.html.with_id(f"{field}-fault")
    kept = filled_in(seen.form(BUTTON))
    assert kept["name"] == typed["name"].strip()
    assert kept["time_zone"] == typed["time_zone"]


async def test_the_form_begins_with_what_is_known_and_leaves_an_unknown_zone_empty() -> None:
    visit = a_stranger()
    unknown = filled_in((await visit.get(visit.path(replace(LINK, locale="de")))).form("Speichern"))
    known = filled_in((await visit.get(visit.path(replace(LINK, time_zone="Europe/Paris")))).form(BUTTON))
    assert (unknown["name"], unknown["language"], unknown["time_zone"]) == ("", "de", "")
    assert known["time_zone"] == "Europe/Paris"


async def test_a_person_who_is_registered_is_led_on_and_nothing_is_sent() -> None:
    visit = a_stranger()
    form = await visit.get(visit.path(LINK))
    visit.gateway.introduction = None
    for seen in (await visit.get(visit.path(LINK)), await visit.press(form, BUTTON, **ENTERED)):
        assert seen.status == 200
        assert "already registered" in seen.words
        assert link_in(visit, seen, "Continue to your rooms").person_id == ADA
    assert visit.gateway.sent == []


async def test_an_address_that_became_known_meanwhile_is_not_registered_again() -> None:
    visit = a_stranger()
    form = await visit.get(visit.path(LINK))
    visit.gateway.introduction = Introduction(email=None)
    seen = await visit.press(form, BUTTON, **ENTERED)
    assert (seen.status, visit.gateway.sent) == (409, [])
    assert seen.html.select("main a[href='/link']")
    assert "Ada  Moretti" in seen.html.select(".typed")[0].get_text(), "what was typed can be copied"
    assert seen.html.select("a[href*='/rooms/']") == []


async def test_nobody_says_who_they_are_where_that_is_switched_off() -> None:
    visit = a_stranger()
    form = await visit.get(visit.path(LINK))
    with_parts(visit, introduces=False)
    for seen in (await visit.get(visit.path(LINK)), await visit.press(form, BUTTON, **ENTERED)):
        assert (seen.status, visit.gateway.sent) == (403, [])


async def test_the_form_of_somebody_else_sends_nothing() -> None:
    visit = a_stranger()
    for form in (
        visit.site.forms.sign(PersonRegistered.routing_key, person_id=UUID(int=77)),
        visit.site.forms.sign(SendLink.routing_key, person_id=ADA),
    ):
        assert (await visit.post(visit.path(LINK), ENTERED | {"form": form})).status == 400
    assert visit.gateway.sent == []


def test_the_link_is_good_for_two_days() -> None:
    assert LIFETIMES[Purpose.INTRODUCE].days == 2


@every_case("purpose", [Purpose.WAY, Purpose.ROOMS])
async def test_an_invited_person_is_led_to_the_page_until_they_said_who_they_are(purpose: Purpose) -> None:
    visit = a_stranger()
    visit.gateway.answers |= {
        GetRoom: a_room_shown(),
        GetMembership: MembershipResult(membership=a_membership(Status.INVITED), moves=[AcceptInvitation.routing_key]),
        GetHistory: History(changes=[]),
        ListMemberships: Memberships(memberships=[]),
        ListAgenda: AgendaFound(sessions=[], after=None),
        ListOwnRooms: OwnRooms(rooms=[], after=None),
    }
    link = Link(purpose, ADA, ROOM if purpose is Purpose.WAY else None, locale="en", time_zone="UTC")
    introduce = link_in(visit, await visit.get(visit.path(link)), "Introduce yourself")
    assert (introduce.purpose, introduce.person_id, introduce.room_id) == ("introduce", ADA, link.room_id)
    for introduction, introduces in (
        (None, True),
        (Introduction(email=None), True),
        (Introduction(email=EMAIL), False),
    ):
        visit.gateway.introduction = introduction
        with_parts(visit, introduces=introduces)
        assert "Introduce yourself" not in (await visit.get(visit.path(link))).words


async def test_a_link_for_anybody_is_asked_for_in_the_language_of_the_page_and_promised_to_all() -> None:
    visit = a_stranger()
    form = await visit.get("/link?lang=fr")
    seen = [await visit.press(form, "M’envoyer un lien", email=email) for email in (EMAIL, "nobody@example.org")]
    assert [each.command for each in visit.gateway.sent] == [
        SendLink(email=EMAIL, locale="fr"),
        SendLink(email="nobody@example.org", locale="fr"),
    ]
    assert {each.actor for each in visit.gateway.sent} == {NOBODY}
    known, unknown = seen
    assert (known.status, known.answer.text) == (unknown.status, unknown.answer.text) == (200, known.answer.text)
    assert "If we know this address" not in (await visit.press(await visit.get("/link"), "Send", email=EMAIL)).words
