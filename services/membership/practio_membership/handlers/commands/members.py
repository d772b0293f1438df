"""Commands about people in the room, or on the way into it: leaving, removals, bars, roles."""

from uuid import UUID

from practio_chassis.context import Done, MessageContext, ReceivedMessage
from practio_contracts.answers import Refusal, room_unknown
from practio_contracts.membership import AssignBuddy, Buddy, ChangeRole, ExchangedRoles, ExchangeRoles
from practio_membership.domain import buddies, leaving, removals, roles
from practio_membership.domain.membership_state import MembershipState
from practio_membership.handlers.steps import (
    apply,
    apply_decision,
    find,
    find_room,
    handler_of,
    publish_buddy,
    with_contested,
)
from practio_membership.store import Loaded

withdraw = handler_of(leaving.withdraw)
remove = handler_of(removals.remove)
lift_bar = handler_of(removals.lift_bar)


async def change_role(command: ReceivedMessage[ChangeRole], context: MessageContext[Loaded]) -> Done | Refusal:
    """Change the role of a person in the room."""
    found = await find(command, context)
    if found is None:
        return room_unknown(context.now)
    found = await with_contested(found, context)
    return await apply_decision(found, roles.change_role(found, command.message), found.member, command, context)


async def assign_buddy(command: ReceivedMessage[AssignBuddy], context: MessageContext[Loaded]) -> Done | Refusal:
    """Assign a person in the room a buddy, or take it back."""
    asked = command.message
    if fault := buddies.fault_in(asked):
        return fault
    found = await find(command, context)
    if found is None:
        return room_unknown(context.now)
    buddy = context.loaded.member(asked.room_id, asked.buddy_id) if asked.buddy_id else None
    decision = buddies.assign_buddy(found, asked, buddy, await context.loaded.buddies(asked.room_id))
    if isinstance(decision, Refusal):
        return decision
    if decision:
        publish_buddy(decision, context)
    return Done(Buddy.model_validate(asked.model_dump()), changed=decision is not None)


async def exchange_roles(command: ReceivedMessage[ExchangeRoles], context: MessageContext[Loaded]) -> Done | Refusal:
    """Change the roles of several people in the room in one move."""
    room_id, assignments = command.message.room_id, command.message.assignments
    found = await find_room(room_id, command, context)
    if found is None:
        return room_unknown(context.now)

    def members() -> dict[UUID, MembershipState]:
        latest = {each.person_id: context.loaded.member(room_id, each.person_id) for each in assignments}
        return {person_id: member for person_id, member in latest.items() if member}

    changes = roles.exchange_roles(found, assignments, members())
    if isinstance(changes, Refusal):
        return changes
    if changes.transitions:
        await apply(changes, command, context)
    snapshots = {person_id: member.snapshot for person_id, member in members().items()}
    state = ExchangedRoles(memberships=[snapshots[each.person_id] for each in assignments])
    return Done(state, changed=bool(changes.transitions))
