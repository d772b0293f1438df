"""Preferences: shown as they are, saved as a whole, and unchanged by an invalid form."""

from uuid import UUID

from tests.support.every_case import every_case
from tests.unit.pages.builders import ADA, ROOM, a_membership, a_room_shown
from tests.unit.pages.sites import Seen, Visit, a_visit, accepted

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import ListMemberships, Memberships, Status
from practio_contracts.notifications import Activity, GetPreferences, Preferences, RequestsDigest, SetPreferences
from practio_contracts.rooms import GetRoom
from practio_pages.pages.preferences_form import PreferencesForm, command_of, faults_in, form_of, read_preferences_form

OTHER = UUID(int=55)
AT_FIRST = Preferences(person_id=ADA)
LINK = Link(Purpose.PREFERENCES, ADA, locale="en", time_zone="Europe/Rome")
CHOSEN = {"requests_digest": "daily", "activity": "off", "quiet_from": "20:30", "quiet_to": "07:00"}


def a_visit_with(preferences: Preferences = AT_FIRST) -> Visit:
    visit = a_visit()
    visit.gateway.answers |= {
        GetPreferences: preferences,
        ListMemberships: Memberships(memberships=[a_membership(Status.JOINED)]),
        GetRoom: a_room_shown(),
    }
    visit.gateway.outcomes[SetPreferences] = accepted(SetPreferences)
    return visit


def ticked(seen: Seen) -> set[tuple[str, str]]:
    return {(str(each["name"]), str(each["value"])) for each in seen.html.select("input[checked]")}


def entered(**fields: str) -> PreferencesForm:
    return read_preferences_form([*(CHOSEN | fields).items()])


async def test_a_page_shows_the_persons_preferences_and_changes_nothing() -> None:
    visit = a_visit_with(AT_FIRST.model_copy(update={"muted_room_ids": [ROOM]}))
    seen = await visit.get(visit.path(LINK))
    assert (seen.status, visit.gateway.sent) == (200, [])
    assert ticked(seen) == {
        ("requests_digest", "at-once"),
        ("activity", "daily"),
        ("reminders", "yes"),
        ("muted", str(ROOM)),
    }
    assert [each["value"] for each in seen.html.select("input[type=time]")] == ["21:00", "08:00"]
    assert "Intervision for team leads" in seen.words
    assert "Some emails always come" in seen.words
    assert "Europe/Rome" in seen.words


async def test_choices_are_saved_as_a_whole_in_the_persons_name() -> None:
    visit = a_visit_with()
    seen = await visit.get(visit.path(LINK))
    done = await visit.press(seen, "Save", **CHOSEN, muted=str(ROOM))
    assert (done.status, "Saved" in done.words) == (200, True)
    [sent] = visit.gateway.sent
    assert sent.actor == ADA
    assert sent.command == SetPreferences.model_validate(
        {
            "person_id": ADA,
            "requests_digest": RequestsDigest.DAILY,
            "activity": Activity.OFF,
            "reminders": False,
            "quiet_hours": {"from": "20:30", "to": "07:00"},
            "muted_room_ids": [ROOM],
        }
    )


async def test_the_same_form_twice_is_one_command_but_with_other_choices_another() -> None:
    visit = a_visit_with()
    seen = await visit.get(visit.path(LINK))
    for activity in ("off", "off", "daily"):
        await visit.press(seen, "Save", **CHOSEN | {"activity": activity})
    first, again, other = visit.gateway.sent
    assert first == again
    assert first.id != other.id


async def test_faults_are_shown_beside_their_fields_and_input_stays() -> None:
    visit = a_visit_with()
    faulty = {**CHOSEN, "quiet_from": "25:00", "activity": "never", "muted": str(ROOM)}
    seen = await visit.press(await visit.get(visit.path(LINK)), "Save", **faulty)
    assert (seen.status, visit.gateway.sent) == (422, [])
    hours, legend = seen.html.select("#quiet_from")[0], seen.html.select("fieldset[aria-describedby~=activity-fault]")
    assert (hours["value"], hours["aria-invalid"], hours["aria-describedby"]) == ("25:00", "true", "quiet_from-fault")
    assert len(legend) == 1
    assert {each["id"] for each in seen.html.select(".fault")} == {"quiet_from-fault", "activity-fault"}
    assert ticked(seen) == {("requests_digest", "daily"), ("muted", str(ROOM))}
    assert "Nothing has been saved" in seen.words


async def test_a_refusal_is_shown_above_the_choices() -> None:
    visit = a_visit_with()
    visit.gateway.outcomes[SetPreferences] = Refusal(code="not-allowed", detail="people set their own preferences")
    seen = await visit.press(await visit.get(visit.path(LINK)), "Save", **CHOSEN)
    assert (seen.status, "you can no longer do this" in seen.words) == (409, True)
    assert ("activity", "off") in ticked(seen)


async def test_a_form_of_another_page_saves_nothing() -> None:
    visit = a_visit_with()
    for command, person in (("membership.withdraw.v1", ADA), (SetPreferences.routing_key, OTHER)):
        form = visit.site.forms.sign(command, person_id=person)
        assert (await visit.post(visit.path(LINK), {"form": form, **CHOSEN})).status == 400
    assert visit.gateway.sent == []


async def test_a_muted_room_that_no_longer_exists_can_be_unmuted() -> None:
    visit = a_visit_with(AT_FIRST.model_copy(update={"muted_room_ids": [OTHER]}))
    visit.gateway.answers[GetRoom] = Refusal(code="room-unknown", detail="no such room")
    seen = await visit.get(visit.path(LINK))
    assert "can no longer be shown" in seen.words
    assert [each["value"] for each in seen.html.select("input[name=muted]")] == [str(OTHER)]


async def test_more_muted_rooms_than_a_page_shows_stay_muted() -> None:
    many = [UUID(int=number) for number in range(100, 170)]
    visit = a_visit_with(AT_FIRST.model_copy(update={"muted_room_ids": many}))
    seen = await visit.get(visit.path(LINK))
    assert "20 more rooms are muted" in seen.words
    shown = [str(each["value"]) for each in seen.html.select("input[name=shown]")]
    await visit.post(seen.path, {"form": seen.form("Save").select("input")[0]["value"], "shown": shown, **CHOSEN})
    [sent] = visit.gateway.sent
    assert isinstance(sent.command, SetPreferences)
    assert sent.command.muted_room_ids == many[50:]


@every_case(
    ("fields", "faults"),
    [
        ({}, {}),
        ({"quiet_from": "20:30:00"}, {}),
        ({"quiet_from": "", "no_quiet_hours": "yes"}, {}),
        ({"quiet_from": ""}, {"quiet_from": "time"}),
        ({"quiet_to": "24:00"}, {"quiet_to": "time"}),
        ({"quiet_to": "20:30"}, {"quiet_to": "same-time"}),
        ({"requests_digest": "yearly"}, {"requests_digest": "choose-one"}),
        ({"activity": "hourly"}, {"activity": "choose-one"}),
    ],
)
def test_a_form_is_checked_field_by_field(fields: dict[str, str], faults: dict[str, str]) -> None:
    assert faults_in(entered(**fields)) == faults


def test_no_quiet_hours_are_sent_as_none_and_only_the_checkbox_decides() -> None:
    assert command_of(entered(no_quiet_hours="yes"), AT_FIRST).quiet_hours is None
    assert command_of(entered(quiet_from="20:30:59"), AT_FIRST) == command_of(entered(), AT_FIRST)


def test_an_invalid_id_or_a_room_that_was_not_shown_mutes_nothing() -> None:
    command = command_of(
        read_preferences_form([*CHOSEN.items(), ("muted", "x"), ("muted", str(OTHER)), ("shown", str(ROOM))]), AT_FIRST
    )
    assert command.muted_room_ids == []


def test_an_unchanged_form_sends_the_current_preferences() -> None:
    preferences = AT_FIRST.model_copy(update={"muted_room_ids": [ROOM], "quiet_hours": None})
    assert command_of(form_of(preferences), preferences) == SetPreferences.model_validate(preferences.model_dump())
