"""Every letter in every language, word by word, as somebody reads it: these files are to be read by people.

``letters`` have no links, since there are no pages; ``letters_with_pages`` have links to them.
``python -m tests.unit.notifications.test_snapshots`` writes them again.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from itertools import product
from pathlib import Path
from uuid import UUID

from tests.support.every_case import every_case
from tests.support.thorough import part
from tests.unit.notifications.builders import (
    NOW,
    a_contact,
    a_room,
    a_session,
    a_situation,
    an_event_for,
    an_occupancy,
    quiet_by,
    some_pages,
)

from practio_contracts.membership import MembershipEvent
from practio_contracts.rooms import HostChanged, OfficeChanged, Session, SessionEvent
from practio_notifications.letters.kinds import KIND, SESSION_REMINDER, LetterKind
from practio_notifications.letters.links import LinkCause
from practio_notifications.letters.recipients import Cause
from practio_notifications.letters.relevance import Contact
from practio_notifications.rendering.links import PageLinks
from practio_notifications.rendering.text import Rendered, draft, render_digest, render_link, rendered
from practio_notifications.rendering.wording import CATALOGUES

_GATHERED = {
    "requests-digest": KIND["request-to-decide"],
    "activity-digest": KIND["member-joined"],
    "care-digest": KIND["quiet-room"],
}
LANGUAGES = sorted(CATALOGUES.languages)
SNAPSHOTS = Path(__file__).parents[2] / "snapshots"
WORDS = SNAPSHOTS / "letters"
WITH_PAGES = SNAPSHOTS / "letters_with_pages"
ABRIDGED = SNAPSHOTS / "letters_abridged"
DIGESTS = [kind for kind in KIND.values() if kind.is_digest]
ROOM = a_room(room_id=UUID(int=10))
WITHOUT_LINK = [kind for kind in KIND.values() if kind.event is not LinkCause]


def in_words(kind: LetterKind, language: str, pages: PageLinks | None = None) -> str:
    """Return subject and text of a letter of this kind to a reader of ``language``."""
    reader = a_contact(locale=language)
    brings_link = kind.event is LinkCause
    letter = render_link(kind, reader, a_room(), pages) if brings_link and pages else a_letter(kind, reader, pages)
    return f"Subject: {letter.subject}\n\n{letter.text}"


def a_letter(kind: LetterKind, reader: Contact, pages: PageLinks | None) -> Rendered:
    event = an_event_for(kind)
    about = event.membership if isinstance(event, MembershipEvent) else None
    room = ROOM.model_copy(update={"host_id": event.person_id}) if isinstance(event, HostChanged) else ROOM
    known = {"reader": reader, "room": room, "occupancy": an_occupancy(taken=1), "leads": True}
    known["seated"] = not isinstance(event, OfficeChanged | HostChanged)
    situation = a_situation(about, **known | quiet_by(event))
    if kind.is_digest:
        return render_digest(kind, [(_GATHERED[kind.name], event, situation)] * 2, pages)
    added = [a_session(starts_at=NOW + timedelta(weeks=13))] if kind is SESSION_REMINDER else []
    return rendered(draft(kind, event, reader, situation, announced_sessions(kind, event), pages, added=added))


def abridged(kind: LetterKind, language: str) -> str:
    """Return a digest that shows one of five items, in one of two rooms."""
    event, reader, rooms = an_event_for(kind), a_contact(locale=language), (a_room(), a_room(title="Peer coaching"))
    about = event.membership if isinstance(event, MembershipEvent) else None
    known = [a_situation(about, reader=reader, room=room, **quiet_by(event)) for room in rooms]
    items = [(_GATHERED[kind.name], event, known[number % 2]) for number in range(5)]
    letter = render_digest(kind, items, some_pages(locale=language), most=1)
    return f"Subject: {letter.subject}\n\n{letter.text}"


def announced_sessions(kind: LetterKind, event: Cause) -> list[Session]:
    if isinstance(event, SessionEvent):
        return [event.session]
    series = [a_session(starts_at=NOW + timedelta(weeks=week), topic=None) for week in range(1, 13)]
    return series if kind.calendar else []


def every_letter() -> Iterator[tuple[Path, Callable[[], str]]]:
    """Yield the path of every snapshot, and what writes the letter that belongs there."""
    for kind, language in product(WITHOUT_LINK, LANGUAGES):
        yield WORDS / language / f"{kind.name}.txt", partial(in_words, kind, language)
    for kind, language in product(KIND.values(), LANGUAGES):
        pages = some_pages(locale=language)
        yield WITH_PAGES / language / f"{kind.name}.txt", partial(in_words, kind, language, pages)
    for kind, language in product(DIGESTS, LANGUAGES):
        yield ABRIDGED / language / f"{kind.name}.txt", partial(abridged, kind, language)


SOME = part(every_letter(), of=4)  # with five languages, each letter is among them in some language


@every_case("path, words", SOME, ids=(str(path.relative_to(SNAPSHOTS)) for path, _ in SOME))
def test_a_letter_equals_its_snapshot(path: Path, words: Callable[[], str]) -> None:
    assert words() == path.read_text(encoding="utf-8")


def test_every_snapshot_belongs_to_a_letter() -> None:
    kept = {path for folder in (WORDS, WITH_PAGES, ABRIDGED) for path in folder.rglob("*.txt")}
    assert kept == {path for path, _ in every_letter()}


if __name__ == "__main__":
    for place, words in every_letter():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(words(), encoding="utf-8")
