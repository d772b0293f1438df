"""The commands about rooms: stating, publishing, closing, ending."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from practio_contracts.fields import Bool, Id, Int, Language, LongText, ShortText, TimeZone, WebAddress
from practio_contracts.message import Command, CommandPart
from practio_contracts.rooms.snapshot import (
    AfterLapse,
    Capacity,
    Days,
    ExpiryDays,
    Format,
    Limit,
    Mode,
    Policy,
    Promotion,
    Question,
    Role,
    SponsorKind,
    WindowHours,
)


def _named_once(roles: list["RoleInput"]) -> list["RoleInput"]:
    names = [role.name.casefold() for role in roles]
    if len(set(names)) != len(names):
        raise ValueError("each role is named once")
    return roles


def _keyed_once(questions: list["QuestionInput"]) -> list["QuestionInput"]:
    keys = [question.key for question in questions]
    if len(set(keys)) != len(keys):
        raise ValueError("each question has a key of its own")
    return questions


def _each_once(ids: list[Id]) -> list[Id]:
    return list(dict.fromkeys(ids))


class RoleInput(Role, CommandPart):
    """A role as a host states it."""


class QuestionInput(Question, CommandPart):
    """A question as a host states it."""


class WaitlistInput(CommandPart):
    """The fields of the waitlist to set; those not given stay as they are."""

    enabled: Bool | None = None
    limit: Limit | None = None
    promotion: Promotion | None = None
    offer_window_hours: WindowHours | None = None
    after_lapse: AfterLapse | None = None


class AccessInput(CommandPart):
    """The fields of the access rules to set; those not given stay as they are."""

    policy: Policy | None = None
    questions: Annotated[list[QuestionInput], Field(max_length=50), AfterValidator(_keyed_once)] | None = None
    waitlist: WaitlistInput | None = None
    request_expires_after_days: ExpiryDays | None = None
    reapply_after_days: Days | None = None


class GuidelinesInput(CommandPart):
    """The text of the guidelines; their version is the service's to count, whatever is given."""

    text: Annotated[LongText, StringConstraints(min_length=1)]
    version: Int | None = None


class SponsorInput(CommandPart):
    """The sponsor of the room, as a host states it: a registered one by ``sponsor_id``, and any other by its kind.

    Kind and name of a registered sponsor are those that are registered, whatever is given.
    """

    kind: SponsorKind | None = None
    name: ShortText | None = None
    sponsor_id: Id | None = None

    @model_validator(mode="after")
    def _has_a_kind(self) -> "SponsorInput":
        if self.kind is None and self.sponsor_id is None:
            raise ValueError("a kind, or the sponsor_id of a registered sponsor, is required")
        return self


MOST_IN_AN_OFFICE = 100

Offices = Annotated[list[Id], Field(max_length=MOST_IN_AN_OFFICE), AfterValidator(_each_once)]


class _Statement(Command):
    """The fields that a host may state of a room; ``model_fields_set`` has those that were given."""

    room_id: Id
    domain: ShortText | None = None
    purpose: LongText | None = None
    for_whom: LongText | None = None
    format: Format | None = None
    mode: Mode | None = None
    capacity: Capacity | None = None
    roles: Annotated[list[RoleInput], Field(max_length=50), AfterValidator(_named_once)] | None = None
    language: Language | None = None
    time_zone: TimeZone | None = None
    place: Annotated[LongText, StringConstraints(max_length=1_000)] | None = None
    meeting_url: WebAddress | None = None
    sponsor: SponsorInput | None = None
    access: AccessInput | None = None
    guidelines: GuidelinesInput | None = None


class CreateRoom(_Statement, key="rooms.create-room.v1"):
    """Draft a room; the actor is its host, and chooses its id."""

    title: ShortText
    facilitator_ids: Offices | None = None
    steward_ids: Offices | None = None


class ReviseRoom(_Statement, key="rooms.revise-room.v1"):
    """Change what a room states: the given fields; ``access`` is merged field by field, lists are replaced whole."""

    title: ShortText | None = None
    expected_version: Int | None = None


class PublishRoom(Command, key="rooms.publish-room.v1"):
    """Show a draft to everybody, once it is whole."""

    room_id: Id


class CloseRoom(Command, key="rooms.close-room.v1"):
    """Accept no new requests; the waitlist is still served."""

    room_id: Id
    reason: LongText | None = None


class ReopenRoom(Command, key="rooms.reopen-room.v1"):
    """Take requests again."""

    room_id: Id
    reason: LongText | None = None


class CancelRoom(Command, key="rooms.cancel-room.v1"):
    """End a room for good, with a reason."""

    room_id: Id
    reason: Annotated[LongText, StringConstraints(min_length=1)]


class ArchiveRoom(Command, key="rooms.archive-room.v1"):
    """Finish a room; it stays readable."""

    room_id: Id


class DiscardDraft(Command, key="rooms.discard-draft.v1"):
    """Throw a draft away; its id is not given again."""

    room_id: Id
