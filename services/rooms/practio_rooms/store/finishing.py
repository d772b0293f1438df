"""The writes at the end of a batch, after all of its handlers."""

from practio_chassis.context import MessageContext
from practio_rooms.store.loading import Loaded


async def finish_batch(context: MessageContext[Loaded]) -> None:
    """Write what the batch collected: what it ended, people, occupancies, timelines, feedback, rooms to look after."""
    await context.loaded.notes.delete_discarded()
    await context.loaded.ended_answers.write(context.session)
    await context.loaded.people.write(context.session)
    await context.loaded.occupancies.write(context.session)
    await context.loaded.timelines.write(context.session)
    await context.loaded.feedback.write(context.session)
    await context.loaded.care.write(context.session, context.now)
