"""The people who are erased, as far as a batch names them: erased means erased until an explicit restoration.

Whatever the source and the sequence of an event, and however late it comes, an erasure counts. Only
``people.person-restored.v1`` ends it, if it was published after the erasure: one that waited in a retry tier, or that
an operator put back from the dead letters, does not undo a later erasure.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from practio_contracts.answers import Refusal
from practio_contracts.message import Command, InternalCommand, Message

PERSON_ERASED = Refusal(
    code="person-erased",
    detail="this person was erased: register them under a new id, or have the erasure ended if it was a mistake",
)


@dataclass(slots=True)
class Erasures:
    """The erased people whom a batch names, and the changes that it makes.

    ``known`` has the instant of each erasure; None for one of a release that did not record it.
    """

    known: dict[UUID, datetime | None] = field(default_factory=dict)
    erased: dict[UUID, datetime] = field(default_factory=dict)
    restored: set[UUID] = field(default_factory=set)

    def __contains__(self, person_id: object) -> bool:
        """Return whether a person whom the batch names is erased."""
        return person_id in self.known

    def erase(self, person_id: UUID, *, published_at: datetime, now: datetime) -> None:
        """Erase a person; a publisher's clock that runs ahead does not put off a restoration."""
        at = min(published_at, now)
        self.known[person_id] = self.erased[person_id] = max(at, self.known.get(person_id) or at)
        self.restored.discard(person_id)

    def restore(self, person_id: UUID, *, published_at: datetime) -> None:
        """End an erasure that was published before; the person may be registered again."""
        if person_id not in self.known:
            return
        erased_at = self.known[person_id]
        if erased_at is None or published_at > erased_at:
            del self.known[person_id]
            self.erased.pop(person_id, None)
            self.restored.add(person_id)

    def refusal_of(self, message: Message, *, by: object) -> Refusal | None:
        """Return the refusal of a command by or about an erased person; what a service sends itself goes on."""
        if not isinstance(message, Command) or isinstance(message, InternalCommand):
            return None
        concerned = (by, person_of(message))
        return PERSON_ERASED if any(each in self.known for each in concerned) else None


def person_of(message: Message) -> UUID | None:
    """Return the one person whom a message is about; None if it is about nobody, or about many."""
    person_id: UUID | None = getattr(getattr(message, "membership", message), "person_id", None)
    return person_id


def people_of(message: Message, *, by: object) -> set[UUID]:
    """Return the people by and about whom a message is."""
    return {each for each in (by, person_of(message)) if isinstance(each, UUID)}
