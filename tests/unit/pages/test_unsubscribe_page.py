"""Unsubscribing: by a button or a mail program's one click, from one category, as often as needed."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.support.every_case import every_case
from tests.unit.pages.builders import ADA, ROOM
from tests.unit.pages.every_page import PREFERENCES, looked_at
from tests.unit.pages.sites import KEYS, PAGES, PreparedGateway, Visit, a_visit, accepted

from practio_contracts.answers import CommandAccepted, Refusal
from practio_contracts.links import LIFETIMES, Link, Links, Purpose
from practio_contracts.message import Command
from practio_contracts.notifications import (
    Activity,
    GetPreferences,
    Preferences,
    QuietHours,
    RequestsDigest,
    SetPreferences,
)
from practio_notifications.letters.kinds import KIND, Category
from practio_pages.app import make_app

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
BEFORE = Preferences(person_id=ADA, quiet_hours=None, muted_room_ids=[ROOM], activity=Activity.AT_ONCE)
OFF = {
    "digest": BEFORE.model_copy(update={"requests_digest": RequestsDigest.OFF}),
    "activity": BEFORE.model_copy(update={"activity": Activity.OFF}),
    "reminder": BEFORE.model_copy(update={"reminders": False}),
}


def a_link(category: str | None) -> Link:
    return Link(Purpose.STOP, ADA, category=category, locale="en", time_zone="Europe/Rome")


def a_visit_with(preferences: Preferences = BEFORE) -> Visit:
    visit = a_visit()
    visit.gateway.answers[GetPreferences] = preferences
    visit.gateway.outcomes[SetPreferences] = accepted(SetPreferences)
    return visit


def as_command(preferences: Preferences) -> SetPreferences:
    return SetPreferences.model_validate(preferences.model_dump())


@every_case("category", OFF)
async def test_one_click_stops_its_category_and_keeps_all_else(category: str) -> None:
    visit = a_visit_with()
    seen = await visit.post(visit.path(a_link(category)), ONE_CLICK)
    assert (seen.status, "have stopped" in seen.words) == (200, True)
    [sent] = visit.gateway.sent
    assert (sent.command, sent.actor) == (as_command(OFF[category]), ADA)


async def test_one_click_is_received_as_multipart_too() -> None:
    visit = a_visit_with()
    body = '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'
    sent: dict[str, Any] = {"content": body, "headers": {"content-type": "multipart/form-data; boundary=b"}}
    seen = await visit._request("POST", visit.path(a_link("activity")), **sent)
    assert (seen.status, len(visit.gateway.sent)) == (200, 1)


async def test_the_page_shows_what_would_stop_and_stops_nothing() -> None:
    visit = a_visit_with()
    for _ in range(2):
        seen = await visit.get(visit.path(a_link("reminder")))
    assert (seen.status, seen.buttons) == (200, ["Stop these emails"])
    assert "reminders of sessions" in seen.words
    assert visit.gateway.sent == []


async def test_the_button_stops_them_and_leads_to_all_preferences() -> None:
    visit = a_visit_with()
    done = await visit.press(await visit.get(visit.path(a_link("digest"))), "Stop these emails")
    assert (done.status, len(visit.gateway.sent), done.buttons) == (200, 1, [])
    [there] = [str(each["href"]) for each in done.html.select("main a")]
    assert there.startswith("/preferences/")
    assert visit.site.links.read(there.rpartition("/")[2], Purpose.PREFERENCES).person_id == ADA


class StoringGateway(PreparedGateway):
    """Stores the preferences of each command, after yielding to other tasks."""

    async def send(self, command: Command, *, actor: UUID, id: UUID) -> CommandAccepted | Refusal:  # noqa: A002
        await asyncio.sleep(0)
        self.store(Preferences.model_validate(command.model_dump()))
        return await super().send(command, actor=actor, id=id)

    def store(self, preferences: Preferences) -> None:
        self.answers[GetPreferences] = preferences
        self.outcomes[SetPreferences] = accepted(SetPreferences)


def a_storing_visit() -> tuple[Visit, StoringGateway]:
    gateway = StoringGateway()
    gateway.store(BEFORE)
    site = replace(a_visit().site, gateway=gateway)
    return Visit(site, gateway, make_app(site)), gateway


async def test_the_same_click_twice_changes_once_and_later_again_is_received() -> None:
    visit, gateway = a_storing_visit()
    path = visit.path(a_link("activity"))
    for _ in range(2):
        assert "have stopped" in (await visit.post(path, ONE_CLICK)).words
    assert len(gateway.sent) == 1
    gateway.store(BEFORE)
    await visit.post(path, ONE_CLICK)
    first, later = gateway.sent
    assert (first.command, first.id == later.id) == (later.command, False)


async def test_clicks_on_two_categories_at_once_are_both_received() -> None:
    visit, gateway = a_storing_visit()
    await asyncio.gather(*(visit.post(visit.path(a_link(each)), ONE_CLICK) for each in OFF))
    stored = gateway.answers[GetPreferences]
    assert isinstance(stored, Preferences)
    assert (stored.requests_digest, stored.activity, stored.reminders) == (RequestsDigest.OFF, Activity.OFF, False)


@every_case("body", [{}, {"List-Unsubscribe": "one"}, {"form": "x"}])
async def test_a_post_without_button_or_one_click_stops_nothing(body: dict[str, str]) -> None:
    visit = a_visit_with()
    assert (await visit.post(visit.path(a_link("digest")), body)).status == 400
    assert visit.gateway.sent == []


@every_case("category", ["transactional", "everything", None])
async def test_a_category_that_cannot_be_stopped_is_not_found(category: str | None) -> None:
    visit = a_visit_with()
    for seen in (
        await visit.get(visit.path(a_link(category))),
        await visit.post(visit.path(a_link(category)), ONE_CLICK),
    ):
        assert seen.status == 404
    assert visit.gateway.sent == []


async def test_a_link_of_another_purpose_or_an_expired_one_stops_nothing() -> None:
    visit = a_visit_with()
    token = visit.path(Link(Purpose.PREFERENCES, ADA)).rpartition("/")[2]
    assert (await visit.post(f"/stop/{token}", ONE_CLICK)).status == 404
    over = Links(PAGES, KEYS, dict.fromkeys(LIFETIMES, timedelta(seconds=-1)))
    visit.app.state.site = replace(visit.site, links=over)
    assert (await visit.post(visit.path(a_link("digest")), ONE_CLICK)).status == 410
    assert visit.gateway.sent == []


async def test_a_refusal_shows_that_letters_still_come() -> None:
    visit = a_visit_with()
    visit.gateway.outcomes[SetPreferences] = Refusal(code="not-allowed", detail="people set their own preferences")
    seen = await visit.post(visit.path(a_link("digest")), ONE_CLICK)
    assert (seen.status, "have stopped" in seen.words, seen.buttons) == (409, False, ["Stop these emails"])


async def test_without_an_answer_a_mail_program_may_retry() -> None:
    visit = a_visit_with()
    visit.gateway.answers.clear()
    seen = await visit.post(visit.path(a_link("digest")), ONE_CLICK)
    assert (seen.status, seen.answer.headers["retry-after"]) == (503, "10")


IN_WORDS = {
    **dict.fromkeys(("request-to-decide", "requests-digest"), "new requests to join"),
    **dict.fromkeys(("member-joined", "activity-digest"), "who joins"),
    "member-left": "leaves",
    **dict.fromkeys(("member-declined-offer", "member-declined-invitation"), "declines"),
    "announced": "hosts and facilitators write to everybody",
    "thanked": "thanks",
    "session-reminder": "remind",
    "session-over": "how",
    "session-to-record": "who came",
    **dict.fromkeys(("room-quiet", "room-long-quiet", "quiet-room", "care-digest"), "quiet"),
    "sponsor-report": "sponsor",
}
"""The letters that can be stopped, each by the words in which pages name it."""


async def test_pages_name_every_letter_that_stops_with_a_category() -> None:
    can_stop = {kind.name: kind.category for kind in KIND.values() if kind.category is not Category.TRANSACTIONAL}
    assert IN_WORDS.keys() == can_stop.keys()
    visit = a_visit_with()
    offered = await looked_at(PREFERENCES)
    for category in OFF:
        asked = await visit.get(visit.path(a_link(category)))
        done = await visit.post(visit.path(a_link(category)), ONE_CLICK)
        words = [IN_WORDS[name] for name, each in can_stop.items() if each == category]
        for page in (asked.words, done.words, offered.words):
            text = page.lower()
            assert [each for each in words if each not in text] == [], (category, page)


@every_case("category", OFF)
async def test_one_click_keeps_the_quiet_hours(category: str) -> None:
    preferences = Preferences(person_id=ADA, quiet_hours=QuietHours.model_validate({"from": "22:00", "to": "07:30"}))
    visit = a_visit_with(preferences)
    assert (await visit.post(visit.path(a_link(category)), ONE_CLICK)).status == 200
    [sent] = [each.command for each in visit.gateway.sent if isinstance(each.command, SetPreferences)]
    assert sent.quiet_hours == preferences.quiet_hours
