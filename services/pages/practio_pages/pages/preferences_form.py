"""The form of a person's preferences: read from fields, checked, and made a command. Pure."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from practio_contracts.notifications import Activity, Preferences, QuietHours, RequestsDigest, SetPreferences

_USUAL = QuietHours.model_validate({"from": "21:00", "to": "08:00"})
_CLOCK = re.compile(r"(([01][0-9]|2[0-3]):[0-5][0-9])(:[0-5][0-9])?")
_MOST_MUTED = 1_000


class OptionalCategory(StrEnum):
    """Letters that a person may switch off."""

    DIGEST = "digest"
    ACTIVITY = "activity"
    REMINDER = "reminder"


@dataclass(frozen=True, slots=True)
class PreferencesForm:
    """A form as it was filled in, valid or not; ``muted`` rooms are among those that it showed (``shown``)."""

    requests_digest: str
    activity: str
    reminders: bool
    is_quiet: bool
    quiet_from: str
    quiet_to: str
    muted: frozenset[UUID] = frozenset()
    shown: frozenset[UUID] = frozenset()


def form_of(preferences: Preferences) -> PreferencesForm:
    """Return the form that shows a person's preferences; hours are proposed if the person has set none."""
    hours = preferences.quiet_hours or _USUAL
    return PreferencesForm(
        requests_digest=preferences.requests_digest,
        activity=preferences.activity,
        reminders=preferences.reminders,
        is_quiet=preferences.quiet_hours is not None,
        quiet_from=hours.start,
        quiet_to=hours.end,
        muted=frozenset(preferences.muted_room_ids),
    )


def read_preferences_form(fields: Collection[tuple[str, str]]) -> PreferencesForm:
    """Read the fields of a form; a browser leaves out boxes that are not ticked."""
    last = dict(fields)
    return PreferencesForm(
        requests_digest=last.get("requests_digest", ""),
        activity=last.get("activity", ""),
        reminders="reminders" in last,
        is_quiet="no_quiet_hours" not in last,
        quiet_from=last.get("quiet_from", "").strip(),
        quiet_to=last.get("quiet_to", "").strip(),
        muted=_ids(fields, "muted"),
        shown=_ids(fields, "shown"),
    )


def faults_in(form: PreferencesForm) -> Mapping[str, str]:
    """Return a code for each faulty field; without faults, ``command_of`` succeeds."""
    faults = {}
    if form.requests_digest not in list(RequestsDigest):
        faults["requests_digest"] = "choose-one"
    if form.activity not in list(Activity):
        faults["activity"] = "choose-one"
    if form.is_quiet:
        faults |= _faults_of_hours(form.quiet_from, form.quiet_to)
    return faults


def command_of(form: PreferencesForm, before: Preferences) -> SetPreferences:
    """Return the command of a form without faults; a muted room that the form did not show stays muted."""
    still_muted = [room for room in before.muted_room_ids if room not in form.shown]
    hours = {"from": _clock(form.quiet_from), "to": _clock(form.quiet_to)} if form.is_quiet else None
    return SetPreferences(
        person_id=before.person_id,
        requests_digest=RequestsDigest(form.requests_digest),
        activity=Activity(form.activity),
        reminders=form.reminders,
        quiet_hours=QuietHours.model_validate(hours) if hours else None,
        muted_room_ids=[*still_muted, *sorted(form.muted & form.shown)][:_MOST_MUTED],
    )


def command_without(category: OptionalCategory, before: Preferences) -> SetPreferences | None:
    """Return the command that switches off a category and keeps all else; None if it is off already."""
    match category:
        case OptionalCategory.DIGEST:
            change: Mapping[str, object] = {"requests_digest": RequestsDigest.OFF}
        case OptionalCategory.ACTIVITY:
            change = {"activity": Activity.OFF}
        case OptionalCategory.REMINDER:
            change = {"reminders": False}
    preferences = before.model_copy(update=change)
    return None if preferences == before else SetPreferences.model_validate(preferences.model_dump(by_alias=True))


def _faults_of_hours(start: str, end: str) -> Mapping[str, str]:
    faults = {name: "time" for name, clock in (("quiet_from", start), ("quiet_to", end)) if not _CLOCK.fullmatch(clock)}
    return faults or ({"quiet_to": "same-time"} if _clock(start) == _clock(end) else {})


def _clock(text: str) -> str:
    """Return hour and minute; some browsers send seconds too."""
    found = _CLOCK.fullmatch(text)
    return found[1] if found else ""


def _ids(fields: Collection[tuple[str, str]], field: str) -> frozenset[UUID]:
    return frozenset(UUID(value) for name, value in fields if name == field and _is_id(value))


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
