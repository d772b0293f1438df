"""Refusals: each code with a sentence for people and their next step."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from practio_contracts.answers import FieldError, NextStep, Refusal
from practio_contracts.membership import RefusalCode, Status
from practio_contracts.rooms import Room, RoomStatus
from practio_membership.domain.membership_state import MembershipState

NOT_THE_PERSON = Refusal(
    code=RefusalCode.NOT_ALLOWED, detail="only the person concerned may do this: ask them to do it themselves"
)
NO_OFFICE = Refusal(
    code=RefusalCode.NOT_ALLOWED,
    detail="only the room's host, facilitators and stewards may do this: ask one of them",
    next_step=NextStep.ASK_HOST,
)
NOT_THE_HOST = Refusal(
    code=RefusalCode.NOT_ALLOWED, detail="only the room's host may do this: ask them", next_step=NextStep.ASK_HOST
)
NOT_LEADING = Refusal(
    code=RefusalCode.NOT_ALLOWED,
    detail="only the room's host and facilitators may do this: ask one of them",
    next_step=NextStep.ASK_HOST,
)
BARRED = Refusal(
    code=RefusalCode.BARRED,
    detail="the host removed this person and barred them from requesting again: only the host can lift the bar",
    next_step=NextStep.ASK_HOST,
)
NOBODY_BARRED = Refusal(
    code=RefusalCode.BARRED, detail="this person was removed and barred: lift the bar first, then invite them"
)
INVITATION_REQUIRED = Refusal(
    code=RefusalCode.INVITATION_REQUIRED,
    detail="this room is by invitation only: ask its host for an invitation",
    next_step=NextStep.ASK_FOR_INVITATION,
)
HOLDS_OFFICE = Refusal(
    code=RefusalCode.HOLDS_OFFICE,
    detail="hosts, facilitators and stewards do not need a seat: there is nothing to do",
)
HOST_STAYS = Refusal(
    code=RefusalCode.HOST_STAYS,
    detail="the host cannot leave the room: hand it over first, or close or cancel it",
)
NOT_A_MEMBER = Refusal(
    code=RefusalCode.NOT_A_MEMBER,
    detail="the person is not in the room or on its waitlist: there is nothing to leave",
)
NOT_IN_THE_ROOM = Refusal(
    code=RefusalCode.NOT_A_MEMBER,
    detail="the person has no seat in the room: decline their request or revoke their offer instead",
)
NOT_IN_THAT_ROOM = Refusal(
    code=RefusalCode.NOT_A_MEMBER,
    detail="the person is neither in the other room nor on its waitlist (any more): invite them with membership.invite",
)
SAME_ROOM = Refusal(
    code=RefusalCode.INVALID,
    detail="people are invited from another room: name that room",
    errors=(FieldError(field="from_room_id", message="this is the room itself"),),
)
BUDDY_NOT_IN_THE_ROOM = Refusal(
    code=RefusalCode.NOT_A_MEMBER,
    detail="the buddy has no seat in the room: choose somebody who has joined it",
    errors=(FieldError(field="buddy_id", message="this person has no seat in the room"),),
)
OWN_BUDDY = Refusal(
    code=RefusalCode.INVALID,
    detail="nobody is their own buddy: choose somebody else",
    errors=(FieldError(field="buddy_id", message="this is the person themselves"),),
)
NOBODY_REMOVED = Refusal(
    code=RefusalCode.NOT_A_MEMBER, detail="the person was not removed from the room: there is no bar to lift"
)
NOT_WAITING = Refusal(
    code=RefusalCode.NOT_WAITING,
    detail="the person is not on the waitlist: approve the request first, or invite the person",
)
NO_SEAT_TO_OFFER = Refusal(
    code=RefusalCode.SEAT_TAKEN,
    detail="no seat is free in a role that this person would take: wait for one, or offer a place over capacity",
    next_step=NextStep.WAIT,
)
INVITATION_UNKNOWN = Refusal(
    code=RefusalCode.INVITATION_UNKNOWN,
    detail="this person has no open invitation: ask the host for a new one",
    next_step=NextStep.ASK_FOR_INVITATION,
)
INVITATION_IN_THE_PAST = Refusal(
    code=RefusalCode.INVALID,
    detail="an invitation cannot expire in the past: choose a later time",
    errors=(FieldError(field="expires_at", message="this instant has passed"),),
)
NOTHING_PENDING = Refusal(
    code=RefusalCode.NOTHING_PENDING,
    detail="this person has no pending request, so there is nothing to decide: check whether they have withdrawn it",
)
NO_OFFER = Refusal(
    code=RefusalCode.NO_OFFER,
    detail="no seat is offered to this person now: people on the waitlist get an email when one is",
    next_step=NextStep.WAIT,
)
WAITLIST_CLOSED = Refusal(
    code=RefusalCode.WAITLIST_CLOSED,
    detail="the room is full and has no waitlist: try again later, or ask the host",
    next_step=NextStep.ASK_HOST,
)
SEAT_TAKEN = Refusal(
    code=RefusalCode.SEAT_TAKEN,
    detail="no seat is free and the room has no waitlist: raise the capacity, switch the waitlist on, or decline",
)


def room_not_open(room: Room) -> Refusal:
    """Return the refusal of a command that the room's status does not allow."""
    if room.status is RoomStatus.CLOSED:
        detail = "the room is closed and does not accept new requests: ask its host whether it will open again"
        return Refusal(code=RefusalCode.ROOM_NOT_OPEN, detail=detail, next_step=NextStep.ASK_HOST)
    detail = f"the room is {room.status}, so nobody can join it: look for another room"
    return Refusal(code=RefusalCode.ROOM_NOT_OPEN, detail=detail)


def reapply_later(again_at: datetime | None) -> Refusal:
    """Return the refusal of a person who was declined, until ``again_at`` (UTC), or for good if None."""
    if again_at is None:
        detail = (
            "the request was declined and this room does not accept a second one: if things have changed, ask the host"
        )
        return Refusal(code=RefusalCode.REAPPLY_LATER, detail=detail, next_step=NextStep.ASK_HOST)
    return Refusal(
        code=RefusalCode.REAPPLY_LATER,
        detail=f"the last request was declined: request again from {_in_words(again_at)}",
        next_step=NextStep.RETRY_AFTER,
        retry_after=again_at,
    )


def answers_missing(keys: Iterable[str]) -> Refusal:
    """Refuse a request that leaves required questions open."""
    return Refusal(
        code=RefusalCode.ANSWERS_MISSING,
        detail="required questions are not answered: answer those under errors and request again",
        next_step=NextStep.COMPLETE_ANSWERS,
        errors=tuple(FieldError(field=f"answers.{key}", message="this question must be answered") for key in keys),
    )


def unknown_question(keys: Iterable[str]) -> Refusal:
    """Return the refusal of answers to questions that the room does not ask."""
    return Refusal(
        code=RefusalCode.UNKNOWN_QUESTION,
        detail="some answers belong to questions that the room does not ask: leave out those under errors",
        next_step=NextStep.COMPLETE_ANSWERS,
        errors=tuple(FieldError(field=f"answers.{key}", message="the room does not ask this question") for key in keys),
    )


def guidelines_not_accepted(version: int) -> Refusal:
    """Return the refusal of a person who has not accepted the current guidelines."""
    return Refusal(
        code=RefusalCode.GUIDELINES_NOT_ACCEPTED,
        detail=f"the current guidelines are not accepted: read version {version} and accept it",
        next_step=NextStep.ACCEPT_GUIDELINES,
    )


def role_unknown(names: Iterable[str], room: Room, *, field: str = "roles") -> Refusal:
    """Refuse a command for roles that the room does not have."""
    return _roles_unknown(((field, name) for name in names), room)


def roles_unknown(names: Mapping[str, str], room: Room) -> Refusal:
    """Refuse a command for roles that the room does not have; ``names`` are by field."""
    return _roles_unknown(names.items(), room)


def _roles_unknown(names: Iterable[tuple[str, str]], room: Room) -> Refusal:
    roles = ", ".join(role.name for role in room.roles) or "none"
    return Refusal(
        code=RefusalCode.ROLE_UNKNOWN,
        detail=f"the room does not have this role; roles of the room: {roles}",
        errors=tuple(FieldError(field=field, message=f"the room has no role {name}") for field, name in names),
    )


def role_full(preferred_roles: Iterable[str]) -> Refusal:
    """Return the refusal if all preferred roles are full, in a room without a waitlist."""
    return Refusal(
        code=RefusalCode.ROLE_FULL,
        detail=f"no seat is free for {', '.join(preferred_roles)} and the room has no waitlist: choose another role",
        next_step=NextStep.ASK_HOST,
    )


def role_taken(name: str) -> Refusal:
    """Return the refusal of a role that has no seat left."""
    return Refusal(
        code=RefusalCode.ROLE_FULL,
        detail=f"the role {name} has no free seat: give it more seats, or choose another role",
        next_step=NextStep.WAIT,
    )


def roles_taken(full: Collection[str], assigned: Sequence[str]) -> Refusal:
    """Return the refusal of an exchange after which more people would have the ``full`` roles than these have seats."""
    return Refusal(
        code=RefusalCode.ROLE_FULL,
        detail="too many people would have the same role, or somebody on the waitlist is next: "
        "assign as many people to a full role as leave it, or give it more seats",
        next_step=NextStep.WAIT,
        errors=tuple(
            FieldError(field=f"assignments.{index}.role", message=f"the role {name} has too few free seats")
            for index, name in enumerate(assigned)
            if name in full
        ),
    )


def not_in_the_room(fields: Iterable[str]) -> Refusal:
    """Return the refusal of a command about several people, of whom some have no seat in the room."""
    return Refusal(
        code=RefusalCode.NOT_A_MEMBER,
        detail="not all of these people have a seat in the room: leave out those under errors",
        errors=tuple(FieldError(field=field, message="this person has no seat in the room") for field in fields),
    )


def waitlist_full(limit: int | None) -> Refusal:
    """Refuse one more person on a waitlist that is as long as it may be."""
    return Refusal(
        code=RefusalCode.WAITLIST_FULL,
        detail=f"the room is full and its waitlist of {limit} people is full too: try again when someone has left it",
        next_step=NextStep.WAIT,
    )


def already_decided(member: MembershipState) -> Refusal:
    """Refuse a second decision, naming the first."""
    decided = "declined" if member.status is Status.DECLINED else "approved"
    when = member.decided_at or member.snapshot.since
    return Refusal(
        code=RefusalCode.ALREADY_DECIDED,
        detail=f"the request was {decided} by {member.decided_by} at {_in_words(when)}: nothing is left to do",
    )


def offer_expired(ended_at: datetime) -> Refusal:
    """Refuse an answer to an offer that is over."""
    return Refusal(
        code=RefusalCode.OFFER_EXPIRED,
        detail=f"the offer ended at {_in_words(ended_at)}: request to join again if you are no longer on the waitlist",
        next_step=NextStep.JOIN_WAITLIST,
    )


def _in_words(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"
