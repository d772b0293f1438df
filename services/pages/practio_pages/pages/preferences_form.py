"""Which letters a person wants, as a form says it: read from fields, checked, and made a command. Pure."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from practio_contracts.notifications import Activity, Preferences, QuietHours, RequestsDigest, SetPreferences

_USUAL = QuietHours(start="21:00", end="08:00")
_CLOCK = re.compile(r"(([01][0-9]|2[0-3]):[0-5][0-9])(:[0-5][0-9])?")
_MOST_MUTED = 1_000


class Category(StrEnum):
    """Letters that a person may do without (notifications.md, From event to letter)."""

    DIGEST = "digest"
    ACTIVITY = "activity"
    REMINDER = "reminder"


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it was filled in, right or wrong; ``muted`` among the rooms that it showed (``shown``)."""

    requests_digest: str
    activity: str
    reminders: bool
    is_quiet: bool
    quiet_from: str
    quiet_to: str
    muted: frozenset[UUID] = frozenset()
    shown: frozenset[UUID] = frozenset()


def typed_of(wanted: Preferences) -> Typed:
    """Give the form filled in as a person's preferences are; hours are proposed to who has none."""
    hours = wanted.quiet_hours or _USUAL
    return Typed(
        requests_digest=wanted.requests_digest,
        activity=wanted.activity,
        reminders=wanted.reminders,
        is_quiet=wanted.quiet_hours is not None,
        quiet_from=hours.start,
        quiet_to=hours.end,
        muted=frozenset(wanted.muted_room_ids),
    )


def typed_in(fields: Iterable[tuple[str, object]]) -> Typed:
    """Read the fields of a form that was sent; a browser leaves out what is not ticked."""
    sent = [(name, value) for name, value in fields if isinstance(value, str)]
    last = dict(sent)
    return Typed(
        requests_digest=last.get("requests_digest", ""),
        activity=last.get("activity", ""),
        reminders="reminders" in last,
        is_quiet="no_quiet_hours" not in last,
        quiet_from=last.get("quiet_from", "").strip(),
        quiet_to=last.get("quiet_to", "").strip(),
        muted=_ids(sent, "muted"),
        shown=_ids(sent, "shown"),
    )


def faults_in(typed: Typed) -> Mapping[str, str]:
    """Give what is wrong, as a code by field; nothing: ``wish_of`` can be made of it."""
    faults = {}
    if typed.requests_digest not in list(RequestsDigest):
        faults["requests_digest"] = "choose-one"
    if typed.activity not in list(Activity):
        faults["activity"] = "choose-one"
    if typed.is_quiet:
        faults |= _faults_of_hours(typed.quiet_from, typed.quiet_to)
    return faults


def command_of(typed: Typed, before: Preferences) -> SetPreferences:
    """Give the command for a form without faults; rooms that the form did not show stay muted as they were."""
    kept = [room for room in before.muted_room_ids if room not in typed.shown]
    hours = QuietHours(start=_clock(typed.quiet_from), end=_clock(typed.quiet_to)) if typed.is_quiet else None
    return SetPreferences(
        person_id=before.person_id,
        requests_digest=RequestsDigest(typed.requests_digest),
        activity=Activity(typed.activity),
        reminders=typed.reminders,
        quiet_hours=hours,
        muted_room_ids=[*kept, *sorted(typed.muted & typed.shown)][:_MOST_MUTED],
    )


def wish_without(category: Category, before: Preferences) -> SetPreferences | None:
    """Give the command that ends the letters of a category and keeps all else; None: they do not come as it is."""
    match category:
        case Category.DIGEST:
            change: Mapping[str, object] = {"requests_digest": RequestsDigest.OFF}
        case Category.ACTIVITY:
            change = {"activity": Activity.OFF}
        case Category.REMINDER:
            change = {"reminders": False}
    wanted = before.model_copy(update=change)
    return None if wanted == before else SetPreferences.model_validate(wanted.model_dump())


def _faults_of_hours(start: str, end: str) -> Mapping[str, str]:
    faults = {name: "time" for name, clock in (("quiet_from", start), ("quiet_to", end)) if not _CLOCK.fullmatch(clock)}
    return faults or ({"quiet_to": "same-time"} if _clock(start) == _clock(end) else {})


def _clock(written: str) -> str:
    """Give the hour and minute; some browsers send seconds too."""
    found = _CLOCK.fullmatch(written)
    return found[1] if found else ""


def _ids(sent: Collection[tuple[str, str]], field: str) -> frozenset[UUID]:
    return frozenset(UUID(value) for name, value in sent if name == field and _is_id(value))


def _is_id(written: str) -> bool:
    try:
        return str(UUID(written)) == written
    except ValueError:
        return False
