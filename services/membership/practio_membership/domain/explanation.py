"""Why a person has, or has not, a seat now: the rule that decides first comes first."""

from collections.abc import Mapping

from practio_contracts.membership import Explanation, Reason, Status
from practio_contracts.rooms import Policy
from practio_membership.domain.available_commands import request_refusal
from practio_membership.domain.decision_context import DecisionContext
from practio_membership.domain.membership_state import MembershipState
from practio_membership.domain.room import (
    RoleSeats,
    RoomState,
    capacity_of,
    has_role,
    in_order_of_preference,
    open_places,
)


def explain(
    context: DecisionContext, newcomer: MembershipState, *, movable: Mapping[str, int] | None = None
) -> Explanation:
    """Return the reasons for the person's state; ``newcomer`` is the person as if they requested now, for any role.

    ``movable`` is how many people have each of the ``roles_to_free`` and would take a seat that is free instead.
    """
    member = context.member
    has_seat = member is not None and member.status is Status.JOINED
    reasons = _reasons(context, member, newcomer, movable or {})
    return Explanation(has_seat=has_seat, status=member.status if member else None, reasons=reasons)


def roles_to_free(context: DecisionContext) -> list[str]:
    """Return the full roles for which a person waits while other roles have free seats; a change of role frees one."""
    member, places = context.member, open_places(context.state)
    if member is None or not member.is_waiting_in_order or not context.state.serves_its_waitlist or None in places:
        return []
    if not places or in_order_of_preference(places, member.preferred_roles):
        return []
    return [name for name in member.preferred_roles if has_role(context.state.room, name)]


def _reasons(
    context: DecisionContext, member: MembershipState | None, newcomer: MembershipState, movable: Mapping[str, int]
) -> list[Reason]:
    if context.person_id in context.state.room.office_ids:
        text = "The host, facilitators and stewards hold an office in the room and do not need a seat."
        return [Reason(code="holds-office", text=text)]
    if member is None or member.status is None:
        never = Reason(code="never-asked", text="This person has not requested to join and has not been invited.")
        return [never, _asking(context, newcomer)]
    if member.is_live and not context.state.has_not_ended:
        return [_room_over(context.state)]
    match member.status:
        case Status.JOINED:
            return [_in_the_room(member)]
        case Status.OFFERED:
            return [_offered(member)]
        case Status.WAITLISTED:
            return _waiting(context, member, movable)
        case Status.REQUESTED:
            return [_unanswered(context, member), *_no_seat(context.state, member)]
        case Status.INVITED:
            return [_invited(member), *([] if member.over_capacity else _no_seat(context.state, member))]
        case _:
            return [_over(member), _asking(context, newcomer)]


def _in_the_room(member: MembershipState) -> Reason:
    snapshot = member.snapshot
    how = "has a place that was given over capacity" if member.over_capacity else "has a seat"
    role = f" as {snapshot.role}" if snapshot.role else ""
    return Reason(
        code="has-seat", text=f"The person {how}{role}.", at=snapshot.since, by=snapshot.by, role=snapshot.role
    )


def _offered(member: MembershipState) -> Reason:
    snapshot = member.snapshot
    text = "A seat is held for the person, who has not answered the offer yet."
    return Reason(
        code="offer-stands", text=text, at=snapshot.since, until=snapshot.offer_expires_at, role=snapshot.role
    )


def _invited(member: MembershipState) -> Reason:
    snapshot = member.snapshot
    text = "The person is invited and has not answered yet; an invitation does not hold a seat."
    if member.over_capacity:
        text = "The person is invited to a place over capacity and has not answered yet."
    return Reason(
        code="invitation-stands", text=text, at=snapshot.since, until=snapshot.invitation_expires_at, by=snapshot.by
    )


def _unanswered(context: DecisionContext, member: MembershipState) -> Reason:
    text = "The host, facilitators and stewards have not decided on the request yet; a request does not hold a seat."
    return Reason(code="not-decided", text=text, at=member.snapshot.since, until=member.request_expires_at)


def _waiting(context: DecisionContext, member: MembershipState, movable: Mapping[str, int]) -> list[Reason]:
    """Return what keeps a person on the waitlist: what excludes them from being served, the seats, the people ahead."""
    ahead = _people_ahead(context, member)
    if member.set_aside:
        text = "The host revoked an offer to this person: the next offer will come from the host, not automatically."
        return [Reason(code="set-aside", text=text), *_no_seat(context.state, member), ahead]
    if not context.state.room.access.waitlist.enabled:
        text = "The waitlist is switched off: nobody who waits gets a seat until the host switches it on."
        return [Reason(code="waitlist-off", text=text), *_no_seat(context.state, member), ahead]
    could_free = [_role_could_be_freed(name, movable[name]) for name in roles_to_free(context) if movable.get(name)]
    return [*(_no_seat(context.state, member) or [_next_turn()]), *could_free, ahead]


def _role_could_be_freed(name: str, people: int) -> Reason:
    who = "One person" if people == 1 else f"{people} people"
    text = (
        f"{who} in the room as {name} would take another role that has a free seat. Nobody's role changes by itself: "
        "if the host or a facilitator changes it, the seat goes to the first person on the waitlist who would take it."
    )
    return Reason(code="role-could-be-freed", text=text, role=name)


def _next_turn() -> Reason:
    return Reason(code="seat-freeing", text="Free seats are being given to the waitlist right now, in order.")


def _people_ahead(context: DecisionContext, member: MembershipState) -> Reason:
    people = {0: "Nobody is", 1: "One person is"}.get(context.ahead, f"{context.ahead} people are")
    text = f"{people} ahead of this person on the waitlist."
    return Reason(code="place-in-line", text=text, ahead=context.ahead, priority=member.priority)


def _no_seat(state: RoomState, member: MembershipState) -> list[Reason]:
    """Return which seats are missing; nothing if the person would take a free one."""
    capacity, taken, held = capacity_of(state.room), state.taken, state.held
    if taken + held >= capacity:
        held_back = f" and {held} held for offers" if held else ""
        text = f"All {capacity} seats are in use: {taken} taken{held_back}."
        return [Reason(code="room-full", text=text, capacity=capacity, seats_taken=taken, seats_held=held)]
    if in_order_of_preference(open_places(state), member.preferred_roles):
        return []
    names = member.preferred_roles or [role.name for role in state.room.roles]
    return [*(_role_full(state, name) for name in names), *([] if state.free else [_without_role(state)])]


def _without_role(state: RoomState) -> Reason:
    """Return that the room has seats which no role has: every role is full, and the room is not."""
    capacity, seats = capacity_of(state.room), sum(role.seats or 0 for role in state.room.roles)
    text = (
        f"The room states {capacity} seats and its roles only {seats}: "
        "nobody can take the others until the host gives a role more seats."
    )
    return Reason(
        code="seats-without-role", text=text, capacity=capacity, seats_taken=state.taken, seats_held=state.held
    )


def _role_full(state: RoomState, name: str) -> Reason:
    seats = next((role.seats for role in state.room.roles if role.name == name), 0)
    used = state.by_role.get(name, RoleSeats())
    text = f"No seat is free as {name}." if seats else f"The room no longer has the role {name}."
    return Reason(code="role-full", text=text, role=name, capacity=seats, seats_taken=used.taken, seats_held=used.held)


def _over(member: MembershipState) -> Reason:
    snapshot = member.snapshot
    texts = {
        Status.DECLINED: "The request was declined.",
        Status.WITHDRAWN: "The person left, or declined an offer or an invitation.",
        Status.LAPSED: "An offer, a request or an invitation lapsed without an answer, or was withdrawn.",
        Status.REMOVED: "The host removed the person from the room.",
        Status.ENDED: "The room was cancelled or archived.",
    }
    status = snapshot.status
    return Reason(code=status.value, text=texts[status], at=snapshot.since, by=snapshot.by)


def _room_over(state: RoomState) -> Reason:
    return Reason(code="room-not-open", text=f"The room is {state.room.status}: nobody can join it.")


def _asking(context: DecisionContext, newcomer: MembershipState) -> Reason:
    """Return what would happen to a request now."""
    if refusal := request_refusal(context, newcomer):
        detail = f"{refusal.detail[0].upper()}{refusal.detail[1:]}."
        return Reason(code=refusal.code, text=f"A request would be refused now. {detail}", until=refusal.retry_after)
    if context.state.room.access.policy is Policy.APPROVAL:
        return Reason(
            code="may-ask", text="The person may request to join; the host, a facilitator or a steward decides."
        )
    return Reason(code="may-ask", text="The person may request to join.")
