"""Letters in words, for tests that look for sentences in them."""

from tests.unit.notifications.builders import (
    a_contact,
    a_situation,
    some_pages,
)

from practio_contracts.membership import (
    MembershipEvent,
)
from practio_contracts.rooms import SessionEvent
from practio_notifications.letters.kinds import INTRODUCE, KIND, LINK
from practio_notifications.letters.recipients import Cause
from practio_notifications.letters.relevance import Contact
from practio_notifications.rendering.links import PageLinks
from practio_notifications.rendering.text import Rendered, draft, render_digest, render_link, rendered

_GATHERED = {
    "requests-digest": KIND["request-to-decide"],
    "activity-digest": KIND["member-joined"],
    "care-digest": KIND["quiet-room"],
}


def written(
    kind: str, event: Cause, reader: Contact | None = None, pages: PageLinks | None = None, **situation: object
) -> Rendered:
    """Return a letter in words, its text unwrapped so that sentences can be found."""
    reader = reader or a_contact()
    about = event.membership if isinstance(event, MembershipEvent) else None
    sessions = [event.session] if isinstance(event, SessionEvent) else []
    known = a_situation(about, reader=reader, **situation)
    if KIND[kind].is_digest:
        letter = render_digest(KIND[kind], [(_GATHERED[kind], event, known)], pages)
    elif KIND[kind] in (LINK, INTRODUCE):
        letter = render_link(KIND[kind], reader, known.room, pages or some_pages())
    else:
        letter = rendered(draft(KIND[kind], event, reader, known, sessions, pages))
    return Rendered(letter.language, letter.subject, " ".join(letter.text.split()), letter.html)
