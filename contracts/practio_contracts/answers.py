"""How a service answers a command or a query (contracts/README.md, Answers)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import SerializeAsAny

from practio_contracts.fields import Instant
from practio_contracts.message import Event, Part

_KNOWN_WITHIN = timedelta(seconds=2)
"""How long it takes, amply, until a room that was just published is known to the other services."""


class NextStep(StrEnum):
    """The next step of a person whose command was refused."""

    NONE = "none"
    WAIT = "wait"
    JOIN_WAITLIST = "join-waitlist"
    COMPLETE_ANSWERS = "complete-answers"
    ACCEPT_GUIDELINES = "accept-guidelines"
    ASK_FOR_INVITATION = "ask-for-invitation"
    RETRY_AFTER = "retry-after"
    ASK_HOST = "ask-host"


class FieldError(Part):
    """One fault of a message: the field as a dotted path, and the fault in words."""

    field: str
    message: str


class CommandAccepted(Event):
    """The command was accepted; ``state`` is the subject's snapshot.

    ``changed`` is false if the state was already as the command asks. A service leaves ``state`` as the model that it
    is, so that it is written once.
    """

    command_id: str
    command_type: str
    changed: bool
    state: Annotated[dict[str, Any], SerializeAsAny()]


class CommandRefused(Event):
    """The command was refused; ``retry_after`` comes with the next step of that name."""

    command_id: str | None
    command_type: str | None
    code: str
    detail: str
    next_step: NextStep = NextStep.NONE
    retry_after: Instant | None = None
    errors: list[FieldError] = []


class Answer(Event):
    """The answer to a query: ``result``, or ``code`` and ``detail``.

    A service leaves ``result`` as the model that it is, so that it is written once.
    """

    query_id: str | None
    query_type: str | None
    result: Annotated[dict[str, Any] | None, SerializeAsAny()] = None
    code: str | None = None
    detail: str | None = None
    errors: list[FieldError] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a command or query is refused: a value that decisions return, never an exception.

    ``retry_after`` (UTC) comes with the next step of that name.
    """

    code: str
    detail: str
    next_step: NextStep = NextStep.NONE
    retry_after: datetime | None = None
    errors: tuple[FieldError, ...] = ()


def room_unknown(now: datetime) -> Refusal:
    """Return how a service that follows rooms refuses what concerns a room that it does not know, or not yet."""
    return Refusal(
        code="room-unknown",
        detail="there is no room with this id: check the id, or try again in a moment if it has just been published",
        next_step=NextStep.RETRY_AFTER,
        retry_after=now + _KNOWN_WITHIN,
    )
