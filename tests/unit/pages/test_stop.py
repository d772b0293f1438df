"""Unsubscribing: by a button or a mail program's one click, of one category, as often as it is wished."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.unit.pages.builders import ADA, ROOM
from tests.unit.pages.sites import KEYS, PAGES, PreparedDesk, Visit, a_visit, accepted

from practio_contracts.answers import CommandAccepted, Refusal
from practio_contracts.links import LIFETIMES, Link, Links, Purpose
from practio_contracts.message import Command
from practio_contracts.notifications import Activity, GetPreferences, Preferences, RequestsDigest, SetPreferences
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


def a_desk_that_knows(wanted: Preferences = BEFORE) -> Visit:
    visit = a_visit()
    visit.desk.answers[GetPreferences] = wanted
    visit.desk.outcomes[SetPreferences] = accepted(SetPreferences)
    return visit


def as_wish(wanted: Preferences) -> SetPreferences:
    return SetPreferences.model_validate(wanted.model_dump())


@pytest.mark.parametrize("category", OFF)
async def test_one_click_stops_its_category_and_keeps_all_else(category: str) -> None:
    visit = a_desk_that_knows()
    seen = await visit.post(visit.path(a_link(category)), ONE_CLICK)
    assert (seen.status, "have stopped" in seen.words) == (200, True)
    [wished] = visit.desk.wished
    assert (wished.command, wished.actor) == (as_wish(OFF[category]), ADA)


async def test_one_click_is_received_as_multipart_too() -> None:
    visit = a_desk_that_knows()
    body = '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'
    sent: dict[str, Any] = {"content": body, "headers": {"content-type": "multipart/form-data; boundary=b"}}
    seen = await visit._request("POST", visit.path(a_link("activity")), **sent)
    assert (seen.status, len(visit.desk.wished)) == (200, 1)


async def test_looking_shows_what_would_stop_and_stops_nothing() -> None:
    visit = a_desk_that_knows()
    for _ in range(2):
        seen = await visit.get(visit.path(a_link("reminder")))
    assert (seen.status, seen.buttons) == (200, ["Stop these emails"])
    assert "reminders of sessions" in seen.words
    assert (visit.desk.wished, visit.desk.asked) == ([], [])


async def test_the_button_stops_them_and_leads_to_all_preferences() -> None:
    visit = a_desk_that_knows()
    done = await visit.press(await visit.get(visit.path(a_link("digest"))), "Stop these emails")
    assert (done.status, len(visit.desk.wished), done.buttons) == (200, 1, [])
    [there] = [str(each["href"]) for each in done.html.select("main a")]
    assert there.startswith(f"{PAGES}/preferences/")
    assert visit.site.links.read(there.rpartition("/")[2], Purpose.PREFERENCES).person_id == ADA


class KeepingDesk(PreparedDesk):
    """Keeps preferences that are wished, after a moment in which others have their turn."""

    async def send(self, command: Command, *, actor: UUID, id: UUID) -> CommandAccepted | Refusal:  # noqa: A002
        await asyncio.sleep(0)
        self.keep(Preferences.model_validate(command.model_dump()))
        return await super().send(command, actor=actor, id=id)

    def keep(self, wanted: Preferences) -> None:
        self.answers[GetPreferences] = wanted
        self.outcomes[SetPreferences] = accepted(SetPreferences)


def a_keeping_visit() -> tuple[Visit, KeepingDesk]:
    desk = KeepingDesk()
    desk.keep(BEFORE)
    site = replace(a_visit().site, desk=desk)
    return Visit(site, desk, make_app(site)), desk


async def test_the_same_click_twice_changes_once_and_later_again_is_received() -> None:
    visit, desk = a_keeping_visit()
    path = visit.path(a_link("activity"))
    for _ in range(2):
        assert "have stopped" in (await visit.post(path, ONE_CLICK)).words
    assert len(desk.wished) == 1
    desk.keep(BEFORE)
    await visit.post(path, ONE_CLICK)
    first, later = desk.wished
    assert (first.command, first.id == later.id) == (later.command, False)


async def test_clicks_on_two_categories_at_once_are_both_received() -> None:
    visit, desk = a_keeping_visit()
    await asyncio.gather(*(visit.post(visit.path(a_link(each)), ONE_CLICK) for each in OFF))
    kept = desk.answers[GetPreferences]
    assert isinstance(kept, Preferences)
    assert (kept.requests_digest, kept.activity, kept.reminders) == (RequestsDigest.OFF, Activity.OFF, False)


@pytest.mark.parametrize("body", [{}, {"List-Unsubscribe": "one"}, {"form": "x"}])
async def test_what_is_neither_the_button_nor_one_click_stops_nothing(body: dict[str, str]) -> None:
    visit = a_desk_that_knows()
    assert (await visit.post(visit.path(a_link("digest")), body)).status == 400
    assert visit.desk.wished == []


@pytest.mark.parametrize("category", ["transactional", "everything", None])
async def test_a_category_that_cannot_be_stopped_leads_nowhere(category: str | None) -> None:
    visit = a_desk_that_knows()
    for seen in (
        await visit.get(visit.path(a_link(category))),
        await visit.post(visit.path(a_link(category)), ONE_CLICK),
    ):
        assert seen.status == 404
    assert visit.desk.wished == []


async def test_a_link_for_something_else_or_of_long_ago_stops_nothing() -> None:
    visit = a_desk_that_knows()
    token = visit.path(Link(Purpose.PREFERENCES, ADA)).rpartition("/")[2]
    assert (await visit.post(f"/stop/{token}", ONE_CLICK)).status == 404
    over = Links(PAGES, KEYS, dict.fromkeys(LIFETIMES, timedelta(seconds=-1)))
    visit.app.state.site = replace(visit.site, links=over)
    assert (await visit.post(visit.path(a_link("digest")), ONE_CLICK)).status == 410
    assert visit.desk.wished == []


async def test_a_refusal_says_that_they_go_on() -> None:
    visit = a_desk_that_knows()
    visit.desk.outcomes[SetPreferences] = Refusal(code="not-allowed", detail="people set their own preferences")
    seen = await visit.post(visit.path(a_link("digest")), ONE_CLICK)
    assert (seen.status, "have stopped" in seen.words, seen.buttons) == (409, False, ["Stop these emails"])


async def test_while_nobody_answers_a_mail_program_may_try_again() -> None:
    visit = a_desk_that_knows()
    visit.desk.answers.clear()
    seen = await visit.post(visit.path(a_link("digest")), ONE_CLICK)
    assert (seen.status, seen.answer.headers["retry-after"]) == (503, "10")
