"""One session: when and where, who comes, its plan and notes; whether one comes, and being there."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import CommandAccepted, Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.rooms import AnswerSession, CheckIn
from practio_pages.entered_fields import entered_in
from practio_pages.forms import SignedCommand
from practio_pages.pages.field_faults import FieldFaults
from practio_pages.pages.people_names import names_of
from practio_pages.pages.session_answer_form import ANSWERS, LONGEST_NOTE, answer_of, content_of
from practio_pages.pages.session_view import (
    SessionView,
    session_closed,
    session_link,
    session_localizer,
    session_root,
    session_view,
)
from practio_pages.rendering import render
from practio_pages.site import Site, fields_of, signed_in, site_of

_COMMANDS = frozenset((AnswerSession.routing_key, CheckIn.routing_key))


async def show_session(request: Request) -> Response:
    """Show the session; opening the page changes nothing."""
    link, _, _ = await session_link(request)
    return await session_page(request, link)


async def answer_session(request: Request) -> Response:
    """Send a person's answer, or that they are here, and show the session."""
    link, room_id, session_id = await session_link(request)
    fields = await fields_of(request)
    signed = await signed_in(request, _COMMANDS, person_id=link.person_id, room_id=room_id)
    form = content_of(fields)
    if signed is None:
        return await session_page(request, link, form=form)
    command = _command(signed, form, room_id=room_id, session_id=session_id, person_id=link.person_id)
    if isinstance(command, dict):
        return await session_page(request, link, form=form, faults=command)
    id_ = signed.id_with(command.model_dump_json())
    outcome = await site_of(request).gateway.send(command, actor=link.person_id, id=id_)
    return await session_page(request, link, form=form, outcome=outcome, command=command)


def _command(
    signed: SignedCommand, form: Mapping[str, str], *, room_id: UUID, session_id: UUID, person_id: UUID
) -> AnswerSession | CheckIn | FieldFaults:
    if signed.command == CheckIn.routing_key:
        return CheckIn(room_id=room_id, session_id=session_id, person_id=person_id)
    return answer_of(form, room_id=room_id, session_id=session_id, person_id=person_id)


async def session_page(
    request: Request,
    link: Link,
    *,
    form: Mapping[str, str] | None = None,
    faults: FieldFaults | None = None,
    outcome: CommandAccepted | Refusal | None = None,
    command: AnswerSession | CheckIn | None = None,
    done: str | None = None,
    kept: Sequence[UUID] = (),
) -> Response:
    """Return the page of a session; ``done`` is the command of another page that has taken effect.

    ``kept`` are the people of whom that page's form was older than what is recorded, which stays.
    """
    site, entered = site_of(request), entered_in(form or {})
    view = await session_view(site, link)
    if isinstance(view, Refusal):
        return session_closed(request, link, view, entered)
    accepted = isinstance(outcome, CommandAccepted)
    refusal = outcome if isinstance(outcome, Refusal) else None
    room, known = view.room, view.known(kept)
    return render(
        request,
        "session",
        session_localizer(request, link, room),
        status=422 if faults else 409 if refusal else 200,
        view=view,
        room=room,
        session=view.session,
        root=session_root(request),
        open_page="",
        names=await names_of(site, room.room_id, [*known, *view.named], actor=link.person_id),
        content=form if form is not None and not accepted else _own(view),
        answers=ANSWERS,
        chosen=_chosen(request),
        longest=LONGEST_NOTE,
        faults=faults or {},
        refusal=refusal,
        outcome=outcome if accepted else None,
        command=command,
        done=done,
        kept=known,
        forms=_forms(site, link, view),
        entered=[] if view.answers or accepted else entered,
        way=None if view.is_draft else site.path_from(link, Purpose.WAY),
        memory=site.path_from(link, Purpose.MEMORY),
        desk=site.path_from(link, Purpose.DESK) if view.office else None,
        feedback=_feedback(site, link) if view.gives_feedback else None,
    )


def _chosen(request: Request) -> str | None:
    """Return the answer that a letter's link chose: its button comes to the fore, and waits to be pressed."""
    pressed = request.query_params.get("coming")
    return pressed if pressed in [each.value for each in ANSWERS] else None


def _own(view: SessionView) -> Mapping[str, str]:
    """Return the content of the form as the person has answered; ``coming`` is chosen by a button."""
    return {"coming": "", "note": (view.own and view.own.note) or "", "scope": ""}


def _forms(site: Site, link: Link, view: SessionView) -> dict[str, str]:
    """Return the signed forms of what the person can do now, by their commands."""
    open_now = ((AnswerSession.routing_key, view.answers), (CheckIn.routing_key, view.checks_in))
    commands = [command for command, is_open in open_now if is_open]
    return {each: site.forms.sign(each, person_id=link.person_id, room_id=link.room_id) for each in commands}


def _feedback(site: Site, link: Link) -> str:
    return site.path_from(link, Purpose.FEEDBACK, session_id=link.session_id)


ROUTES = [
    Route("/session/{token}", show_session, methods=["GET"]),
    Route("/session/{token}", answer_session, methods=["POST"]),
]
