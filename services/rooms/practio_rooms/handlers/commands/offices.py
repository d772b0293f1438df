"""Commands about a room's offices: appointing, dismissing, handing over."""

from practio_chassis.context import Done, MessageContext, ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.rooms import AcceptHandOver, Appoint, DeclineHandOver, Dismiss, HandOver
from practio_rooms.domain import hand_over as hand_overs
from practio_rooms.domain import offices
from practio_rooms.handlers.commands.room_decisions import handle_room_command
from practio_rooms.store import Loaded


async def appoint(command: ReceivedMessage[Appoint], context: MessageContext[Loaded]) -> Done | Refusal:
    """Appoint a person to an office."""
    return handle_room_command(command, context, offices.appoint)


async def dismiss(command: ReceivedMessage[Dismiss], context: MessageContext[Loaded]) -> Done | Refusal:
    """Dismiss a person from an office."""
    return handle_room_command(command, context, offices.dismiss)


async def hand_over(command: ReceivedMessage[HandOver], context: MessageContext[Loaded]) -> Done | Refusal:
    """Propose that a person become the host."""
    return handle_room_command(command, context, hand_overs.hand_over)


async def accept_hand_over(command: ReceivedMessage[AcceptHandOver], context: MessageContext[Loaded]) -> Done | Refusal:
    """Make the actor, who was proposed, the host."""
    return handle_room_command(command, context, hand_overs.accept_hand_over)


async def decline_hand_over(
    command: ReceivedMessage[DeclineHandOver], context: MessageContext[Loaded]
) -> Done | Refusal:
    """Leave the room with its host."""
    return handle_room_command(command, context, hand_overs.decline_hand_over)
