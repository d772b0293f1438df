"""Which letters a person wants, and when."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from practio_contracts.fields import Flag, Id
from practio_contracts.message import Command, CommandPart, Part, Query


class RequestsDigest(StrEnum):
    """How often host and offices read of new requests."""

    AT_ONCE = "at-once"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    OFF = "off"


class Activity(StrEnum):
    """How often people read what hosts wrote to their rooms, and a host who joined, left or declined."""

    AT_ONCE = "at-once"
    DAILY = "daily"
    OFF = "off"


TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A wall clock's hour and minute, as ``HH:MM``."""


class QuietHours(CommandPart):
    """The hours, in the person's zone, in which no letter leaves that can wait.

    They go past midnight if ``to`` is the earlier one.
    """

    start: Annotated[TimeOfDay, Field(alias="from")]
    end: Annotated[TimeOfDay, Field(alias="to")]


_USUAL_QUIET = QuietHours.model_validate({"from": "21:00", "to": "08:00"})


class SetPreferences(Command, key="notifications.set-preferences.v1"):
    """Set which letters are sent, and when. Replaces all preferences; omitted ones get their defaults.

    Transactional letters are always sent. ``quiet_hours`` null: no quiet hours.
    """

    person_id: Id
    requests_digest: RequestsDigest | None = RequestsDigest.AT_ONCE
    activity: Activity | None = Activity.DAILY
    reminders: Flag = True
    quiet_hours: QuietHours | None = _USUAL_QUIET
    muted_room_ids: Annotated[list[Id], Field(max_length=1_000)] | None = []


class GetPreferences(Query, key="notifications.get-preferences.v1"):
    """Show which letters a person wants, and when; people see their own; result: ``PreferencesFound``."""

    person_id: Id


class Preferences(Part):
    """The letters that a person wants, and when; the defaults for a person who has set nothing."""

    person_id: Id
    requests_digest: RequestsDigest = RequestsDigest.AT_ONCE
    activity: Activity = Activity.DAILY
    reminders: bool = True
    quiet_hours: QuietHours | None = _USUAL_QUIET
    muted_room_ids: list[Id] = []


class Introduction(Part):
    """A person who is known by an address alone: neither a directory nor they themselves have registered them.

    ``email`` is the address with which they may register; null if somebody who is registered has it.
    """

    email: str | None


class PreferencesFound(Preferences):
    """The preferences of a person, and the version of their links: those made with another one have ended.

    ``link_version`` is missing in answers of releases that end no links. ``calendar_version`` rises when the address of
    the person's calendar ends by itself. ``introduction`` is there while the person may
    still introduce themselves; null for people who are registered, and if this installation lets nobody do so.
    """

    link_version: int | None = None
    calendar_version: int = 0
    introduction: Introduction | None = None
