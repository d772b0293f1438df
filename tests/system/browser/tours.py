"""Every page by name, and how a reader gets to it."""

from collections.abc import Awaitable, Callable

from tests.support.browser.reader import Reader
from tests.support.clients.actions import ACCEPT, REQUEST
from tests.support.clients.commands import new_id
from tests.system.browser.sample_room import LONG_WORD, SampleRoom, expired, forged

from practio_contracts.links import Purpose

Tour = Callable[[Reader, SampleRoom], Awaitable[None]]


def _at(place: Callable[[SampleRoom], str], *, answered: int = 200) -> Tour:
    async def tour(reader: Reader, sample_room: SampleRoom) -> None:
        assert await reader.opens(place(sample_room)) == answered

    return tour


def _way_of(status: str) -> Tour:
    return _at(lambda sample_room: sample_room.membership_link(status))


def _sending(form: Callable[[SampleRoom], str], *, as_who: str, answered: int) -> Tour:
    async def tour(reader: Reader, sample_room: SampleRoom) -> None:
        await reader.opens(sample_room.membership_link(as_who))
        assert await reader.sends({"form": form(sample_room)}) == answered

    return tour


def _pressing(words: str, place: Callable[[SampleRoom], str], *, answered: int = 200) -> Tour:
    """Return a tour that opens a page and presses a button whose form is empty or unchanged, so nothing changes."""

    async def tour(reader: Reader, sample_room: SampleRoom) -> None:
        await reader.opens(place(sample_room))
        assert await reader.presses(words) == answered

    return tour


async def _asking_for_a_link(reader: Reader, sample_room: SampleRoom) -> None:
    await reader.opens("/link")
    await reader.page.get_by_label("Your email address").fill(f"{sample_room.room.room_id}@example.org")
    assert await reader.presses("Send me a link") == 200


async def _asking_too_often(reader: Reader, sample_room: SampleRoom) -> None:
    """An address takes three links in an hour."""
    await reader.opens("/link")
    form = await reader.page.locator("input[name=form]").input_value()
    asked = {"form": form, "email": f"often-{sample_room.room.room_id}@example.org"}
    statuses = [await reader.sends(asked) for _ in range(4)]
    assert statuses[-1] == 429


async def _misspelling_an_address(reader: Reader, _house: SampleRoom) -> None:
    await reader.opens("/link")
    form = await reader.page.locator("input[name=form]").input_value()
    assert await reader.sends({"form": form, "email": "ada at example"}) == 422


async def _introducing_oneself_badly(reader: Reader, sample_room: SampleRoom) -> None:
    await reader.opens(sample_room.link(Purpose.INTRODUCE, sample_room.people["introduced"]))
    form = await reader.page.locator("input[name=form]").input_value()
    typed = {"name": "", "language": "en", "time_zone": LONG_WORD}
    assert await reader.sends({"form": form, **typed}) == 422


async def _asking_without_an_answer(reader: Reader, sample_room: SampleRoom) -> None:
    await reader.opens(f"{sample_room.membership_link('none')}/ask")
    form = await reader.page.locator("input[name=form]").input_value()
    assert await reader.sends({"form": form, "message": "I lead a small school."}) == 422


async def _asking_too_late(reader: Reader, sample_room: SampleRoom) -> None:
    await reader.opens(f"{sample_room.membership_link('none')}/ask")
    form = sample_room.old_form(REQUEST, "none")
    assert await reader.sends({"form": form, "answer.school": LONG_WORD, "answer.former": LONG_WORD}) == 409


async def _choosing_nothing_there_is(reader: Reader, sample_room: SampleRoom) -> None:
    await reader.opens(sample_room.link(Purpose.PREFERENCES, sample_room.people["joined"]))
    form = await reader.page.locator("input[name=form]").first.input_value()
    assert await reader.sends({"form": form, "activity": "never"}) == 422


async def _giving_feedback(reader: Reader, sample_room: SampleRoom) -> None:
    await reader.opens(sample_room.feedback_link("joined"))
    form = sample_room.feedback_form
    assert await reader.sends({"form": form, "useful": "5", "comment": LONG_WORD}) == 200


async def _giving_feedback_again(reader: Reader, sample_room: SampleRoom) -> None:
    await _giving_feedback(reader, sample_room)
    await reader.opens(sample_room.feedback_link("joined"))
    form = await reader.page.locator("input[name=form]").input_value()
    assert await reader.sends({"form": form, "useful": "1", "comment": LONG_WORD}) == 409


async def _giving_no_rating(reader: Reader, sample_room: SampleRoom) -> None:
    await reader.opens(sample_room.feedback_link("joined"))
    form = await reader.page.locator("input[name=form]").input_value()
    assert await reader.sends({"form": form, "comment": LONG_WORD * 20}) == 422


def _session(path: str = "", *, of: str = "", coming: bool = False, answered: int = 200) -> Tour:
    """Return a tour of the page of a session, as a person with a status in the room sees it, or its host."""

    def place(sample_room: SampleRoom) -> str:
        person = sample_room.people[of] if of else sample_room.room.host
        return sample_room.session_link(person, coming=coming) + path

    return _at(place, answered=answered)


async def _answering_at_length(reader: Reader, sample_room: SampleRoom) -> None:
    await reader.opens(sample_room.session_link(sample_room.people["joined"], coming=True))
    form = await reader.page.locator("input[name=form]").input_value()
    assert await reader.sends({"form": form, "coming": "no", "note": LONG_WORD * 20}) == 422


async def _answering(reader: Reader, sample_room: SampleRoom) -> None:
    await reader.opens(sample_room.session_link(sample_room.people["joined"], coming=True))
    assert await reader.presses("Maybe") == 200


async def _inviting_too_many_guests(reader: Reader, sample_room: SampleRoom) -> None:
    await reader.opens(sample_room.session_link(sample_room.room.host, coming=True) + "/plan")
    await reader.page.locator("#guests").fill("\n".join([LONG_WORD] * 11))
    assert await reader.presses("Save the plan") == 422


def _code(sample_room: SampleRoom) -> str:
    return sample_room.session_link(sample_room.room.host, purpose=Purpose.CHECK_IN)


async def _asking_for_a_link_at_the_session(reader: Reader, sample_room: SampleRoom) -> None:
    await reader.opens(_code(sample_room))
    await reader.page.get_by_label("Your email address").fill(f"{new_id()}@example.org")
    assert await reader.presses("Send me a link") == 200


async def _announcing_nothing(reader: Reader, sample_room: SampleRoom) -> None:
    await reader.opens(f"{sample_room.desk_link()}/announce")
    form = await reader.page.locator("input[name=form]").input_value()
    assert await reader.sends({"form": form, "text": "", "to": "everybody"}) == 422


def _planning(*, date: str, answered: int = 200) -> Tour:
    """Return a tour that fills in a series and sees its dates, without planning them."""

    async def tour(reader: Reader, sample_room: SampleRoom) -> None:
        await reader.opens(f"{sample_room.desk_link()}/sessions/plan")
        form = await reader.page.locator("input[name=form]").input_value()
        series = {"date": date, "time": "18:30", "minutes": "90", "repeat": "series", "weeks": "1", "topic": LONG_WORD}
        assert await reader.sends({"form": form, **series}) == answered

    return tour


def _revising(*, capacity: str, answered: int = 200) -> Tour:
    """Return a tour that fills in what a room states and sees what follows, without changing it."""

    async def tour(reader: Reader, sample_room: SampleRoom) -> None:
        await reader.opens(f"{sample_room.desk_link()}/room")
        await reader.page.locator("#capacity").fill(capacity)
        await reader.page.locator("#purpose").fill(f"We think through cases. {LONG_WORD}")
        assert await reader.presses("Show what follows") == answered

    return tour


def _changing(change: str, **entered: str) -> Tour:
    """Return a tour that sees what follows from a change of a session that is to come, without making it."""

    async def tour(reader: Reader, sample_room: SampleRoom) -> None:
        await reader.opens(_change_of_session(sample_room, change))
        for name, text in entered.items():
            await reader.page.locator(f"#{name}").fill(text)
        assert await reader.presses("Show what follows") == 200

    return tour


def _change_of_session(sample_room: SampleRoom, change: str) -> str:
    return f"{sample_room.desk_link()}/sessions/{sample_room.coming}/{change}"


def _desk(path: str, *, room: str = "") -> Tour:
    """Return a tour of a page of the desk, as its host sees it; ``room``: another room of theirs."""
    return _at(lambda sample_room: sample_room.desk_link(room) + path)


def _note(path: str, *, on_desk: bool = False) -> Tour:
    def place(sample_room: SampleRoom) -> str:
        if on_desk:
            return f"{sample_room.desk_link()}/notes/{sample_room.beside['note']}{path}"
        root = sample_room.link(Purpose.MEMORY, sample_room.people["joined"])
        return f"{root}/{sample_room.beside['own-note']}{path}"

    return _at(place)


async def _stepping_down(reader: Reader, sample_room: SampleRoom) -> None:
    """Lay an office down; however often the form is sent, the outcome is the same."""
    person = sample_room.people["stepping"]
    await reader.opens(f"{sample_room.link(Purpose.DESK, person)}/offices/dismiss/{person}")
    form = sample_room.form("rooms.dismiss.v1", "stepping")
    assert await reader.sends({"form": form, "was.person": person, "was.office": "steward"}) == 200


async def _inviting(reader: Reader, sample_room: SampleRoom) -> None:
    await reader.opens(f"{sample_room.desk_link()}/people/invite")
    form = await reader.page.locator("input[name=form]").input_value()
    addresses = f"{sample_room.room.room_id}@invited.example\n{LONG_WORD}"
    assert await reader.sends({"form": form, "addresses": addresses, "message": ""}) == 200


def _sending_elsewhere(place: Callable[[SampleRoom], str], fields: dict[str, str], *, answered: int) -> Tour:
    """Return a tour that sends fields where no form is."""

    async def tour(reader: Reader, sample_room: SampleRoom) -> None:
        await reader.opens(place(sample_room))
        assert await reader.sends(fields) == answered

    return tour


def _person(status: str, path: str = "") -> Tour:
    return _at(lambda sample_room: f"{sample_room.desk_link()}/people/{sample_room.people[status]}{path}")


async def _inviting_badly(reader: Reader, sample_room: SampleRoom) -> None:
    await reader.opens(f"{sample_room.desk_link()}/people/invite")
    form = await reader.page.locator("input[name=form]").input_value()
    assert await reader.sends({"form": form, "addresses": f"{LONG_WORD}\nada at example", "message": ""}) == 422


def _rooms(sample_room: SampleRoom, path: str = "") -> str:
    return sample_room.link(Purpose.ROOMS, sample_room.people["joined"], in_room=False) + path


def _start(sample_room: SampleRoom, path: str = "") -> str:
    return sample_room.link(Purpose.START, sample_room.people["joined"], in_room=False) + path


async def _stating_badly(reader: Reader, sample_room: SampleRoom) -> None:
    await reader.opens(_start(sample_room, "/room"))
    form = await reader.page.locator("input[name=form]").input_value()
    assert await reader.sends({"form": form, "title": "", "purpose": LONG_WORD, "time_zone": "Rome"}) == 422


def _preferences(sample_room: SampleRoom) -> str:
    return sample_room.link(Purpose.PREFERENCES, sample_room.people["joined"])


def _preferences_of_a_stranger(sample_room: SampleRoom) -> str:
    return sample_room.link(Purpose.PREFERENCES, new_id())


def _me(path: str, status: str = "joined") -> Tour:
    return _at(lambda sample_room: sample_room.link(Purpose.ME, sample_room.people[status], in_room=False) + path)


async def _seeing_the_calendar_address(reader: Reader, sample_room: SampleRoom) -> None:
    await reader.opens(_rooms(sample_room))
    await reader.page.get_by_text("See the sessions in your own calendar").click()


async def _renewing_the_calendar_address(reader: Reader, sample_room: SampleRoom) -> None:
    await _seeing_the_calendar_address(reader, sample_room)
    assert await reader.presses("Get a new calendar address") == 200


def _thanks(sample_room: SampleRoom) -> str:
    return sample_room.link(Purpose.MEMORY, sample_room.people["joined"]) + "/thanks"


def _concern(sample_room: SampleRoom) -> str:
    return f"{sample_room.membership_link('joined')}/concern"


def _concerns(sample_room: SampleRoom) -> str:
    return sample_room.link(Purpose.DESK, sample_room.people["steward"]) + "/concerns"


def _certificate(of: str, *, answered: int = 200) -> Tour:
    return _at(lambda sample_room: sample_room.link(Purpose.CERTIFICATE, sample_room.people[of]), answered=answered)


async def _verifying(reader: Reader, sample_room: SampleRoom) -> None:
    await _certificate("joined")(reader, sample_room)
    address = await reader.page.locator("a[href*='/verify/']").get_attribute("href")
    assert address is not None
    assert await reader.opens(address) == 200


async def _thanking_nobody(reader: Reader, sample_room: SampleRoom) -> None:
    await reader.opens(_thanks(sample_room))
    form = await reader.page.locator("input[name=form]").input_value()
    assert await reader.sends({"form": form, "message": LONG_WORD * 20}) == 422


async def _reporting_nothing(reader: Reader, sample_room: SampleRoom) -> None:
    await reader.opens(_concern(sample_room))
    form = await reader.page.locator("input[name=form]").input_value()
    assert await reader.sends({"form": form}) == 422


def _stop(sample_room: SampleRoom) -> str:
    return sample_room.link(Purpose.STOP, sample_room.room.host, category="digest")


TOURS: dict[str, Tour] = {
    "way-invited": _way_of("invited"),
    "way-requested": _way_of("requested"),
    "way-waitlisted": _way_of("waitlisted"),
    "way-offered": _way_of("offered"),
    "way-joined": _way_of("joined"),
    "way-withdrawn": _way_of("withdrawn"),
    "way-never-asked": _way_of("none"),
    "way-done": _sending(lambda sample_room: sample_room.leave_form, as_who="leaving", answered=200),
    "way-refused": _sending(lambda sample_room: sample_room.form(ACCEPT, "joined"), as_who="joined", answered=409),
    "way-old-form": _sending(lambda sample_room: sample_room.old_form(ACCEPT, "joined"), as_who="joined", answered=409),
    "desk": _at(lambda sample_room: sample_room.desk_link()),
    "desk-sessions": _at(lambda sample_room: f"{sample_room.desk_link()}/sessions"),
    "desk-room": _at(lambda sample_room: f"{sample_room.desk_link()}/room"),
    "desk-room-preview": _revising(capacity="1"),
    "desk-room-faults": _revising(capacity="many", answered=422),
    "desk-plan": _at(lambda sample_room: f"{sample_room.desk_link()}/sessions/plan"),
    "desk-plan-preview": _planning(date="2900-03-15"),
    "desk-plan-faults": _planning(date="2001-01-01", answered=422),
    "desk-session-move": _at(lambda sample_room: _change_of_session(sample_room, "move")),
    "desk-session-move-preview": _changing("move", date="2900-03-03"),
    "desk-session-revise": _at(lambda sample_room: _change_of_session(sample_room, "revise")),
    "desk-session-revise-preview": _changing("revise", topic=f"More: {LONG_WORD}", place=LONG_WORD),
    "desk-session-cancel": _at(lambda sample_room: _change_of_session(sample_room, "cancel")),
    "desk-session-cancel-preview": _changing("cancel", reason=LONG_WORD * 5),
    "desk-people": _at(lambda sample_room: f"{sample_room.desk_link()}/people"),
    "desk-former": _at(lambda sample_room: f"{sample_room.desk_link()}/people/former"),
    "desk-person": _person("waitlisted"),
    "desk-person-remove": _person("joined", "/remove"),
    "desk-person-offer": _person("waitlisted", "/offer"),
    "desk-person-revoke-offer": _person("offered", "/revoke-offer"),
    "desk-person-priority": _person("waitlisted", "/priority"),
    "desk-person-revoke-invitation": _person("invited", "/revoke-invitation"),
    "desk-person-role": _person("joined", "/role"),
    "desk-person-buddy": _person("joined", "/buddy"),
    "desk-person-removed": _person("removed"),
    "desk-person-lift-bar": _person("removed", "/lift-bar"),
    "desk-invite": _at(lambda sample_room: f"{sample_room.desk_link()}/people/invite"),
    "desk-invite-faults": _inviting_badly,
    "desk-invite-outcomes": _inviting,
    "desk-roles": _at(lambda sample_room: f"{sample_room.desk_link()}/people/roles"),
    "desk-notes": _at(lambda sample_room: f"{sample_room.desk_link()}/notes"),
    "desk-note": _at(lambda sample_room: f"{sample_room.desk_link()}/notes/new"),
    "desk-note-change": _note("", on_desk=True),
    "desk-note-withdraw": _note("/withdraw", on_desk=True),
    "memory-note-new": _at(lambda sample_room: sample_room.link(Purpose.MEMORY, sample_room.people["joined"]) + "/new"),
    "memory-note-change": _note(""),
    "memory-note-withdraw": _note("/withdraw"),
    "memory": _at(lambda sample_room: sample_room.link(Purpose.MEMORY, sample_room.people["joined"])),
    "memory-of-others": _at(
        lambda sample_room: sample_room.link(Purpose.MEMORY, sample_room.people["none"]), answered=403
    ),
    "memory-thanks": _at(_thanks),
    "memory-thanks-faults": _thanking_nobody,
    "desk-thanks": _at(lambda sample_room: f"{sample_room.desk_link()}/thanks"),
    "concern": _at(_concern),
    "concern-faults": _reporting_nothing,
    "desk-concerns": _at(_concerns),
    "desk-concerns-of-host": _at(lambda sample_room: f"{sample_room.desk_link()}/concerns", answered=403),
    "certificate": _certificate("joined"),
    "certificate-of-nobody": _certificate("waitlisted", answered=404),
    "verify": _verifying,
    "verify-form": _at(lambda sample_room: f"{sample_room.stack.pages_url}/verify"),
    "verify-unknown": _at(lambda sample_room: f"{sample_room.stack.pages_url}/verify/{LONG_WORD}", answered=404),
    "feedback": _at(lambda sample_room: sample_room.feedback_link("joined")),
    "feedback-faults": _giving_no_rating,
    "feedback-given": _giving_feedback,
    "feedback-given-before": _giving_feedback_again,
    "feedback-of-others": _at(lambda sample_room: sample_room.feedback_link("none"), answered=403),
    "session-to-come": _session(of="joined", coming=True),
    "session-answered": _answering,
    "session-faults": _answering_at_length,
    "session-of-host": _session(coming=True),
    "session-now": _session(of="joined"),
    "session-now-of-host": _session(),
    "session-of-others": _session(of="none", answered=403),
    "session-plan": _session("/plan", coming=True),
    "session-plan-faults": _inviting_too_many_guests,
    "session-attendance": _session("/attendance"),
    "session-attendance-too-early": _session("/attendance", coming=True, answered=409),
    "session-code": _session("/code"),
    "session-code-too-early": _session("/code", coming=True),
    "check-in": _at(_code),
    "check-in-sent": _asking_for_a_link_at_the_session,
    "desk-announce": _at(lambda sample_room: f"{sample_room.desk_link()}/announce"),
    "desk-copy": _at(lambda sample_room: f"{sample_room.desk_link()}/copy"),
    "desk-second-room": _at(lambda sample_room: f"{sample_room.desk_link()}/second-room"),
    "desk-announce-faults": _announcing_nothing,
    "desk-report": _at(lambda sample_room: f"{sample_room.desk_link()}/report"),
    "desk-offices": _at(lambda sample_room: f"{sample_room.desk_link()}/offices"),
    "desk-appoint": _at(lambda sample_room: f"{sample_room.desk_link()}/offices/appoint"),
    "desk-hand-over": _at(lambda sample_room: f"{sample_room.desk_link()}/offices/hand-over"),
    "desk-dismiss": _at(
        lambda sample_room: f"{sample_room.desk_link()}/offices/dismiss/{sample_room.people['steward']}"
    ),
    "desk-take-back": _desk("/offices/take-back"),
    "desk-stepped-down": _stepping_down,
    "desk-life": _at(lambda sample_room: f"{sample_room.desk_link()}/life"),
    "desk-life-close": _desk("/life/close"),
    "desk-life-reopen": _desk("/life/reopen", room="closed"),
    "desk-life-archive": _desk("/life/archive"),
    "desk-life-discard": _desk("/life/discard", room="draft"),
    "desk-of-a-closed-room": _desk("", room="closed"),
    "desk-of-a-draft": _desk("", room="draft"),
    "desk-life-cancel": _at(lambda sample_room: f"{sample_room.desk_link()}/life/cancel"),
    "desk-of-others": _at(
        lambda sample_room: sample_room.link(Purpose.DESK, sample_room.people["joined"]), answered=403
    ),
    "start": _at(lambda sample_room: _start(sample_room, "?domain=yes&people=no&practice=no")),
    "start-form": _at(lambda sample_room: _start(sample_room, "/room")),
    "start-faults": _stating_badly,
    "start-draft": _at(lambda sample_room: sample_room.draft_link()),
    "start-preview": _at(lambda sample_room: f"{sample_room.draft_link()}/preview"),
    "start-published": _at(
        lambda sample_room: (
            sample_room.link(Purpose.START, sample_room.room.host, in_room=False) + f"/room/{sample_room.room.room_id}"
        )
    ),
    "queue": _at(lambda sample_room: sample_room.requests_link()),
    "queue-nothing-chosen": _pressing(
        "Submit decisions", lambda sample_room: sample_room.requests_link(), answered=422
    ),
    "queue-of-others": _at(
        lambda sample_room: sample_room.link(Purpose.QUEUE, sample_room.people["joined"]), answered=403
    ),
    "finding": _at(lambda sample_room: f"{sample_room.stack.pages_url}/"),
    "finding-nothing": _at(
        lambda sample_room: f"{sample_room.stack.pages_url}/?text={sample_room.room.host}&format=intervision"
    ),
    "room": _at(lambda sample_room: f"{sample_room.stack.pages_url}/room/{sample_room.room.room_id}"),
    "room-unknown": _at(
        lambda sample_room: f"{sample_room.stack.pages_url}/room/{sample_room.room.host}", answered=404
    ),
    "link": _at(lambda sample_room: f"{sample_room.stack.pages_url}/link?room={sample_room.room.room_id}"),
    "link-sent": _asking_for_a_link,
    "link-misspelt": _misspelling_an_address,
    "link-too-often": _asking_too_often,
    "introduce": _at(lambda sample_room: sample_room.link(Purpose.INTRODUCE, sample_room.people["introduced"])),
    "introduce-faults": _introducing_oneself_badly,
    "introduce-known": _at(lambda sample_room: sample_room.link(Purpose.INTRODUCE, sample_room.people["joined"])),
    "way-introduced": _way_of("introduced"),
    "ask": _at(lambda sample_room: f"{sample_room.membership_link('none')}/ask"),
    "ask-unanswered": _asking_without_an_answer,
    "ask-old-form": _asking_too_late,
    "ask-not-now": _at(lambda sample_room: f"{sample_room.membership_link('joined')}/ask"),
    "rooms": _at(_rooms),
    "rooms-of-nobody": _at(
        lambda sample_room: sample_room.link(Purpose.ROOMS, sample_room.people["none"], in_room=False)
    ),
    "care": _at(lambda sample_room: sample_room.link(Purpose.CARE, sample_room.room.host, in_room=False)),
    "rooms-search": _at(lambda sample_room: _rooms(sample_room, "/search")),
    "rooms-room": _at(lambda sample_room: _rooms(sample_room, f"/room/{sample_room.room.room_id}")),
    "preferences": _at(_preferences),
    "preferences-saved": _pressing("Save", _preferences),
    "preferences-faults": _choosing_nothing_there_is,
    "preferences-links-ended": _pressing("End all my links", _preferences_of_a_stranger),
    "sponsor": _at(lambda sample_room: sample_room.sponsor_link("joined")),
    "sponsor-faults": _at(
        lambda sample_room: f"{sample_room.sponsor_link('joined')}?from=2026-03&to=2026-02", answered=422
    ),
    "sponsor-closed": _at(lambda sample_room: sample_room.sponsor_link("none"), answered=403),
    "own-data": _me("/data"),
    "leave-everything": _me("/leave"),
    "leave-everything-as-host": _at(
        lambda sample_room: sample_room.link(Purpose.ME, sample_room.room.host, in_room=False) + "/leave"
    ),
    "leave-nothing": _me("/leave", "none"),
    "calendar-address": _seeing_the_calendar_address,
    "calendar-renewed": _renewing_the_calendar_address,
    "stop": _at(_stop),
    "stop-done": _pressing("Stop these emails", _stop),
    "fault-expired": _at(
        lambda sample_room: expired(sample_room.stack, sample_room.membership_link("joined")), answered=410
    ),
    "fault-expired-form": _sending_elsewhere(
        lambda sample_room: expired(sample_room.stack, sample_room.desk_link()) + "/sessions/plan",
        {"date": "2900-03-15", "time": "18:30", "minutes": "90", "repeat": "series", "topic": LONG_WORD * 5},
        answered=410,
    ),
    "fault-too-large": _sending_elsewhere(
        lambda sample_room: sample_room.membership_link("joined"), {"form": "x" * 2_200_000}, answered=413
    ),
    "fault-ended": _at(lambda sample_room: sample_room.ended_link(), answered=410),
    "fault-forged": _at(
        lambda sample_room: forged(sample_room.membership_link("joined"), sample_room.membership_link("offered")),
        answered=404,
    ),
    "fault-nowhere": _at(lambda sample_room: f"{sample_room.stack.pages_url}/nowhere", answered=404),
    "fault-bad-form": _sending(lambda _: "forged", as_who="joined", answered=400),
}
