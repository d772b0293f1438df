"""Every page of the site with all that it can show, and every form on it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any
from uuid import UUID

from starlette.routing import Match
from tests.support.html import Element
from tests.unit.pages.builders import (
    ADA,
    HOST,
    NOW,
    ROOM,
    a_history,
    a_membership,
    a_note,
    a_room,
    a_room_found,
    a_room_shown,
    a_session,
    an_appointment,
    an_own_room,
    own_rooms,
    rooms_found,
)
from tests.unit.pages.exported import an_export
from tests.unit.pages.figures import A_SPONSOR, a_report, a_rooms_report, some_feedback
from tests.unit.pages.hosts import BEN, CLEO, a_roster, an_entry, named
from tests.unit.pages.sites import Seen, Visit, a_visit, accepted

from practio_contracts.answers import CommandAccepted
from practio_contracts.exports import EXPORTS
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import (
    AcceptInvitation,
    AcceptOffer,
    AssignBuddy,
    ChangeRole,
    DecideRequests,
    DeclineInvitation,
    DeclineOffer,
    ExchangeRoles,
    Explain,
    Explanation,
    GetHistory,
    GetMembership,
    GetRoster,
    Invite,
    InviteFrom,
    LiftBar,
    ListMemberships,
    MembershipResult,
    Memberships,
    OfferSeat,
    Prioritise,
    Reason,
    Remove,
    RequestToJoin,
    RevokeInvitation,
    RevokeOffer,
    RoomTitle,
    Status,
    Withdraw,
)
from practio_contracts.message import Command, Query
from practio_contracts.notifications import (
    EndLinks,
    GetPreferences,
    Introduce,
    Introduction,
    NamePeople,
    Preferences,
    SetPreferences,
)
from practio_contracts.people import PersonRegistered
from practio_contracts.rooms import (
    AcceptHandOver,
    AgendaFound,
    Announce,
    AnswerSession,
    Appoint,
    ArchiveRoom,
    CancelRoom,
    CancelSession,
    Certificate,
    CheckIn,
    CloseRoom,
    ConductReports,
    CopyRoom,
    CreateRoom,
    DeclineHandOver,
    DiscardDraft,
    Dismiss,
    GetCertificate,
    GetFeedback,
    GetReport,
    GetRoom,
    GetSession,
    GiveFeedback,
    HandOver,
    ListAgenda,
    ListConductReports,
    ListNotes,
    ListOwnRooms,
    ListSessions,
    ListSponsors,
    ListThanks,
    NotesFound,
    OwnOffice,
    OwnRooms,
    PlanSession,
    ProposedHandOver,
    PublishRoom,
    RecordAttendance,
    RecordNote,
    RelatedRoom,
    ReopenRoom,
    ReportConduct,
    ReportRooms,
    RescheduleSession,
    ReviseNote,
    ReviseRoom,
    ReviseSession,
    RoomResult,
    RoomStatus,
    RoomWithConcerns,
    ScheduleSession,
    SearchRooms,
    Session,
    SessionPeriod,
    SessionResult,
    SessionsFound,
    SettleConduct,
    SponsorsFound,
    Thank,
    ThanksFound,
    Verification,
    VerifyCertificate,
    WithdrawNote,
)
from practio_pages.app import PAGES
from practio_pages.pages.revision_form import form_of, unchanged
from practio_pages.pages.session_forms import SEEN, SessionToSchedule, content_of, fingerprint_of, plan_of
from practio_pages.pages.session_plan_form import fingerprint_of as fingerprint_of_plan

ROOM_THAT_ASKS = {
    "host_id": ADA,
    "facilitator_ids": [BEN],
    "access": {"policy": "approval", "questions": [{"key": "why", "text": "Why do you come?", "required": True}]},
    "guidelines": {"version": 2, "text": "Be kind."},
    "roles": [{"name": "coach"}, {"name": "observer"}],
}
ROOM_TO_HAND_OVER = RoomResult(room=a_room_shown(host_id=HOST).room, proposed_host_id=ADA)
BUTTONS = (AcceptOffer, DeclineOffer, AcceptInvitation, DeclineInvitation, Withdraw)
COMMANDS: Sequence[type[Command]] = (
    *BUTTONS,
    RequestToJoin,
    DecideRequests,
    AcceptHandOver,
    DeclineHandOver,
    Appoint,
    Dismiss,
    HandOver,
    RecordNote,
    ReviseNote,
    WithdrawNote,
    GiveFeedback,
    AnswerSession,
    CheckIn,
    PlanSession,
    RecordAttendance,
    Announce,
    Thank,
    ReportConduct,
    SettleConduct,
    SetPreferences,
    ScheduleSession,
    RescheduleSession,
    ReviseSession,
    CancelSession,
    CloseRoom,
    ReopenRoom,
    ArchiveRoom,
    CancelRoom,
    DiscardDraft,
    CreateRoom,
    CopyRoom,
    ReviseRoom,
    PublishRoom,
    EndLinks,
    OfferSeat,
    RevokeOffer,
    Prioritise,
    RevokeInvitation,
    ChangeRole,
    Remove,
    LiftBar,
    Invite,
    InviteFrom,
    AssignBuddy,
    ExchangeRoles,
)


@dataclass(frozen=True)
class Page:
    """A page: the purpose of the link that leads to it, if any, and the rest of its path.

    ``session_id``: the session that the link names, if it is another one than usually.
    """

    purpose: Purpose | None
    path: str = ""
    category: str | None = None
    session_id: UUID | None = None

    def opened_by(self, visit: Visit, **fields: Any) -> str:
        """Return the path of the page, by a link of ADA's with ``fields``."""
        if self.purpose is None:
            return self.path
        room = None if self.purpose in (Purpose.ROOMS, Purpose.CARE, Purpose.START) else ROOM
        session = self.session_id or _SESSIONS.get(self.purpose)
        if self.purpose is Purpose.SPONSOR:
            room, fields = None, {"sponsor_id": SPONSOR} | fields
        link = Link(self.purpose, ADA, room, self.category, "en", "Europe/Rome", session_id=session, **fields)
        return visit.path(link) + self.path


_THIS_HOUR = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
SOON = a_session(
    session_id=UUID(int=7), starts_at=_THIS_HOUR, ends_at=_THIS_HOUR + timedelta(days=2), series_id=UUID(int=5)
)
"""A session that has begun, to which people check in, and of which it is recorded who came."""

SPONSOR = UUID(int=77)
WAY, ASK = Page(Purpose.WAY), Page(Purpose.WAY, "/ask")
DESK, SESSIONS, PLAN = Page(Purpose.DESK), Page(Purpose.DESK, "/sessions"), Page(Purpose.DESK, "/sessions/plan")
NEW_ROOM, DRAFT, PREVIEW = (Page(Purpose.START, path) for path in ("/room", f"/room/{ROOM}", f"/room/{ROOM}/preview"))
STATEMENT = Page(Purpose.DESK, "/room")
LIFE = Page(Purpose.DESK, "/life")
PEOPLE, PERSON = Page(Purpose.DESK, "/people"), Page(Purpose.DESK, f"/people/{BEN}")
ROLES = Page(Purpose.DESK, "/people/roles")
INVITE = Page(Purpose.DESK, "/people/invite")
OFFICES, APPOINT, HAND_OVER, TAKE_BACK, DISMISS = (
    Page(Purpose.DESK, f"/offices{path}") for path in ("", "/appoint", "/hand-over", "/take-back", f"/dismiss/{BEN}")
)
COMING = a_session(
    starts_at=datetime(2900, 3, 2, 18, tzinfo=UTC), ends_at=datetime(2900, 3, 2, 19, tzinfo=UTC), series_id=UUID(int=5)
)
"""A session to come, of a series."""


def about_to_begin() -> Session:
    """Return the same session when it begins in twenty minutes: people check in to it, and still answer it.

    It is made for each page, because all tests together take longer than that.
    """
    now = datetime.now(UTC)
    return COMING.model_copy(update={"starts_at": now + timedelta(minutes=20), "ends_at": now + timedelta(hours=2)})


PAST = a_session(session_id=UUID(int=6), topic="A <case>")
"""A session that is over."""

MOVE, REVISE, CANCEL = (
    Page(Purpose.DESK, f"/sessions/{COMING.session_id}/{change}") for change in ("move", "revise", "cancel")
)
_SESSIONS = {Purpose.FEEDBACK: PAST.session_id, Purpose.SESSION: SOON.session_id, Purpose.CHECK_IN: SOON.session_id}
"""The session of a link, by its purpose."""

SESSION, SESSION_PLAN, ATTENDANCE = (Page(Purpose.SESSION, path) for path in ("", "/plan", "/attendance"))
CHECK_IN = Page(Purpose.CHECK_IN)
ANNOUNCE = Page(Purpose.DESK, "/announce")
COPY, SECOND_ROOM = Page(Purpose.DESK, "/copy"), Page(Purpose.DESK, "/second-room")
CODE = "K7M2P-9QRST-4VWXY-Z2345"
DESK_THANKS, THANKS = Page(Purpose.DESK, "/thanks"), Page(Purpose.MEMORY, "/thanks")
CONCERN, CONCERNS = Page(Purpose.WAY, "/concern"), Page(Purpose.DESK, "/concerns")
REPORT_ID = UUID(int=46)
"""An open report that somebody made."""

MUTED = UUID(int=45)
"""A room that ADA muted, and left since."""

NOTE = a_note(author_id=ADA, session_id=PAST.session_id)
NOTES_OF_OTHERS = (
    a_note(note_id=UUID(int=22), author_id=BEN, session_id=SOON.session_id),
    a_note(note_id=UUID(int=21), author_id=BEN),
)
NOTE_PATHS = ("", "/new", f"/{NOTE.note_id}", f"/{NOTE.note_id}/withdraw")
DESK_NOTES, NEW_DESK_NOTE, DESK_NOTE, DESK_NOTE_GONE = (Page(Purpose.DESK, f"/notes{path}") for path in NOTE_PATHS)
NOTES, NEW_NOTE, A_NOTE, NOTE_GONE = (Page(Purpose.MEMORY, path) for path in NOTE_PATHS)
ME, LEAVE = Page(Purpose.ME, "/data"), Page(Purpose.ME, "/leave")
FEEDBACK = Page(Purpose.FEEDBACK)
QUEUE, PREFERENCES = Page(Purpose.QUEUE), Page(Purpose.PREFERENCES)
STOP = Page(Purpose.STOP, category="activity")
ROOMS, ROOM_OF_ROOMS = Page(Purpose.ROOMS), Page(Purpose.ROOMS, f"/room/{ROOM}")
CARE = Page(Purpose.CARE)
LINK = Page(None, f"/link?room={ROOM}")
INTRODUCE = Page(Purpose.INTRODUCE)
EVERY_PAGE: Mapping[str, Page] = {
    "home": Page(None, "/"),
    "room": Page(None, f"/room/{ROOM}"),
    "rooms-atom": Page(None, "/rooms.atom"),
    "rooms-json": Page(None, "/rooms.json"),
    "sessions-ics": Page(None, "/sessions.ics"),
    "robots": Page(None, "/robots.txt"),
    "link": LINK,
    "introduce": INTRODUCE,
    "way": WAY,
    "ask": ASK,
    "desk": DESK,
    "start": Page(Purpose.START),
    "new-room": NEW_ROOM,
    "draft": DRAFT,
    "preview": PREVIEW,
    "desk-room": STATEMENT,
    "desk-life": LIFE,
    "close-room": Page(Purpose.DESK, "/life/close"),
    "desk-offices": OFFICES,
    "appoint": APPOINT,
    "hand-over": HAND_OVER,
    "take-back": TAKE_BACK,
    "dismiss": DISMISS,
    "desk-notes": DESK_NOTES,
    "new-desk-note": NEW_DESK_NOTE,
    "desk-note": DESK_NOTE,
    "withdraw-desk-note": DESK_NOTE_GONE,
    "memory": NOTES,
    "new-note": NEW_NOTE,
    "note": A_NOTE,
    "withdraw-note": NOTE_GONE,
    "feedback": FEEDBACK,
    "session": SESSION,
    "session-about-to-begin": Page(Purpose.SESSION, session_id=COMING.session_id),
    "session-plan": SESSION_PLAN,
    "attendance": ATTENDANCE,
    "session-code": Page(Purpose.SESSION, "/code"),
    "check-in": CHECK_IN,
    "announce": ANNOUNCE,
    "copy": COPY,
    "second-room": SECOND_ROOM,
    "desk-thanks": DESK_THANKS,
    "thanks": THANKS,
    "concern": CONCERN,
    "desk-concerns": CONCERNS,
    "certificate": Page(Purpose.CERTIFICATE),
    "verify": Page(None, "/verify"),
    "verify-code": Page(None, f"/verify/{CODE}"),
    "desk-report": Page(Purpose.DESK, "/report"),
    "desk-report-file": Page(Purpose.DESK, "/report.csv"),
    "desk-feedback-file": Page(Purpose.DESK, "/feedback.csv"),
    "desk-sessions": SESSIONS,
    "plan-sessions": PLAN,
    "move-session": MOVE,
    "revise-session": REVISE,
    "cancel-session": CANCEL,
    "desk-people": PEOPLE,
    "desk-former": Page(Purpose.DESK, "/people/former"),
    "desk-person": PERSON,
    "invite": INVITE,
    "exchange-roles": ROLES,
    "remove-person": Page(Purpose.DESK, f"/people/{BEN}/remove"),
    "queue": QUEUE,
    "preferences": PREFERENCES,
    "stop": STOP,
    "own-data": ME,
    "own-data-file": Page(Purpose.ME, "/data.json"),
    "leave-everything": LEAVE,
    "calendar": Page(Purpose.CALENDAR, ".ics"),
    "sponsor": Page(Purpose.SPONSOR),
    "sponsor-file": Page(Purpose.SPONSOR, "/report.csv"),
    "rooms": ROOMS,
    "care": CARE,
    "search": Page(Purpose.ROOMS, "/search"),
    "room-of-rooms": ROOM_OF_ROOMS,
}


@dataclass(frozen=True)
class Form:
    """A form: its page, its button, and what is entered in it; ``shown`` prepares what its page shows."""

    page: Page
    button: str
    entered: Mapping[str, str] = field(default_factory=dict)
    shown: Callable[[Visit], None] = lambda _: None


def _stands(*commands: type[Command], status: Status = Status.JOINED) -> MembershipResult:
    return MembershipResult(membership=a_membership(status), moves=[each.routing_key for each in commands])


def _asks(visit: Visit) -> None:
    visit.gateway.answers[GetMembership] = MembershipResult(membership=None, moves=[RequestToJoin.routing_key])


def _invited(visit: Visit) -> None:
    visit.gateway.answers[GetMembership] = _stands(AcceptInvitation, status=Status.INVITED)


def _has_every_button(visit: Visit) -> None:
    visit.gateway.answers[GetRoom] = a_room_shown()
    visit.gateway.answers[GetMembership] = _stands(*BUTTONS)


def the_session(**fields: Any) -> SessionResult:
    """Return a session of the room, planned in part, with answers of three people."""
    people = [(BEN, "yes", "I bring <cake>."), (ADA, "maybe", None), (CLEO, None, None)]
    content = {
        "session": SOON,
        "coming": {"yes": 1, "maybe": 1, "unanswered": 1},
        "case_by": [BEN],
        "roles": [{"name": "coach", "person_id": CLEO}],
        "guests": ["Dr. <Ilse> Berg"],
        "people": [{"person_id": person, "coming": coming, "note": note} for person, coming, note in people],
        "people_left_out": 2,
        "present": [CLEO],
        "absent": [],
        "proposed_roles": [{"name": "observer", "person_id": BEN}],
        **fields,
    }
    return SessionResult.model_validate(content)


def the_named_session(query: GetSession) -> SessionResult:
    """Return the session that a page names; nobody has answered yet to the one that is about to begin."""
    if query.session_id == COMING.session_id:
        return the_session(session=about_to_begin(), people=[{"person_id": ADA, "coming": None, "note": None}])
    return the_session()


DATED = {"plan": fingerprint_of_plan(the_session()), f"role-{BEN}": "coach", "guests": "Dr. <Ilse> Berg\nNoor"}


def _is_coming(visit: Visit) -> None:
    visit.gateway.answers[GetSession] = the_session(session=COMING)


def _hands_over(visit: Visit) -> None:
    visit.gateway.answers[GetRoom] = ROOM_TO_HAND_OVER


REQUEST = {
    "answer.why": "To learn <more>.",
    "role.1": "observer",
    "role.2": "coach",
    "message": "Hello\nthere",
    "guidelines": "2",
}
DECISIONS = {f"decide-{BEN}": "decline", f"decide-{CLEO}": "approve", "reason": "Too far.", f"reason-{BEN}": "Alas."}
CHOICES = {
    "requests_digest": "weekly",
    "activity": "off",
    "quiet_from": "20:30",
    "quiet_to": "07:00",
    "muted": str(ROOM),
}
PLANNED = {
    "date": "2900-03-02",
    "time": "18:30",
    "minutes": "60",
    "repeat": "series",
    "weeks": "2",
    "topic": "A <case>",
}
MOVED = {"date": "2900-03-03", "time": "18:30", "minutes": "60", "scope": "following"}
REVISED = {"topic": "A <case>", "place": "Room 4", "scope": "this"}
CANCELLED = {"reason": "Too few <people>.", "scope": "following"}


NOTED = {"kind": "tool", "title": "A <map>", "text": "Draw\nit.", "session": str(PAST.session_id), "shown": "all"}
ANSWERED = {"coming": "no", "note": "I am <away>.\nSorry.", "scope": "following"}
ATTENDED = {f"came-{BEN}": "yes", f"shown-{BEN}": "no", f"shown-{CLEO}": "yes"}
THANKED = {"person": str(BEN), "reason": "the <minutes>", "message": "They saved me.\nTwice.", "seen_by": "room"}
GIVEN = {"useful": "4", "comment": "More <cases>.\nLess talk."}


def _seen(command: Command) -> dict[str, str]:
    """Return the field of a form whose consequences were seen."""
    return {SEEN: fingerprint_of(command)}


def _planned() -> dict[str, str]:
    content = content_of(PLANNED, ("weekday", "until", "place", "meeting_url", *PLANNED))
    plan = plan_of(content, room_id=ROOM, session_id=ROOM, zone="Europe/Rome", now=NOW)
    assert isinstance(plan, SessionToSchedule)
    return PLANNED | _seen(plan.command)


def _room_revised() -> dict[str, str]:
    room = a_room(**ROOM_THAT_ASKS)
    stated = form_of(room) | {"capacity": "6", "purpose": "Think <again>."}
    marks = unchanged("host", room).marks
    command = ReviseRoom(room_id=ROOM, capacity=6, purpose="Think <again>.")
    return stated | marks | _seen(command)


def _changed(kind: type[Command], entered: dict[str, str], **fields: object) -> dict[str, str]:
    command = kind.model_validate(
        {"room_id": ROOM, "session_id": COMING.session_id, "scope": entered["scope"], **fields}
    )
    return entered | _seen(command)


def _step(name: str, button: str, *, status: str = "published", **entered: str) -> Form:
    """Return the form of a step in a room's life."""

    def is_at(visit: Visit) -> None:
        visit.gateway.answers[GetRoom] = a_room_shown(**ROOM_THAT_ASKS, status=status)

    return Form(Page(Purpose.DESK, f"/life/{name}"), button, entered, is_at)


def _about(name: str, button: str, status: Status, **entered: str) -> Form:
    """Return the form of a step about a person."""

    def stands(visit: Visit) -> None:
        visit.gateway.answers[GetMembership] = MembershipResult(
            membership=a_membership(status, person_id=BEN), moves=[]
        )

    return Form(Page(Purpose.DESK, f"/people/{BEN}/{name}"), button, entered, stands)


def _has_two_inside(visit: Visit) -> None:
    inside = [an_entry(BEN, Status.JOINED, role="coach"), an_entry(CLEO, Status.JOINED, role="observer")]
    visit.gateway.answers[GetRoster] = a_roster(inside)


BUDDY = _about("buddy", "Choose a buddy", Status.JOINED, buddy_id=str(CLEO))


def _may_have_a_buddy(visit: Visit) -> None:
    BUDDY.shown(visit)
    _has_two_inside(visit)


EXCHANGED = {f"role-{BEN}": "observer", f"role-{CLEO}": "coach"}
INVITED = {"addresses": "Ada <ada@example.org>", "message": "Come & <see>.", "role": "coach"}


def _has_people(visit: Visit) -> None:
    visit.gateway.answers[GetRoster] = a_roster([an_entry(CLEO, Status.JOINED)])


SECOND = UUID(int=46)
"""A room that grew out of the room."""


def _has_waitlist(visit: Visit) -> None:
    grown = RelatedRoom(room_id=SECOND, title="A <second> room", status=RoomStatus.PUBLISHED)
    visit.gateway.answers[GetRoom] = a_room_shown(host_id=ADA).model_copy(update={"copies": [grown]})
    waitlist = [an_entry(BEN, Status.WAITLISTED), an_entry(CLEO, Status.WAITLISTED)]
    visit.gateway.answers[GetRoster] = lambda query: a_roster([] if query.room_id == SECOND else waitlist)(query)


STATED = {
    "title": "Cases <together>",
    "purpose": "Think.",
    "format": "peer-coaching",
    "capacity": "6",
    "roles": "coach: 2\ncoachee: 2\nobserver: 2",
    "language": "de",
    "policy": "open",
    "waitlist": "yes",
    "questions": "Why?",
}


INTRODUCED = {"name": "Noor <de> Wit", "language": "fr", "time_zone": "Europe/Paris"}


def _is_draft(visit: Visit) -> None:
    visit.gateway.answers[GetRoom] = a_room_shown(host_id=ADA, status="draft")


EVERY_FORM: Mapping[str, Form] = {
    "accept an offer": Form(WAY, "Accept the seat", shown=_has_every_button),
    "decline an offer": Form(WAY, "Decline the seat", shown=_has_every_button),
    "accept an invitation": Form(WAY, "Accept the invitation", shown=_has_every_button),
    "decline an invitation": Form(WAY, "Decline the invitation", shown=_has_every_button),
    "leave": Form(WAY, "Leave the room", shown=_has_every_button),
    "become the host": Form(WAY, "Become the host", shown=_hands_over),
    "decline to host": Form(WAY, "Decline to host", shown=_hands_over),
    "request": Form(ASK, "Request to join", REQUEST, _asks),
    "request after a search": Form(ROOM_OF_ROOMS, "Request to join", REQUEST, _asks),
    "accept with answers": Form(ASK, "Accept the invitation", REQUEST, _invited),
    "accept after a search": Form(ROOM_OF_ROOMS, "Accept the invitation", REQUEST, _invited),
    "decide": Form(QUEUE, "Submit decisions", DECISIONS),
    "plan sessions": Form(PLAN, "Topic (optional)", _planned()),
    "move a session": Form(
        MOVE,
        "Begins at",
        _changed(RescheduleSession, MOVED, starts_at="2900-03-03T18:30", duration_minutes=60),
    ),
    "revise a session": Form(
        REVISE, "Topic (optional)", _changed(ReviseSession, REVISED, topic="A <case>", place="Room 4")
    ),
    "call a session off": Form(
        CANCEL, "Reason (optional)", _changed(CancelSession, CANCELLED, reason="Too few <people>.")
    ),
    "revise a room": Form(STATEMENT, "Seats and roles", _room_revised()),
    "close a room": _step("close", "Close the room"),
    "reopen a room": _step("reopen", "Reopen the room", status="closed"),
    "archive a room": _step("archive", "Archive the room"),
    "cancel a room": _step("cancel", "Cancel the room", reason="Too few <people>."),
    "discard a draft": _step("discard", "Discard the draft", status="draft"),
    "appoint": Form(APPOINT, "Appoint this person", {"person": str(CLEO), "office": "steward"}, _has_people),
    "propose a hand-over": Form(HAND_OVER, "Ask this person", {"person": str(CLEO)}, _has_people),
    "take a hand-over back": Form(TAKE_BACK, "Take the proposal back"),
    "dismiss": Form(DISMISS, "Dismiss this person"),
    "record a note on the desk": Form(NEW_DESK_NOTE, "Save the note", NOTED),
    "revise a note on the desk": Form(DESK_NOTE, "Save the note", NOTED),
    "withdraw a note on the desk": Form(DESK_NOTE_GONE, "Withdraw the note"),
    "record a note": Form(NEW_NOTE, "Save the note", NOTED),
    "revise a note": Form(A_NOTE, "Save the note", NOTED),
    "withdraw a note": Form(NOTE_GONE, "Withdraw the note"),
    "answer a session": Form(SESSION, "Not this time", ANSWERED, _is_coming),
    "check in": Form(SESSION, "I am here"),
    "plan a date": Form(SESSION_PLAN, "Save the plan", DATED),
    "record attendance": Form(ATTENDANCE, "Record who came", ATTENDED),
    "get a link at the session": Form(CHECK_IN, "Send me a link", {"email": "ada@example.org"}),
    "announce": Form(
        ANNOUNCE,
        "Send it",
        {"text": "We meet <outside>.\nBring a coat.", "to": "everybody", "session": str(COMING.session_id)},
    ),
    "copy a room": Form(COPY, "Make the copy", {"title": "Cases <again>", "keep-roles": "yes", "keep-notes": "yes"}),
    "invite to a second room": Form(SECOND_ROOM, "Invite them", {"count": "2", "message": "A <room>."}, _has_waitlist),
    "thank somebody": Form(THANKS, "Send the thanks", THANKED),
    "thank somebody on the desk": Form(DESK_THANKS, "Send the thanks", THANKED),
    "report a concern": Form(CONCERN, "Send the report", {"text": "He <laughs>.\nAlways.", "person": str(BEN)}),
    "settle a report": Form(CONCERNS, "Settle the report", {"outcome": "talked-to", "reason": "We <spoke>.\nMonday."}),
    "give feedback": Form(FEEDBACK, "Give feedback", GIVEN),
    "start a room": Form(NEW_ROOM, "Save the draft", STATED, _is_draft),
    "revise a draft": Form(DRAFT, "Save the draft", STATED, _is_draft),
    "publish a room": Form(PREVIEW, "Publish the room", shown=_is_draft),
    "offer a seat": _about("offer", "Offer a seat", Status.WAITLISTED, over_capacity="yes"),
    "take an offer back": _about("revoke-offer", "Take the offer back", Status.OFFERED),
    "set a priority": _about("priority", "Set the priority", Status.WAITLISTED, priority="5"),
    "take an invitation back": _about("revoke-invitation", "Take the invitation back", Status.INVITED),
    "change a role": _about("role", "Change the role", Status.JOINED, role="observer"),
    "choose a buddy": replace(BUDDY, shown=_may_have_a_buddy),
    "remove a person": _about("remove", "Remove from the room", Status.JOINED, reason="Never <came>.", bar="yes"),
    "lift a bar": _about("lift-bar", "Lift the bar", Status.REMOVED),
    "exchange roles": Form(ROLES, "Exchange the roles", EXCHANGED, _has_two_inside),
    "invite people": Form(INVITE, "Send the invitations", INVITED),
    "choose letters": Form(PREFERENCES, "Save", CHOICES),
    "get a new calendar address": Form(ROOMS, "Get a new calendar address"),
    "end all links": Form(PREFERENCES, "End all my links"),
    "end all links beside one's data": Form(ME, "End all my links"),
    "leave everything": Form(LEAVE, "Leave all of these"),
    "get a link": Form(LINK, "Send me a link", {"email": "ada@example.org"}),
    "say who one is": Form(INTRODUCE, "Save and continue", INTRODUCED),
}
"""Every signed form; the one that stops letters is not signed: its link is the authority."""


def name_of(case: object) -> object:
    """Return the name of a form, or another case as it is."""
    return next((name for name, form in EVERY_FORM.items() if form is case), case)


STOPPING = Form(STOP, "Stop these emails")
"""The form that stops letters."""


_OPENED: dict[int, Seen] = {}
_LOOKED_AT: dict[Page, tuple[Visit, Seen]] = {}
_PRESSED: dict[int, tuple[Visit, Seen]] = {}
_LEFT_EMPTY: dict[int, Seen] = {}

END = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
"""The end of the links by which pages are looked at: long before the lifetime of any purpose is over."""

VERSION = 3
"""The version of these links."""


async def opened(visit: Visit, form: Form) -> Seen:
    """Return the page with a form, prepared for a full visit.

    It is opened once for all tests: looking at a page changes nothing, and the form is the same for every visit.
    """
    form.shown(visit)
    if id(form) not in _OPENED:
        _OPENED[id(form)] = await visit.get(form.page.opened_by(visit))
    return _OPENED[id(form)]


async def looked_at(page: Page) -> Seen:
    """Return a page as a full visit shows it, opened once for all tests by a link of VERSION that ends at END."""
    _, seen = await visited(page)
    return seen


async def visited(page: Page) -> tuple[Visit, Seen]:
    """Return a page like ``looked_at``, with the visit that opened it, which is to be looked at only."""
    if page not in _LOOKED_AT:
        visit = a_full_visit()
        visit.gateway.link_version = VERSION
        _LOOKED_AT[page] = visit, await visit.get(page.opened_by(visit, not_after=END, version=VERSION))
    return _LOOKED_AT[page]


async def pressed(form: Form) -> tuple[Visit, Seen]:
    """Return a full visit that sent a form of a page opened like ``looked_at``, and the page that it got; done once.

    The visit is to be looked at only.
    """
    if id(form) not in _PRESSED:
        visit = a_full_visit()
        visit.gateway.link_version = VERSION
        form.shown(visit)
        seen = await visit.get(form.page.opened_by(visit, not_after=END, version=VERSION))
        _PRESSED[id(form)] = visit, await visit.press(seen, form.button, **form.entered)
    return _PRESSED[id(form)]


async def left_empty(form: Form) -> Seen:
    """Return the page that a full visit gets after a form in which nothing is entered; sent once for all tests."""
    if id(form) not in _LEFT_EMPTY:
        visit = a_full_visit()
        seen = await opened(visit, form)
        _LEFT_EMPTY[id(form)] = await visit.press(seen, form.button, **dict.fromkeys(form.entered, ""))
    return _LEFT_EMPTY[id(form)]


def the_sessions(query: ListSessions) -> SessionsFound:
    """Return the only session of the period."""
    return SessionsFound(sessions=[COMING if query.when is SessionPeriod.COMING else PAST], after=None)


def _rooms_of_a_delegate(query: ListOwnRooms) -> OwnRooms:
    """Return a room in each office, a sponsor that ADA looks after, and a room that she is asked to host."""
    found = own_rooms(*(an_own_room(office, pending=2, host_id=ADA) for office in OwnOffice))(query)
    asked = [ProposedHandOver(room_id=ROOM, title=a_room().title)]
    concerns = [RoomWithConcerns(room_id=ROOM, title=a_room().title)]
    return found.model_copy(update={"sponsors": [A_SPONSOR], "hand_overs": asked, "concerns": concerns})


def some_thanks() -> ThanksFound:
    """Return a word for all from BEN to CLEO, and one from ADA to BEN."""
    whole = {"room_id": ROOM, "for": "the <minutes>", "words": "They saved me.", "thanked_at": NOW}
    of_others = whole | {"thanks_id": UUID(int=47), "person_id": CLEO, "by": BEN, "seen_by": "room"}
    own = whole | {"thanks_id": UUID(int=48), "person_id": BEN, "by": ADA, "seen_by": "person"}
    return ThanksFound.model_validate({"thanks": [of_others, own], "people": [BEN, CLEO], "after": None})


def some_reports() -> ConductReports:
    """Return an open report and a settled one."""
    whole = {"room_id": ROOM, "text": "He <laughs>.", "by": CLEO, "person_id": BEN, "reported_at": NOW}
    settled = {"outcome": "noted", "words": "Once.", "settled_by": ADA, "settled_at": NOW, "note_id": UUID(int=22)}
    reports = [whole | {"report_id": REPORT_ID}, whole | {"report_id": UUID(int=49), "by": None} | settled]
    return ConductReports.model_validate({"reports": reports, "after": None})


def a_certificate(**fields: Any) -> Certificate:
    """Return a certificate."""
    days = {"from": "2025-10-07", "to": "2026-04-14"}
    whole = {"title": a_room().title, "format": "intervision", "sessions_attended": 7, "minutes": 630, "code": CODE}
    return Certificate.model_validate(whole | days | fields)


@cache
def _answers() -> Mapping[type[Query], Any]:
    """Return what a full visit is shown, made once: messages do not change."""
    answers: dict[type[Query], Any] = {
        SearchRooms: rooms_found(a_room_found(next_session_at=NOW, published_at=NOW)),
        GetRoom: RoomResult(
            room=a_room(**ROOM_THAT_ASKS), sessions=[SOON], proposed_host_id=CLEO, last_session_at=PAST.starts_at
        ),
        GetMembership: _stands(Withdraw),
        GetHistory: a_history(Status.REQUESTED, Status.JOINED),
        Explain: Explanation(has_seat=True, status=Status.JOINED, reasons=[Reason(code="has-seat", text="x", at=NOW)]),
        GetRoster: a_roster([an_entry(BEN), an_entry(CLEO)]),
        ListSessions: the_sessions,
        GetSession: the_named_session,
        ListNotes: NotesFound(
            notes=[
                NOTE,
                a_note(note_id=UUID(int=22), session_id=SOON.session_id),
                a_note(note_id=UUID(int=21), author_id=BEN),
            ],
            after=None,
        ),
        ListThanks: some_thanks(),
        ListSponsors: SponsorsFound(sponsors=[A_SPONSOR]),
        ListConductReports: some_reports(),
        GetCertificate: a_certificate(),
        VerifyCertificate: Verification.model_validate({"valid": True, **a_certificate().model_dump(by_alias=True)}),
        GetReport: a_report(),
        ReportRooms: a_rooms_report,
        GetFeedback: some_feedback(),
        NamePeople: named,
        ListMemberships: Memberships(
            memberships=[a_membership(Status.WAITLISTED)],
            titles=[RoomTitle(room_id=ROOM, title=a_room().title)],
        ),
        ListOwnRooms: _rooms_of_a_delegate,
        ListAgenda: AgendaFound(sessions=[an_appointment()], after=None),
        GetPreferences: Preferences(person_id=ADA, muted_room_ids=[MUTED]),
    }
    for query in EXPORTS:
        answers[query] = partial(an_export, query)
    return answers


@cache
def _outcomes() -> Mapping[type[Command], CommandAccepted]:
    """Return the answers to the commands of a full visit."""
    invited, decided = ([{"person_id": str(BEN), "accepted": True, "status": each}] for each in ("invited", "joined"))
    return {command: accepted(command) for command in COMMANDS} | {
        DecideRequests: accepted(DecideRequests, outcomes=decided),
        EndLinks: accepted(EndLinks, person_id=str(ADA), version=0, calendar_version=1),
        InviteFrom: accepted(InviteFrom, outcomes=invited),
        Introduce: accepted(Introduce, person_id=str(BEN)),
    }


def a_full_visit() -> Visit:
    """Return a browser at a site that has everything to show to ADA, who hosts the room and is in it.

    Somebody else introduced her, so she may still say who she is.
    """
    visit = a_visit()
    with_parts(visit, introduces=True)
    visit.gateway.introduction = Introduction(email="ada@example.org")
    visit.gateway.answers |= _answers()
    visit.gateway.outcomes |= _outcomes()
    return visit


def routes_of(method: str, paths: Sequence[str]) -> set[str]:
    """Return the routes that answer ``method`` at ``paths``."""
    found = set()
    for path in paths:
        scope = {"type": "http", "method": method, "path": path.partition("?")[0], "headers": []}
        found |= {route.path for route in PAGES if route.matches(scope)[0] is Match.FULL}
    return found


def filled_in(form: Element) -> dict[str, Any]:
    """Return what a browser would send of a form, its buttons aside."""
    fields: dict[str, Any] = {}
    for each in form.select("input[name], textarea[name], select[name]"):
        name = str(each["name"])
        if each.name == "textarea":
            fields[name] = each.get_text().removeprefix("\n")
        elif each.name == "select":
            fields[name] = next((str(option["value"]) for option in each.select("option[selected]")), "")
        elif each.get("type") not in ("checkbox", "radio") or each.has("checked"):
            fields[name] = str(each.get("value", ""))
    return fields


_CHOSEN: Mapping[type[Command | PersonRegistered], set[str]] = {
    ScheduleSession: {"session_id"},
    CreateRoom: {"room_id"},
    RecordNote: {"note_id"},
    Announce: {"announcement_id"},
    CopyRoom: {"new_room_id"},
    Thank: {"thanks_id"},
    ReportConduct: {"report_id"},
}


def stated(command: Command | PersonRegistered) -> dict[str, Any]:
    """Return what a command states, without the id that its form has chosen for something new."""
    return command.model_dump(exclude=_CHOSEN.get(type(command)))


async def send_again(visit: Visit, seen: Seen, button: str) -> Seen:
    """Send the form with this button as the page shows it."""
    return await visit.post(seen.path, filled_in(seen.form(button)))


def with_parts(visit: Visit, **parts: Any) -> None:
    """Replace parts of the visited site."""
    visit.app.state.site = visit.site = replace(visit.site, **parts)
