"""What is written once a batch, after all of its handlers."""

from practio_chassis.context import MessageContext
from practio_rooms.store.loaded import Loaded


async def conclude(context: MessageContext[Loaded]) -> None:
    """Write what was heard of people's ways, and the feedback that was taken."""
    await context.loaded.passages.write(context.session)
    await context.loaded.feedback.write(context.session)
    await context.loaded.people.write()
