"""One letter of the gallery: everything needed to render it for readers of every language."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from practio_contracts.membership import BuddyAssigned, OccupancyChanged, Status
from practio_contracts.rooms import Coming, Room, RoomQuiet, Session, SessionEvent, Sign, SponsorReported
from practio_notifications.gallery.community import (
    BRUNO,
    HOST_PERSON,
    MEMBER,
    PAGES,
    READER,
    a_membership,
    a_room,
    a_situation,
    an_address,
    an_occupancy,
)
from practio_notifications.letters.dates import AnnouncedSession
from practio_notifications.letters.kinds import INTRODUCE, KIND, LINK, SPONSOR_REPORT, LetterKind
from practio_notifications.letters.quiet_rooms import Quiet
from practio_notifications.letters.recipients import BareEvent, Cause
from practio_notifications.letters.relevance import Contact, Erased, Situation
from practio_notifications.letters.session_plans import PlanOfDate
from practio_notifications.letters.sponsors import KnownSponsor
from practio_notifications.rendering.links import PageLinks
from practio_notifications.rendering.text import Rendered, draft, render_digest, render_link, rendered


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A sample letter: its kind, the variant that it shows, and its causes.

    ``added`` are dates that their series was given later. ``has_pages``: it links to pages, as letters do if there are
    any; a letter with a link has no causes. ``reader_id`` is its reader's, by which it leads to a desk or not.
    """

    kind: LetterKind
    variant: str = ""
    causes: tuple[tuple[LetterKind, Cause, Situation], ...] = ()
    sessions: tuple[Session, ...] = ()
    added: tuple[Session, ...] = ()
    room: Room | None = None
    has_pages: bool = True
    reader_id: UUID = MEMBER

    @property
    def name(self) -> str:
        """Return the name of its files."""
        return f"{self.kind.name}.{self.variant.replace(' ', '-')}" if self.variant else self.kind.name

    def written(self, locale: str) -> Rendered:
        """Write it for a reader of this language (BCP 47)."""
        reader = replace(READER, locale=locale)
        pages = PageLinks(self.reader_id, reader, an_address, PAGES) if self.has_pages else None
        if self.kind in (LINK, INTRODUCE):
            assert pages is not None
            return render_link(self.kind, reader, self.room, pages)
        causes = [(kind, event, replace(situation, reader=reader)) for kind, event, situation in self.causes]
        if self.kind.is_digest:
            return render_digest(self.kind, causes, pages)
        [(kind, event, situation)] = causes
        return rendered(draft(kind, event, reader, situation, self.sessions, pages, added=self.added))


def of_membership(
    name: str,
    status: Status,
    variant: str = "",
    *,
    room: Room | None = None,
    member: Contact = BRUNO,
    occupancy: OccupancyChanged | None = None,
    membership: dict[str, Any] | None = None,
    dates: tuple[Session, ...] = (),
    has_pages: bool = True,
    **fields: Any,
) -> Sample:
    """Return a letter about a person's membership; ``fields`` are the event's besides its membership."""
    kind = KIND[name]
    event = kind.event.model_validate({"membership": a_membership(status, **(membership or {})), **fields})
    situation = a_situation(room, member=member, occupancy=occupancy or an_occupancy(6))
    causes = ((kind, event, situation),)
    return Sample(kind=kind, variant=variant, causes=causes, sessions=dates, has_pages=has_pages)


def of_room(
    name: str,
    variant: str = "",
    *,
    room: Room | None = None,
    dates: tuple[Session, ...] = (),
    added: tuple[Session, ...] = (),
    has_pages: bool = True,
    reader_id: UUID = MEMBER,
    waiting: bool = False,
    answer: Coming | None = None,
    plan: PlanOfDate | None = None,
    **fields: Any,
) -> Sample:
    """Return a letter about a room, its offices or its sessions; ``fields`` are the event's besides its room.

    A reader who is ``MEMBER`` has a seat, or is ``waiting`` for one. ``dates`` of one about a session that is over are
    those that follow.
    """
    kind, room = KIND[name], room or a_room()
    session = {"session": dates[0]} if issubclass(kind.event, SessionEvent) else {}
    about = {"room_id": room.room_id} if issubclass(kind.event, BareEvent) else {"room": room}
    event = kind.event.model_validate({**about, **session, **fields})
    situation = a_situation(
        room,
        seated=reader_id == MEMBER and not waiting,
        waiting=waiting,
        leads=reader_id in room.leading_ids,
        answer=answer,
        plan=plan,
        helps=isinstance(event, BuddyAssigned) and event.buddy_id == reader_id,
        member=HOST_PERSON if kind.name in ("announced", "thanked") else BRUNO,
        sessions=tuple(AnnouncedSession(each, each.session_id) for each in dates),
    )
    if isinstance(event, RoomQuiet):
        host = Erased() if Sign.NO_HOST in event.signs else situation.host
        situation = replace(situation, quiet=Quiet(tuple(event.signs), event.since), host=host)
    causes = ((kind, event, situation),)
    return Sample(
        kind=kind,
        variant=variant,
        causes=causes,
        sessions=dates,
        added=added,
        has_pages=has_pages,
        reader_id=reader_id,
    )


def of_sponsor(variant: str = "", *, has_pages: bool = True, **numbers: Any) -> Sample:
    """Return the letter to a sponsor's delegate, with the numbers of a month."""
    stated = {"rooms": 12, "sessions_held": 17, "notes": 23, "feedback": {}, **numbers}
    event = SponsorReported.model_validate({"sponsor_id": SPONSOR, "month": "2026-03", "numbers": stated})
    situation = replace(a_situation(None), room=None, sponsor=KnownSponsor("Schools of Lucca & Pisa", (MEMBER,)))
    causes = ((SPONSOR_REPORT, event, situation),)
    return Sample(kind=SPONSOR_REPORT, variant=variant, causes=causes, has_pages=has_pages)


SPONSOR = UUID(int=97)


def digest(name: str, *gathered: Sample, variant: str = "", reader_id: UUID = MEMBER, has_pages: bool = True) -> Sample:
    """Return a digest of other letters."""
    causes = tuple(causes for each in gathered for causes in each.causes)
    return Sample(kind=KIND[name], variant=variant, causes=causes, reader_id=reader_id, has_pages=has_pages)
