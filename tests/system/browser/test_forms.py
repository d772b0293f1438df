"""A form that lay open for too long, in a browser that runs no scripts."""

import pytest
from tests.support.browser.reader import Reader
from tests.support.clients.actions import REQUEST
from tests.support.clients.outside import OutsideSystem
from tests.support.oracles.observed_room import observe_room
from tests.support.stack.running import RunningStack
from tests.system.browser.sample_room import a_sample_room

pytestmark = pytest.mark.thorough  # tests/unit/pages/test_forms_that_come_back.py shows it for every form


async def test_a_request_that_lay_open_for_too_long_comes_back_filled_and_is_sent(
    outside: OutsideSystem, stack: RunningStack, reader: Reader
) -> None:
    sample_room = await a_sample_room(outside, stack)
    person = sample_room.people["none"]
    await reader.opens(f"{sample_room.membership_link('none')}/ask")
    await reader.page.get_by_label("Which school do you lead?").fill("A small one.\nIn the hills.")
    await reader.page.get_by_label("Message to the host").fill("I come every week.")
    await reader.page.get_by_label("Choice 1").select_option("keeper of time")
    await reader.page.get_by_label("I have read the guidelines").check()
    form = sample_room.old_form(REQUEST, "none")
    await reader.page.locator("input[name=form]").evaluate("(field, form) => { field.value = form }", form)
    assert await reader.presses("Request to join") == 409
    assert "open for too long" in await reader.page.get_by_role("alert").inner_text()
    assert (await observe_room(outside, sample_room.room, [person])).status(person) is None

    assert await reader.page.get_by_label("Which school do you lead?").input_value() == "A small one.\nIn the hills."
    assert await reader.page.get_by_label("Message to the host").input_value() == "I come every week."
    assert await reader.page.get_by_label("Choice 1").input_value() == "keeper of time"
    assert await reader.page.get_by_label("I have read the guidelines").is_checked()
    assert await reader.presses("Request to join") == 200
    assert (await observe_room(outside, sample_room.room, [person])).status(person) == "requested"
