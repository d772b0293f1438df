"""Preferences: shown as they are, saved whole, and nothing saved of a form that is not right."""

from uuid import UUID

import pytest
from tests.unit.pages.builders import ADA, ROOM, a_membership, a_room_shown
from tests.unit.pages.sites import Seen, Visit, a_visit, accepted

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import ListMemberships, Memberships, Status
from practio_contracts.notifications import Activity, GetPreferences, Preferences, RequestsDigest, SetPreferences
from practio_contracts.rooms import GetRoom
from practio_pages.pages.preferences_form import Typed, command_of, faults_in, typed_in, typed_of

OTHER = UUID(int=55)
AT_FIRST = Preferences(person_id=ADA)
LINK = Link(Purpose.PREFERENCES, ADA, locale="en", time_zone="Europe/Rome")
CHOSEN = {"requests_digest": "daily", "activity": "off", "quiet_from": "20:30", "quiet_to": "07:00"}


def a_desk_that_knows(wanted: Preferences = AT_FIRST) -> Visit:
    visit = a_visit()
    visit.desk.answers |= {
        GetPreferences: wanted,
        ListMemberships: Memberships(memberships=[a_membership(Status.JOINED)]),
        GetRoom: a_room_shown(),
    }
    visit.desk.outcomes[SetPreferences] = accepted(SetPreferences)
    return visit


def ticked(seen: Seen) -> set[tuple[str, str]]:
    return {(str(each["name"]), str(each["value"])) for each in seen.html.select("input[checked]")}


def typed(**fields: str) -> Typed:
    return typed_in([*(CHOSEN | fields).items()])


async def test_a_page_shows_what_the_person_wants_and_looking_changes_nothing() -> None:
    visit = a_desk_that_knows(AT_FIRST.model_copy(update={"muted_room_ids": [ROOM]}))
    seen = await visit.get(visit.path(LINK))
    assert (seen.status, visit.desk.wished) == (200, [])
    assert ticked(seen) == {
        ("requests_digest", "at-once"),
        ("activity", "daily"),
        ("reminders", "yes"),
        ("muted", str(ROOM)),
    }
    assert [each["value"] for each in seen.html.select("input[type=time]")] == ["21:00", "08:00"]
    assert "Intervision for team leads" in seen.words
    assert "You always get emails" in seen.words
    assert "Europe/Rome" in seen.words


async def test_what_is_chosen_is_saved_whole_in_the_persons_name() -> None:
    visit = a_desk_that_knows()
    seen = await visit.get(visit.path(LINK))
    done = await visit.press(seen, "Save", **CHOSEN, muted=str(ROOM))
    assert (done.status, "Saved" in done.words) == (200, True)
    [wished] = visit.desk.wished
    assert wished.actor == ADA
    assert wished.command == SetPreferences.model_validate(
        {
            "person_id": ADA,
            "requests_digest": RequestsDigest.DAILY,
            "activity": Activity.OFF,
            "reminders": False,
            "quiet_hours": {"from": "20:30", "to": "07:00"},
            "muted_room_ids": [ROOM],
        }
    )


async def test_the_same_form_twice_is_one_command_and_with_other_choices_another() -> None:
    visit = a_desk_that_knows()
    seen = await visit.get(visit.path(LINK))
    for activity in ("off", "off", "daily"):
        await visit.press(seen, "Save", **CHOSEN | {"activity": activity})
    first, again, other = visit.desk.wished
    assert first == again
    assert first.id != other.id


async def test_faults_are_said_beside_their_fields_and_what_was_typed_stays() -> None:
    visit = a_desk_that_knows()
    faulty = {**CHOSEN, "quiet_from": "25:00", "activity": "never", "muted": str(ROOM)}
    seen = await visit.press(await visit.get(visit.path(LINK)), "Save", **faulty)
    assert (seen.status, visit.desk.wished) == (422, [])
    hours, legend = seen.html.select("#quiet_from")[0], seen.html.select("fieldset[aria-describedby~=activity-fault]")
    assert (hours["value"], hours["aria-invalid"], hours["aria-describedby"]) == ("25:00", "true", "quiet_from-fault")
    assert len(legend) == 1
    assert {each["id"] for each in seen.html.select(".fault")} == {"quiet_from-fault", "activity-fault"}
    assert ticked(seen) == {("requests_digest", "daily"), ("muted", str(ROOM))}
    assert "Nothing has been saved" in seen.words


async def test_a_refusal_is_said_and_the_page_shows_how_it_is() -> None:
    visit = a_desk_that_knows()
    visit.desk.outcomes[SetPreferences] = Refusal(code="not-allowed", detail="people set their own preferences")
    seen = await visit.press(await visit.get(visit.path(LINK)), "Save", **CHOSEN)
    assert (seen.status, "not allowed" in seen.words) == (409, True)
    assert ("activity", "daily") in ticked(seen)


async def test_a_form_of_another_page_saves_nothing() -> None:
    visit = a_desk_that_knows()
    for command, person in (("membership.withdraw.v1", ADA), (SetPreferences.routing_key, OTHER)):
        form = visit.site.forms.written(command, person_id=person)
        assert (await visit.post(visit.path(LINK), {"form": form, **CHOSEN})).status == 400
    assert visit.desk.wished == []


async def test_a_muted_room_that_is_not_known_any_more_can_be_let_go() -> None:
    visit = a_desk_that_knows(AT_FIRST.model_copy(update={"muted_room_ids": [OTHER]}))
    visit.desk.answers[GetRoom] = Refusal(code="room-unknown", detail="no such room")
    seen = await visit.get(visit.path(LINK))
    assert "can no longer be shown" in seen.words
    assert [each["value"] for each in seen.html.select("input[name=muted]")] == [str(OTHER)]


async def test_more_muted_rooms_than_a_page_shows_stay_muted() -> None:
    many = [UUID(int=number) for number in range(100, 170)]
    visit = a_desk_that_knows(AT_FIRST.model_copy(update={"muted_room_ids": many}))
    seen = await visit.get(visit.path(LINK))
    assert "20 more rooms are muted" in seen.words
    shown = [str(each["value"]) for each in seen.html.select("input[name=shown]")]
    await visit.post(seen.path, {"form": seen.form("Save").select("input")[0]["value"], "shown": shown, **CHOSEN})
    [wished] = visit.desk.wished
    assert isinstance(wished.command, SetPreferences)
    assert wished.command.muted_room_ids == many[50:]


@pytest.mark.parametrize(
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
    assert faults_in(typed(**fields)) == faults


def test_no_quiet_hours_are_wished_as_none_and_a_tick_alone_decides() -> None:
    assert command_of(typed(no_quiet_hours="yes"), AT_FIRST).quiet_hours is None
    assert command_of(typed(quiet_from="20:30:59"), AT_FIRST).quiet_hours == command_of(typed(), AT_FIRST).quiet_hours


def test_what_is_no_id_mutes_nothing_and_neither_does_a_room_that_was_not_shown() -> None:
    command = command_of(
        typed_in([*CHOSEN.items(), ("muted", "x"), ("muted", str(OTHER)), ("shown", str(ROOM))]), AT_FIRST
    )
    assert command.muted_room_ids == []


def test_a_form_left_as_it_came_commands_what_is() -> None:
    wanted = AT_FIRST.model_copy(update={"muted_room_ids": [ROOM], "quiet_hours": None})
    assert command_of(typed_of(wanted), wanted) == SetPreferences.model_validate(wanted.model_dump())
