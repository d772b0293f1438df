"""The notes of a room as one person reads them: on its desk, or among the people in the room."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from uuid import UUID

from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from practio_chassis.i18n import Localizer
from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.rooms import GetRoom, ListNotes, NoteKind, NoteResult, NotesFound, Room, RoomResult, RoomStatus
from practio_pages.entered_fields import EnteredField
from practio_pages.pages.desk import desk_closed, desk_localizer, desk_of
from practio_pages.pages.sidebar import office_of
from practio_pages.rendering import render
from practio_pages.site import Site, link_of, localizer_of, site_of

_A_PAGE, _MOST_PAGES = 20, 20


@dataclass(frozen=True, slots=True)
class RoomNotes:
    """A room whose notes a person reads by a link; ``path`` leads to the first page of the notes."""

    link: Link
    room: Room
    path: str

    @property
    def office(self) -> str | None:
        """Return the office that the person holds in the room."""
        return office_of(self.room, self.link.person_id)

    @property
    def is_draft(self) -> bool:
        """Return whether the room is not published yet: nobody is in it, so nobody has a page of their own there."""
        return self.room.status is RoomStatus.DRAFT

    @property
    def root(self) -> str | None:
        """Return the path of the room's desk, if the notes were opened there."""
        return self.path.removesuffix("/notes") if self.link.purpose is Purpose.DESK else None


@dataclass(frozen=True, slots=True)
class NoteList:
    """A page of notes; ``is_glossary``: all terms, by title."""

    notes: Sequence[NoteResult]
    kind: NoteKind | None
    text: str
    after: str | None
    is_first: bool
    is_glossary: bool

    @property
    def parameters(self) -> dict[str, str]:
        """Return the parameters of its first page."""
        given = {"kind": self.kind.value if self.kind else "", "text": self.text}
        return {name: value for name, value in given.items() if value}


async def link_to_notes(request: Request, purpose: Purpose) -> tuple[Link, UUID]:
    """Return the link to a room's notes and the id of the room; raise LinkError."""
    link = await link_of(request, purpose)
    assert link.room_id is not None  # a signed link of these purposes names the room
    return link, link.room_id


async def room_notes_of(request: Request, link: Link) -> RoomNotes | Refusal:
    """Return the room whose notes are read; a refusal for a person who may not."""
    site = site_of(request)
    path = f"/{link.purpose}/{request.path_params['token']}"
    if link.purpose is Purpose.DESK:
        desk = await desk_of(site, link)
        return desk if isinstance(desk, Refusal) else RoomNotes(link, desk.room, f"{path}/notes")
    assert link.room_id is not None
    found = await site.gateway.ask(GetRoom(room_id=link.room_id), RoomResult, actor=link.person_id)
    return found if isinstance(found, Refusal) else RoomNotes(link, found.room, path)


def notes_localizer(request: Request, room_notes: RoomNotes) -> Localizer:
    """Return the localizer of pages of notes: times are those of the room on its desk, else in the reader's zone."""
    if room_notes.link.purpose is Purpose.DESK:
        return desk_localizer(request, room_notes.link, room_notes.room)
    return localizer_of(
        request, room_notes.link, language=room_notes.room.language, zone=room_notes.room.time_zone or "UTC"
    )


def notes_closed(request: Request, link: Link, refusal: Refusal, entered: Sequence[EnteredField] = ()) -> Response:
    """Return the page for a person who may not read the notes; ``entered`` is what they entered."""
    if link.purpose is Purpose.DESK or refusal.code != "not-allowed":
        return desk_closed(request, link, refusal, entered)
    way = site_of(request).path_from(link, Purpose.WAY)
    return render(request, "notes-closed", localizer_of(request, link), status=403, way=way, entered=entered)


async def note_list(site: Site, room_notes: RoomNotes, parameters: Mapping[str, str]) -> NoteList | Refusal:
    """Return the requested page of notes; raise HTTPException if there is none."""
    text = parameters.get("text", "").strip()[:200]
    fields = {
        "room_id": room_notes.room.room_id,
        "kind": parameters.get("kind") or None,
        "text": text or None,
        "limit": _A_PAGE,
        "after": parameters.get("after") or None,
    }
    try:
        query = ListNotes.model_validate(fields)
    except ValidationError as error:
        raise HTTPException(404) from error
    if query.kind is NoteKind.TERM and not text:
        return await _glossary(site, room_notes)
    found = await site.gateway.ask(query, NotesFound, actor=room_notes.link.person_id)
    if isinstance(found, Refusal):
        if query.after and found.code == "invalid":
            raise HTTPException(404)
        return found
    return NoteList(found.notes, query.kind, text, found.after, query.after is None, is_glossary=False)


async def note_of(site: Site, room_notes: RoomNotes, note_id: UUID, *, near: str | None) -> NoteResult | Refusal | None:
    """Return the note with this id, None if it is gone; ``near`` is the end of the page before it, if known."""
    for start in dict.fromkeys((near or None, None)):
        notes = await _all(site, room_notes, after=start)
        if isinstance(notes, Refusal) and start is None:
            return notes
        found = [] if isinstance(notes, Refusal) else [each for each in notes if each.note_id == note_id]
        if found:
            return found[0]
    return None


async def notes_of(site: Site, room_id: UUID, ids: Set[UUID], *, actor: UUID) -> dict[UUID, NoteResult]:
    """Return those of the notes with these ids that are in the room; none if ``actor`` may not read them."""
    notes: dict[UUID, NoteResult] = {}
    after = None
    for _ in range(_MOST_PAGES if ids else 0):
        found = await site.gateway.ask(ListNotes(room_id=room_id, limit=100, after=after), NotesFound, actor=actor)
        if isinstance(found, Refusal):
            break
        notes |= {each.note_id: each for each in found.notes if each.note_id in ids}
        after = found.after
        if after is None or len(notes) == len(ids):
            break
    return notes


async def _glossary(site: Site, room_notes: RoomNotes) -> NoteList | Refusal:
    terms = await _all(site, room_notes, kind=NoteKind.TERM)
    if isinstance(terms, Refusal):
        return terms
    ordered = sorted(terms, key=lambda each: each.title.casefold())
    return NoteList(ordered, NoteKind.TERM, "", None, is_first=True, is_glossary=True)


async def _all(
    site: Site, room_notes: RoomNotes, *, kind: NoteKind | None = None, after: str | None = None
) -> list[NoteResult] | Refusal:
    """Return the notes from ``after`` on, as many as a room usually has."""
    notes: list[NoteResult] = []
    for _ in range(_MOST_PAGES):
        try:
            query = ListNotes(room_id=room_notes.room.room_id, kind=kind, limit=100, after=after)
        except ValidationError as error:
            raise HTTPException(404) from error
        found = await site.gateway.ask(query, NotesFound, actor=room_notes.link.person_id)
        if isinstance(found, Refusal):
            return found
        notes += found.notes
        after = found.after
        if after is None:
            break
    return notes
