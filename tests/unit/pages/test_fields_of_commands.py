"""Every field of every command that a person may give is sent by a page, or stands here with the reason why not."""

from collections.abc import Iterator
from dataclasses import replace

from pydantic import BaseModel
from tests.unit.pages.every_page import (
    CONCERN,
    EVERY_FORM,
    NOTE,
    STOPPING,
    Form,
    a_full_visit,
    filled_in,
    opened,
    pressed,
)

from practio_contracts.message import Command
from practio_contracts.pages import USES

WHOM = {"room_id", "person_id", "session_id"}
"""What a link or an address of a page names, not its form."""

EXEMPT = {
    "membership.decline-invitation.v1 accepted_guidelines": "means nothing to who declines",
    "membership.decline-invitation.v1 answers": "means nothing to who declines",
    "membership.decline-invitation.v1 roles": "means nothing to who declines",
    "notifications.introduce.v1 locale": "the language of the room: nobody states that of somebody else",
    "notifications.introduce.v1 time_zone": "the time zone of the room: nobody states that of somebody else",
    "rooms.close-room.v1 reason": "nobody would read it: no letter tells of it, and no page shows it",
    "rooms.reopen-room.v1 reason": "nobody would read it: no letter tells of it, and no page shows it",
    "rooms.create-room.v1 facilitator_ids": "appointed on the desk, once the room is there",
    "rooms.create-room.v1 sponsor": "stated on the desk, once the room is there",
    "rooms.create-room.v1 steward_ids": "appointed on the desk, once the room is there",
    "rooms.withdraw-note.v1 reason": "nobody would read it: rooms keeps nothing of the note, and no letter tells of it",
}

_STATED = {
    "domain": "Leadership",
    "for_whom": "You",
    "guidelines_text": "Be kind.",
    "mode": "hybrid",
    "place": "Room 4",
    "meeting_url": "https://meet.example.org",
    "time_zone": "Europe/Rome",
}
MORE = {
    "decline an invitation": {"message": "No time."},
    "leave": {"reason": "No time."},
    "invite people": {"last_day": "2900-01-01", "over_capacity": "yes"},
    "start a room": _STATED,
    "revise a draft": _STATED,
    "revise a room": {"sponsor_name": "A school"},
    "plan sessions": {"place": "Room 4", "meeting_url": "https://meet.example.org"},
    "revise a session": {"meeting_url": "https://meet.example.org", "scope": "following"},
}
"""What is entered by the name of the form, so that every field has something in it."""


REPORTING = Form(
    replace(CONCERN, path=f"{CONCERN.path}?note={NOTE.note_id}"), "Send the report", {"text": "It is about me."}
)
"""The form that reports a note."""


def fields_of(kind: type[BaseModel]) -> set[str]:
    return {f"{kind.routing_key} {name}" for name in kind.model_fields if name not in WHOM}  # type: ignore[attr-defined]


def stated(message: BaseModel) -> Iterator[str]:
    filled = message.model_dump(exclude_defaults=True, by_alias=False)
    return (each for each in fields_of(type(message)) if each.partition(" ")[2] in filled)


async def sent_by(name: str, form: Form) -> set[str]:
    """Return the fields that a form sends, once what follows was seen."""
    if name in MORE:
        visit = a_full_visit()
        done = await visit.press(await opened(visit, form), form.button, **{**form.entered, **MORE[name]})
    else:
        visit, done = await pressed(form)
    if not visit.gateway.sent:
        link_version, visit = visit.gateway.link_version, a_full_visit()
        visit.gateway.link_version = link_version
        form.shown(visit)
        for each in done.html.select("form[method=post]")[:1]:
            await visit.post(done.path, filled_in(each))
    return {each for message in visit.gateway.sent for each in stated(message.command)}


async def test_every_field_of_a_command_is_sent_by_a_page_or_has_its_reason() -> None:
    of_people = [kind for kind, use in USES.items() if use.pages and issubclass(kind, Command)]
    wanted = {field for kind in of_people for field in fields_of(kind)}
    forms = {**EVERY_FORM, "stop": STOPPING, "report a note": REPORTING}
    sent = set().union(*[await sent_by(name, form) for name, form in forms.items()])
    assert wanted - sent == set(EXEMPT)
