"""Replay: publishes again what others may have missed, such as after a restore; for the system alone."""

from practio_chassis.context import Done, MessageContext, ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import (
    KnownMembership,
    Membership,
    MembershipReplayed,
    MembershipsReplayed,
    RefusalCode,
    ReplayMemberships,
    Status,
)
from practio_membership.domain.room import occupancy
from practio_membership.store import Loaded
from practio_membership.store.replay import memberships_of_ids, rooms_of_ids

NOT_THE_SYSTEM = Refusal(code=RefusalCode.NOT_ALLOWED, detail="only the system may replay memberships")
NOT_THERE = "This membership is not there: it was made after the backup that was restored."


async def replay_memberships(
    command: ReceivedMessage[ReplayMemberships], context: MessageContext[Loaded]
) -> Done | Refusal:
    """Publish occupancies and memberships again, under their present sequence.

    Consumers that know them see nothing new.
    """
    if not command.as_system:
        return NOT_THE_SYSTEM
    await context.loaded.write()
    rooms = await rooms_of_ids(context.session, command.message.room_ids)
    for state in rooms:
        context.publish(occupancy(state), subject=state.room.room_id, sequence=state.occupancy_sequence)
    wanted = {each.membership_id: each for each in command.message.memberships}
    found = {each.membership_id: each for each in await memberships_of_ids(context.session, wanted)}
    for membership_id, known in wanted.items():
        published = found.get(membership_id) or _not_there(known, context)
        context.publish(MembershipReplayed(membership=published), subject=membership_id, sequence=published.version)
    gone = [each for each in wanted if each not in found]
    return Done(MembershipsReplayed(rooms=len(rooms), memberships=len(found), gone=gone), changed=False)


def _not_there(known: KnownMembership, context: MessageContext[Loaded]) -> Membership:
    return Membership(
        membership_id=known.membership_id,
        room_id=known.room_id,
        person_id=known.person_id,
        status=Status.WITHDRAWN,
        since=context.now,
        reason=NOT_THERE,
        by=SYSTEM,
        version=0,
    )
