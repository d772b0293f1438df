"""What is written once a batch, after all of its handlers."""

from practio_chassis.context import MessageContext
from practio_rooms.store.loaded import Loaded


async def conclude(work: MessageContext[Loaded]) -> None:
    """Write what was heard of people's ways, and the feedback that was taken."""
    await work.loaded.passages.write(work.session)
    await work.loaded.feedback.write(work.session)
    await work.loaded.people.write()
