"""Every page there is, by name, and how a reader comes to it."""

from collections.abc import Awaitable, Callable

from tests.support.browser.reader import Reader
from tests.support.clients.scenes import ACCEPT
from tests.system.browser.house import House, expired, forged

from practio_contracts.links import Purpose

Tour = Callable[[Reader, House], Awaitable[None]]


def _at(place: Callable[[House], str], *, answered: int = 200) -> Tour:
    async def tour(reader: Reader, house: House) -> None:
        assert await reader.opens(place(house)) == answered

    return tour


def _way_of(stands: str) -> Tour:
    return _at(lambda house: house.way(stands))


def _sending(form: Callable[[House], str], *, as_who: str, answered: int) -> Tour:
    async def tour(reader: Reader, house: House) -> None:
        await reader.opens(house.way(as_who))
        assert await reader.sends({"form": form(house)}) == answered

    return tour


def _pressing(words: str, place: Callable[[House], str], *, answered: int = 200) -> Tour:
    """Come to a page and press a button that changes nothing, as nothing, or nothing else, was filled in."""

    async def tour(reader: Reader, house: House) -> None:
        await reader.opens(place(house))
        assert await reader.presses(words) == answered

    return tour


async def _asking_for_a_link(reader: Reader, house: House) -> None:
    await reader.opens("/link")
    await reader.page.get_by_label("Your email address").fill(f"{house.room.room_id}@example.org")
    assert await reader.presses("Send me a link") == 200


async def _misspelling_an_address(reader: Reader, _house: House) -> None:
    await reader.opens("/link")
    form = await reader.page.locator("input[name=form]").input_value()
    assert await reader.sends({"form": form, "email": "ada at example"}) == 422


async def _asking_without_an_answer(reader: Reader, house: House) -> None:
    await reader.opens(f"{house.way('none')}/ask")
    form = await reader.page.locator("input[name=form]").input_value()
    assert await reader.sends({"form": form, "message": "I lead a small school."}) == 422


async def _choosing_nothing_there_is(reader: Reader, house: House) -> None:
    await reader.opens(house.link(Purpose.PREFERENCES, house.people["joined"]))
    form = await reader.page.locator("input[name=form]").input_value()
    assert await reader.sends({"form": form, "activity": "never"}) == 422


def _rooms(house: House, path: str = "") -> str:
    return house.link(Purpose.ROOMS, house.people["joined"], in_room=False) + path


def _preferences(house: House) -> str:
    return house.link(Purpose.PREFERENCES, house.people["joined"])


def _stop(house: House) -> str:
    return house.link(Purpose.STOP, house.room.host, category="digest")


TOURS: dict[str, Tour] = {
    "way-invited": _way_of("invited"),
    "way-requested": _way_of("requested"),
    "way-waitlisted": _way_of("waitlisted"),
    "way-offered": _way_of("offered"),
    "way-joined": _way_of("joined"),
    "way-withdrawn": _way_of("withdrawn"),
    "way-never-asked": _way_of("none"),
    "way-done": _sending(lambda house: house.farewell, as_who="leaving", answered=200),
    "way-refused": _sending(lambda house: house.form(ACCEPT, "joined"), as_who="joined", answered=409),
    "queue": _at(lambda house: house.queue()),
    "queue-nothing-chosen": _pressing("Submit decisions", lambda house: house.queue(), answered=422),
    "queue-of-others": _at(lambda house: house.link(Purpose.QUEUE, house.people["joined"]), answered=403),
    "finding": _at(lambda house: f"{house.stack.pages_url}/"),
    "finding-nothing": _at(lambda house: f"{house.stack.pages_url}/?text={house.room.host}&format=intervision"),
    "room": _at(lambda house: f"{house.stack.pages_url}/room/{house.room.room_id}"),
    "room-unknown": _at(lambda house: f"{house.stack.pages_url}/room/{house.room.host}", answered=404),
    "link": _at(lambda house: f"{house.stack.pages_url}/link?room={house.room.room_id}"),
    "link-sent": _asking_for_a_link,
    "link-misspelt": _misspelling_an_address,
    "ask": _at(lambda house: f"{house.way('none')}/ask"),
    "ask-unanswered": _asking_without_an_answer,
    "ask-not-now": _at(lambda house: f"{house.way('joined')}/ask"),
    "rooms": _at(_rooms),
    "rooms-of-nobody": _at(lambda house: house.link(Purpose.ROOMS, house.people["none"], in_room=False)),
    "rooms-search": _at(lambda house: _rooms(house, "/search")),
    "rooms-room": _at(lambda house: _rooms(house, f"/room/{house.room.room_id}")),
    "preferences": _at(_preferences),
    "preferences-saved": _pressing("Save", _preferences),
    "preferences-faults": _choosing_nothing_there_is,
    "stop": _at(_stop),
    "stop-done": _pressing("Stop these emails", _stop),
    "fault-expired": _at(lambda house: expired(house.stack, house.way("joined")), answered=410),
    "fault-forged": _at(lambda house: forged(house.way("joined"), house.way("offered")), answered=404),
    "fault-nowhere": _at(lambda house: f"{house.stack.pages_url}/nowhere", answered=404),
    "fault-bad-form": _sending(lambda _: "forged", as_who="joined", answered=400),
    "fault-old-form": _sending(lambda house: house.old_form(ACCEPT, "joined"), as_who="joined", answered=409),
}
