"""The commands of membership: from people, from hosts, and internal ones."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from practio_contracts.fields import Bool, Flag, Id, Instant, Int, Key, LongText, ShortText, Text
from practio_contracts.message import Command, CommandPart, InternalCommand


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


class _Asking(_AboutPerson):
    roles: Annotated[list[ShortText], Field(max_length=50)] | None = None
    answers: Answers | None = None
    message: LongText | None = None
    accepted_guidelines: Int | None = None


class RequestToJoin(_Asking, key="membership.request-to-join.v1"):
    """Request a seat.

    ``roles`` are in order of preference, ``accepted_guidelines`` is the version that the person read.
    """


class ApproveRequest(_AboutPerson, key="membership.approve-request.v1"):
    """Approve a person's request; by host, facilitator or steward."""

    note: LongText | None = None


class DeclineRequest(_AboutPerson, key="membership.decline-request.v1"):
    """Decline a person's request; by host, facilitator or steward."""

    reason: LongText | None = None


class Decided(CommandPart):
    """The decision about one person's request."""

    person_id: Id
    approve: Bool
    reason: LongText | None = None


class DecideRequests(Command, key="membership.decide-requests.v1"):
    """Decide on many requests, each on its own; by host, facilitator or steward."""

    room_id: Id
    decisions: Annotated[list[Decided], Field(min_length=1, max_length=500)]


class Withdraw(_AboutPerson, key="membership.withdraw.v1"):
    """Leave the waitlist, or the room; by the person."""

    reason: LongText | None = None


class AcceptOffer(_AboutPerson, key="membership.accept-offer.v1"):
    """Take the seat that is offered; by the person."""


class DeclineOffer(_AboutPerson, key="membership.decline-offer.v1"):
    """Leave the seat that is offered; by the person."""


class OfferSeat(_AboutPerson, key="membership.offer-seat.v1"):
    """Offer a seat to a waiting person, out of order; if none is free, only with ``over_capacity``; by the host."""

    over_capacity: Flag = False


class RevokeOffer(_AboutPerson, key="membership.revoke-offer.v1"):
    """Take an offer back; by the host."""


class Prioritise(_AboutPerson, key="membership.prioritise.v1"):
    """Set a person's priority on the waitlist: the higher priority comes first; by the host."""

    priority: Annotated[Int, Field(ge=-100, le=100)]


class Invite(_AboutPerson, key="membership.invite.v1"):
    """Invite a person, to a ``role`` if named; with ``over_capacity`` they have a place even in a full room.

    Without ``expires_at`` an invitation stands as long as a request: the room's ``request_expires_after_days``.
    """

    role: ShortText | None = None
    over_capacity: Flag = False
    message: LongText | None = None
    expires_at: Instant | None = None


def _each_once(ids: list[Id]) -> list[Id]:
    return list(dict.fromkeys(ids))


class InviteFrom(Command, key="membership.invite-from.v1"):
    """Invite people of another room, each on their own; by somebody with an office in both rooms.

    They are invited in the order of the other room's waitlist, and keep their place there until they have a seat here.
    """

    room_id: Id
    from_room_id: Id
    person_ids: Annotated[list[Id], Field(min_length=1, max_length=500), AfterValidator(_each_once)]
    message: LongText | None = None


class RevokeInvitation(_AboutPerson, key="membership.revoke-invitation.v1"):
    """Take an invitation back; by host, facilitator or steward."""


class AcceptInvitation(_Asking, key="membership.accept-invitation.v1"):
    """Come by an invitation, with all that a request would need; by the person."""


class DeclineInvitation(_Asking, key="membership.decline-invitation.v1"):
    """Decline an invitation; ``message`` is the reason, the other fields mean nothing here; by the person."""


class Remove(_AboutPerson, key="membership.remove.v1"):
    """Take a person out of the room; with ``bar`` they may not ask again; by the host."""

    reason: Annotated[LongText, StringConstraints(min_length=1)]
    bar: Flag = False


class LiftBar(_AboutPerson, key="membership.lift-bar.v1"):
    """Let a person who was removed and barred request again; by the host."""


class ChangeRole(_AboutPerson, key="membership.change-role.v1"):
    """Change the role of a person in the room; by host or facilitator."""

    role: ShortText


class AssignBuddy(_AboutPerson, key="membership.assign-buddy.v1"):
    """Assign a person in the room a buddy, or with null take it back; both have joined; by an office."""

    buddy_id: Id | None


class RoleAssignment(CommandPart):
    """The role that a person in the room takes."""

    person_id: Id
    role: ShortText


def _each_person_once(assignments: list[RoleAssignment]) -> list[RoleAssignment]:
    if len({each.person_id for each in assignments}) < len(assignments):
        raise ValueError("each person is assigned one role")
    return assignments


class ExchangeRoles(Command, key="membership.exchange-roles.v1"):
    """Change the roles of several people in the room in one move, all or none; by host or facilitator.

    Only the roles afterwards need seats, so people can exchange roles that are full, or rotate them. The answer's
    ``state`` has their ``memberships``, in the order of ``assignments``.
    """

    room_id: Id
    assignments: Annotated[list[RoleAssignment], Field(min_length=2, max_length=100), AfterValidator(_each_person_once)]


class _AboutMembership(InternalCommand):
    room_id: Id
    person_id: Id
    membership_id: Id


class LapseOffer(_AboutMembership, key="membership.lapse-offer.v1"):
    """The time of an offer is over; an internal command."""


class RemindOfRequest(_AboutMembership, key="membership.remind-of-request.v1"):
    """A request has waited for so many days; an internal command."""

    days: int


class LapseRequest(_AboutMembership, key="membership.lapse-request.v1"):
    """The time to decide a request is over; an internal command."""


class LapseInvitation(_AboutMembership, key="membership.lapse-invitation.v1"):
    """The time of an invitation is over; an internal command."""


class GiveUpPlace(InternalCommand, key="membership.give-up-place.v1"):
    """End a person's place on the waitlist: they have a seat in the room that they were invited to from here.

    ``seated_at`` is when they got it; a place that they asked for later stays. An internal command.
    """

    room_id: Id
    person_id: Id
    to_room_id: Id
    seated_at: Instant


class EndMemberships(InternalCommand, key="membership.end-memberships.v1"):
    """Continue to end the memberships of a room that has ended, a bounded number at a time; an internal command."""

    room_id: Id
    by: str
    reason: str | None = None


class FillSeats(InternalCommand, key="membership.fill-seats.v1"):
    """Fill a room's free seats from the waitlist, if possible; an internal command."""

    room_id: Id
