"""What is wished of membership: by people, by hosts, by itself."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from practio_contracts.fields import Id, Int, Key, LongText, ShortText, Text
from practio_contracts.message import Command, OwnCommand


def _not_too_long(answers: dict[str, str]) -> dict[str, str]:
    if sum(map(len, answers.values())) > 20_000:
        raise ValueError("all answers together hold at most 20,000 characters")
    return answers


Answers = Annotated[
    dict[Key, Annotated[Text, StringConstraints(max_length=5_000)]], Field(max_length=50), AfterValidator(_not_too_long)
]


class _AboutPerson(Command):
    room_id: Id
    person_id: Id


class RequestToJoin(_AboutPerson, key="membership.request-to-join.v1"):
    """Ask for a place; ``roles`` are wished in order, ``accepted_guidelines`` is the version read."""

    roles: Annotated[list[ShortText], Field(max_length=50)] | None = None
    answers: Answers | None = None
    message: LongText | None = None
    accepted_guidelines: Int | None = None


class ApproveRequest(_AboutPerson, key="membership.approve-request.v1"):
    """Say that a person is right for the room; by host, facilitator or steward."""

    note: LongText | None = None


class DeclineRequest(_AboutPerson, key="membership.decline-request.v1"):
    """Say that a person is not right for the room; by host, facilitator or steward."""

    reason: LongText | None = None


class Withdraw(_AboutPerson, key="membership.withdraw.v1"):
    """Leave the line, or the room; by the person."""

    reason: LongText | None = None


class AcceptOffer(_AboutPerson, key="membership.accept-offer.v1"):
    """Take the seat that is offered; by the person."""


class DeclineOffer(_AboutPerson, key="membership.decline-offer.v1"):
    """Leave the seat that is offered; by the person."""


class LapseOffer(OwnCommand, key="membership.lapse-offer.v1"):
    """The time of an offer is over; said by membership to itself."""

    room_id: Id
    person_id: Id
    membership_id: Id


class LapseRequest(OwnCommand, key="membership.lapse-request.v1"):
    """The time to answer a request is over; said by membership to itself."""

    room_id: Id
    person_id: Id
    membership_id: Id


class FillSeats(OwnCommand, key="membership.fill-seats.v1"):
    """See whether a room's free seats can go to those who wait; said by membership to itself."""

    room_id: Id
