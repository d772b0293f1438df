"""A link by mail: the same page for every address, and a limit on how often."""

from dataclasses import replace
from uuid import UUID

import pytest
from pydantic import ValidationError
from tests.support.every_case import every_case
from tests.unit.pages.builders import ADA, ROOM
from tests.unit.pages.sites import KEYS, PAGES, Visit, a_visit

from practio_contracts.notifications import SendLink
from practio_pages.rates import Meter
from practio_pages.settings import Settings
from practio_pages.site import NOBODY

SEND = SendLink.routing_key


def rated(**rates: str) -> Visit:
    visit = a_visit()
    visit.app.state.site = visit.site = replace(visit.site, meter=Meter(**rates))
    return visit


async def test_an_address_is_passed_on_in_nobodys_name_and_the_page_reveals_nothing() -> None:
    visit = a_visit()
    seen = await visit.press(await visit.get("/link"), "Send me a link", email=" ada@example.org ")
    assert (seen.status, "If we know this address" in seen.words) == (200, True)
    assert "ada@example.org" not in seen.answer.text
    assert [(each.command, each.actor) for each in visit.gateway.sent] == [(SendLink(email="ada@example.org"), NOBODY)]


async def test_the_viewed_room_is_passed_on() -> None:
    visit = a_visit()
    await visit.press(await visit.get(f"/link?room={ROOM}"), "Send me a link", email="ada@example.org")
    assert [each.command for each in visit.gateway.sent] == [SendLink(email="ada@example.org", room_id=ROOM)]


async def test_an_invalid_room_is_left_out() -> None:
    visit = a_visit()
    await visit.press(await visit.get("/link?room=42"), "Send me a link", email="ada@example.org")
    assert [each.command for each in visit.gateway.sent] == [SendLink(email="ada@example.org")]


async def test_pressed_twice_is_one_command_and_another_address_in_the_same_form_is_another() -> None:
    visit = a_visit()
    seen = await visit.get("/link")
    for address in ("ada@example.org", "Ada@example.org", "bea@example.org"):
        await visit.press(seen, "Send me a link", email=address)
    first, again, other = (each.id for each in visit.gateway.sent)
    assert (first == again, first == other) == (True, False)


@every_case(
    "address",
    ["", "ada", "ada@", "ada @example.org", "x" * 320 + "@example.org", "a..b@example.org", "ада@example.org"],
)
async def test_an_invalid_address_is_marked_beside_the_field_and_kept(address: str) -> None:
    visit = a_visit()
    seen = await visit.press(await visit.get("/link"), "Send me a link", email=address)
    assert (seen.status, visit.gateway.sent) == (422, [])
    field = seen.html.with_id("email")
    assert (field["value"], field["aria-describedby"]) == (address, "email-fault")  # type: ignore[index]
    assert seen.html.with_id("email-fault")


async def test_a_filled_hidden_field_gets_the_same_page_and_sends_nothing() -> None:
    visit = a_visit()
    form = await visit.get("/link")
    typed = {"email": "ada@example.org"}
    trapped = await visit.press(form, "Send me a link", **typed | {"leave-empty": "x"})
    assert visit.gateway.sent == []
    assert trapped.answer.text == (await visit.press(form, "Send me a link", **typed)).answer.text


async def test_a_form_that_is_not_of_this_page_sends_nothing() -> None:
    visit = a_visit()
    forms = visit.site.forms
    for form in (
        forms.sign(SEND, person_id=ADA),
        forms.sign(SEND, person_id=NOBODY, room_id=UUID(int=77)),
        forms.sign("membership.withdraw.v1", person_id=NOBODY),
        "",
    ):
        assert (await visit.post("/link", {"email": "ada@example.org", "form": form})).status == 400
    assert visit.gateway.sent == []


@every_case(
    ("rate", "second"),
    [("client", "bea@example.org"), ("address", "ADA@example.org"), ("site", "bea@example.org")],
)
async def test_too_many_requests_are_rejected_with_the_time_to_wait(rate: str, second: str) -> None:
    visit = rated(**{rate: "1 per hour"})
    form = await visit.get("/link")
    assert (await visit.press(form, "Send me a link", email="ada@example.org")).status == 200
    seen = await visit.press(form, "Send me a link", email=second)
    assert seen.status == 429
    assert 3_500 < int(seen.answer.headers["retry-after"]) <= 3_600
    assert "in 60 minutes" in seen.html.select("[role=alert]")[0].get_text()
    assert seen.html.with_id("email")["value"] == second  # type: ignore[index]
    assert len(visit.gateway.sent) == 1


def test_clients_and_addresses_are_counted_separately() -> None:
    meter = Meter(client="1 per hour", address="1 per hour")
    assert meter.count(client="203.0.113.7", address="ada@example.org") is None
    assert meter.count(client="203.0.113.8", address="bea@example.org") is None
    assert meter.count(client="203.0.113.9", address="ada@example.org")


def test_a_client_is_counted_apart_behind_the_code_of_each_session() -> None:
    meter = Meter(client="1 per hour", address="2 per hour", code="2 per hour", site="6 per hour")
    first, other = UUID(int=1), UUID(int=2)

    def counts(address: str, session_id: UUID | None) -> bool:
        return meter.count(client="203.0.113.7", address=f"{address}@example.org", session_id=session_id) is None

    assert [counts(each, first) for each in ("a", "a", "b")] == [True, True, False]
    assert [counts(each, None) for each in ("b", "c")] == [True, False]
    assert [counts(each, other) for each in ("a", "b", "c", "d")] == [False, True, True, False]
    assert [counts("e", UUID(int=at)) for at in (3, 4)] == [True, False]


def test_an_address_is_counted_once_whatever_form_it_is_written_in() -> None:
    meter = Meter(client="9 per hour", address="1 per hour")
    assert meter.count(client="203.0.113.7", address="anna@bücher.example") is None
    for same in ("ANNA@bücher.example", "anna@xn--bcher-kva.example", "anna@bu\u0308cher.example"):
        assert meter.count(client="203.0.113.7", address=same)


def test_a_client_is_its_whole_ipv6_network_and_one_ipv4_address() -> None:
    meter = Meter(client="1 per hour", address="9 per hour")
    for first, same, other in (
        ("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"),
        ("203.0.113.7", "::ffff:203.0.113.7", "203.0.113.8"),
    ):
        assert meter.count(client=first, address="ada@example.org") is None
        assert meter.count(client=same, address="ada@example.org")
        assert meter.count(client=other, address="ada@example.org") is None


def test_rates_are_settings_and_an_invalid_one_is_reported() -> None:
    settings = {"broker_url": "amqp://pages:x@h:5672/practio", "pages_url": PAGES, "link_keys": KEYS[0]}
    assert Settings.model_validate(settings | {"links_per_site": "5 per minute"}).meter
    with pytest.raises(ValidationError, match="links_per_client"):
        Settings.model_validate(settings | {"links_per_client": "often"})
