"""Changing a planned session: moving it, revising what it states, calling it off; alone or with all that follow."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import Refusal
from practio_contracts.links import Link
from practio_contracts.message import Command
from practio_contracts.rooms import CancelSession, RescheduleSession, ReviseSession, Scope, Session
from practio_pages.entered_fields import entered_in
from practio_pages.pages.coming_sessions import Target, target_of
from practio_pages.pages.desk import Desk, desk_closed, desk_link, desk_localizer, desk_of, desk_root, no_planning
from practio_pages.pages.desk_sessions_page import sessions_page
from practio_pages.pages.session_dates import SHOWN as SHOWN_DATES
from practio_pages.pages.session_dates import PreviewedDate, marked, wall_clock
from practio_pages.pages.session_forms import (
    SEEN,
    SHOWN,
    STATEMENTS,
    SessionFormFaults,
    cancellation_of,
    content_of,
    fingerprint_of,
    form_of,
    is_moved_as,
    is_revised_meanwhile,
    move_of,
    revision_of,
    statements_of,
    times_of,
)
from practio_pages.rendering import render
from practio_pages.site import Site, fields_of, signed_in, site_of

SessionCommand = RescheduleSession | ReviseSession | CancelSession


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """A change of a session: its command, the fields of its form, and how they become a command.

    ``replaces`` returns what it replaces, as a form repeats it.
    """

    name: str
    command: type[Command]
    fields: tuple[str, ...]
    read: Callable[[Mapping[str, str], UUID, UUID, str], SessionCommand | SessionFormFaults]
    replaces: Callable[[Session], str] = times_of


def _move(form: Mapping[str, str], room_id: UUID, session_id: UUID, zone: str) -> RescheduleSession | SessionFormFaults:
    return move_of(form, room_id=room_id, session_id=session_id, zone=zone, now=datetime.now(UTC))


def _revise(form: Mapping[str, str], room_id: UUID, session_id: UUID, _zone: str) -> ReviseSession | SessionFormFaults:
    return revision_of(form, room_id=room_id, session_id=session_id)


def _cancel(form: Mapping[str, str], room_id: UUID, session_id: UUID, _zone: str) -> CancelSession | SessionFormFaults:
    return cancellation_of(form, room_id=room_id, session_id=session_id)


CHANGES = (
    PlannedChange("move", RescheduleSession, ("date", "time", "minutes", "scope"), _move),
    PlannedChange(
        "revise",
        ReviseSession,
        (*STATEMENTS, *(f"was.{each}" for each in STATEMENTS), "scope"),
        _revise,
        statements_of,
    ),
    PlannedChange("cancel", CancelSession, ("reason", "scope"), _cancel),
)


@dataclass(frozen=True, slots=True)
class SessionChangeForm:
    """A form as it was filled in, with its faults, or the command that it stands for.

    ``shown`` is what the change replaces, as the page showed it; empty in a form of an earlier release.
    """

    content: Mapping[str, str]
    faults: SessionFormFaults = field(default_factory=dict)
    command: SessionCommand | None = None
    shown: str = ""

    def is_behind(self, session: Session, zone: str) -> bool:
        """Return whether somebody else has moved the session, or changed the same, since the form was shown."""
        if not self.shown or self.command is None:
            return False
        if isinstance(self.command, ReviseSession):
            return is_revised_meanwhile(session, self.command, self.shown)
        return self.shown != times_of(session) and not is_moved_as(session, self.command, zone)


async def show_change_form(request: Request, change: PlannedChange) -> Response:
    """Show a session and the form to change it."""
    link, _ = await desk_link(request)
    desk = await desk_of(site_of(request), link)
    if isinstance(desk, Refusal):
        return desk_closed(request, link, desk)
    return no_planning(request, link, desk) if not desk.plans else await _page(request, link, desk, change, None)


async def change_session(request: Request, change: PlannedChange) -> Response:
    """Show what follows from a change; make it once that has been seen."""
    link, room_id = await desk_link(request)
    site, fields = site_of(request), await fields_of(request)
    signed = await signed_in(request, {change.command.routing_key}, person_id=link.person_id, room_id=room_id)
    desk = await desk_of(site, link)
    if isinstance(desk, Refusal):
        return desk_closed(request, link, desk, entered_in(fields))
    if not desk.plans:
        return no_planning(request, link, desk, entered_in(fields))
    content, shown = content_of(fields, change.fields), fields.get(SHOWN, "")
    command = change.read(content, room_id, request.path_params["session_id"], desk.room.time_zone or "UTC")
    if isinstance(command, dict):
        return await _page(request, link, desk, change, SessionChangeForm(content, command, shown=shown))
    filled = SessionChangeForm(content, command=command, shown=shown)
    if signed is None or fields.get(SEEN) != fingerprint_of(command):
        return await _page(request, link, desk, change, filled)
    async with site.gateway.lock_for(room_id):
        is_behind = await _is_behind(site, link, desk, filled)
        key = signed.id_with(command.model_dump_json())
        outcome = None if is_behind else await site.gateway.send(command, actor=link.person_id, id=key)
    if outcome is None:
        return await _page(request, link, desk, change, filled)
    if isinstance(outcome, Refusal):
        return await _page(request, link, desk, change, filled, outcome)
    return await sessions_page(request, link, desk, done=signed.command)


async def _is_behind(site: Site, link: Link, desk: Desk, filled: SessionChangeForm) -> bool:
    """Return whether the session was changed meanwhile; one that cannot be changed any more is for rooms to judge."""
    assert filled.command is not None
    target = await target_of(site, link, desk.room.room_id, filled.command.session_id)
    return target is not None and filled.is_behind(target.session, desk.room.time_zone or target.session.time_zone)


async def _page(
    request: Request,
    link: Link,
    desk: Desk,
    change: PlannedChange,
    filled: SessionChangeForm | None,
    refusal: Refusal | None = None,
) -> Response:
    """Return the page of a change; of a session that cannot be changed any more, the sessions as they are."""
    site, room = site_of(request), desk.room
    target = await target_of(site, link, room.room_id, request.path_params["session_id"])
    if target is None:
        entered = entered_in(filled.content) if filled else ()
        return await sessions_page(request, link, desk, refusal=refusal, gone=refusal is None, entered=entered)
    zone = room.time_zone or target.session.time_zone
    filled = filled or SessionChangeForm(form_of(target.session, zone))
    command, now = filled.command, change.replaces(target.session)
    is_behind = filled.is_behind(target.session, zone)
    return render(
        request,
        f"session-{change.name}",
        desk_localizer(request, link, room),
        status=409 if refusal or is_behind else 422 if filled.faults else 200,
        desk=desk,
        room=room,
        root=desk_root(request),
        target=target,
        content=filled.content,
        faults=filled.faults,
        command=command,
        former=form_of(target.session, zone),
        concerned=_concerned(target, command),
        dates=moved_dates(target, command, zone) if isinstance(command, RescheduleSession) else [],
        seen=fingerprint_of(command) if command else "",
        form=site.forms.sign(change.command.routing_key, person_id=link.person_id, room_id=room.room_id),
        refusal=refusal,
        shown=now if is_behind else filled.shown or now,
        is_behind=is_behind,
    )


def moved_dates(target: Target, command: RescheduleSession, zone: str) -> Sequence[PreviewedDate]:
    """Return when the sessions will begin that a command moves, the first of them.

    Those that follow go by the times of their rule. Nothing but the first if the session itself was moved on its own,
    or if it is not known which were and not all follow one rhythm.
    """
    sessions = [target.session, *(target.moving if command.scope is Scope.FOLLOWING else ())]
    now = [wall_clock(each.starts_at, zone) for each in sessions]
    shift = command.starts_at - now[0]
    if target.moved_alone is None:
        goes_by_rule = len({(each.weekday(), each.time()) for each in now}) == 1
    else:
        goes_by_rule = target.session.session_id not in target.moved_alone
    dates = [each + shift for each in now] if goes_by_rule else [command.starts_at]
    return list(marked(dates[:SHOWN_DATES], zone))


def _concerned(target: Target, command: SessionCommand | None) -> int:
    """Return how many planned sessions a command concerns: dates that were moved on their own are not moved again."""
    if command is None or command.scope is not Scope.FOLLOWING:
        return 1
    return 1 + len(target.moving if isinstance(command, RescheduleSession) else target.following)


def _routes(change: PlannedChange) -> list[Route]:
    path = "/desk/{token}/sessions/{session_id:uuid}/" + change.name
    return [
        Route(path, partial(show_change_form, change=change), methods=["GET"]),
        Route(path, partial(change_session, change=change), methods=["POST"]),
    ]


ROUTES = [route for change in CHANGES for route in _routes(change)]
