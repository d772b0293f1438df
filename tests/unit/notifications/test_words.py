"""Every letter in every language, word by word, as somebody reads it: these files are to be read by people.

``letters`` have no links, since there are no pages; ``letters_with_pages`` have links to them.
``python -m tests.unit.notifications.test_words`` writes them again.
"""

from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from pathlib import Path

from tests.support.folding import every_case
from tests.unit.notifications.builders import (
    NOW,
    a_contact,
    a_room,
    a_session,
    a_situation,
    an_event_for,
    an_occupancy,
    some_pages,
)

from practio_contracts.membership import MembershipEvent
from practio_contracts.rooms import Session, SessionEvent
from practio_notifications.letters.kinds import KIND, LINK, Kind
from practio_notifications.letters.recipients import Cause
from practio_notifications.letters.relevance import Contact
from practio_notifications.rendering.links import PageLinks
from practio_notifications.rendering.text import Rendered, render, render_digest, render_link
from practio_notifications.rendering.wording import CATALOGUES

_GATHERED = {"requests-digest": KIND["request-to-decide"], "activity-digest": KIND["member-joined"]}
SPOKEN = sorted(CATALOGUES.languages)
SNAPSHOTS = Path(__file__).parents[2] / "snapshots"
WORDS = SNAPSHOTS / "letters"
WITH_PAGES = SNAPSHOTS / "letters_with_pages"
WITHOUT_LINK = [kind for kind in KIND.values() if kind is not LINK]


def in_words(kind: Kind, language: str, pages: PageLinks | None = None) -> str:
    """Give subject and text of a letter of this kind to a reader of ``language``."""
    reader = a_contact(locale=language)
    letter = render_link(reader, a_room(), pages) if kind is LINK and pages else rendered(kind, reader, pages)
    return f"Subject: {letter.subject}\n\n{letter.text}"


def rendered(kind: Kind, reader: Contact, pages: PageLinks | None) -> Rendered:
    event = an_event_for(kind)
    about = event.membership if isinstance(event, MembershipEvent) else None
    situation = a_situation(about, reader=reader, occupancy=an_occupancy(taken=1), seated=True)
    if kind.is_digest:
        return render_digest(kind, [(_GATHERED[kind.name], event, situation)] * 2, pages)
    return render(kind, event, reader, situation, sessions_told(kind, event), pages)


def sessions_told(kind: Kind, event: Cause) -> list[Session]:
    if isinstance(event, SessionEvent):
        return [event.session]
    series = [a_session(starts_at=NOW + timedelta(weeks=week), topic=None) for week in range(1, 13)]
    return series if kind.calendar else []


def every_letter() -> Iterator[tuple[Path, str]]:
    """Give each letter in each language, and where it stands as it was agreed."""
    for kind, language in product(WITHOUT_LINK, SPOKEN):
        yield WORDS / language / f"{kind.name}.txt", in_words(kind, language)
    for kind, language in product(KIND.values(), SPOKEN):
        yield WITH_PAGES / language / f"{kind.name}.txt", in_words(kind, language, some_pages(locale=language))


@every_case("language", SPOKEN)
@every_case("kind", WITHOUT_LINK, ids=lambda kind: kind.name)
def test_a_letter_reads_as_it_was_agreed(kind: Kind, language: str) -> None:
    assert in_words(kind, language) == (WORDS / language / f"{kind.name}.txt").read_text(encoding="utf-8")


@every_case("language", SPOKEN)
@every_case("kind", KIND.values(), ids=lambda kind: kind.name)
def test_a_letter_with_links_reads_as_it_was_agreed(kind: Kind, language: str) -> None:
    agreed = (WITH_PAGES / language / f"{kind.name}.txt").read_text(encoding="utf-8")
    assert in_words(kind, language, some_pages(locale=language)) == agreed


def test_no_words_are_kept_of_letters_that_nobody_writes() -> None:
    kept = {path for folder in (WORDS, WITH_PAGES) for path in folder.rglob("*.txt")}
    assert kept == {path for path, _ in every_letter()}


if __name__ == "__main__":
    for place, words in every_letter():
        place.parent.mkdir(exist_ok=True)
        place.write_text(words, encoding="utf-8")
