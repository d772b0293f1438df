"""The samples of the gallery: each kind of letter, in the variants that read differently."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from practio_contracts.membership import HAS_SEAT_ELSEWHERE, Status
from practio_contracts.rooms import Coming, Outcome, RoomStatus, SessionStatus
from practio_notifications.gallery.community import (
    FACILITATOR,
    HOST,
    MARYAM,
    MEMBER,
    NOW,
    OTHER_ROOM,
    STEWARD,
    ZOE,
    a_room,
    an_occupancy,
    sessions,
)
from practio_notifications.gallery.sample import Sample, digest, of_membership, of_room, of_sponsor
from practio_notifications.letters.kinds import INTRODUCE, KIND, LINK
from practio_notifications.letters.session_plans import PlanOfDate


def samples() -> Sequence[Sample]:
    """Return all letters of the gallery, in the order of their kinds."""
    order = {name: place for place, name in enumerate(KIND)}
    return sorted(
        (*_requests(), *_waitlist(), *_inside(), *_room(), *_digests(), *_links(), *_sponsors()),
        key=lambda each: order[each.kind.name],
    )


_ENDED = a_room(status=RoomStatus.CANCELLED)
_ELSEWHERE: dict[str, Any] = {"reason": HAS_SEAT_ELSEWHERE}
_HANDED_OVER = a_room(host_id=FACILITATOR, facilitator_ids=[])
_HANDED_OVER_BY_INVITATION = a_room(host_id=FACILITATOR, facilitator_ids=[], access={"policy": "invitation"})
_SPONSORED = a_room(sponsor={"kind": "organisation", "name": "Schools of Lucca & Pisa"})
_BY_INVITATION = a_room(access={"policy": "invitation"})
_NO_WAITLIST = a_room(access={"waitlist": {"enabled": False}})
_RISK: dict[str, Any] = {
    "session_id": sessions(1)[0].session_id,
    "starts_at": NOW + timedelta(days=2),
    "coming": {"yes": 1, "no": 3, "maybe": 1, "unanswered": 2},
}
_QUIET: dict[str, Any] = {"signs": ["no-coming-session", "none-held"], "since": NOW - timedelta(days=20)}
_ASKED: dict[str, Any] = _QUIET | {"signs": ["few-come", "requests-unanswered"]}
_HOSTLESS: dict[str, Any] = _QUIET | {"signs": ["no-coming-session", "no-host"]}
_PAST: dict[str, Any] = {"session_id": UUID(int=99), "ended_at": NOW - timedelta(minutes=1)}
_WORD: dict[str, Any] = {
    "announcement_id": UUID(int=98),
    "to": "everybody",
    "by": str(HOST),
    "text": "From May on we meet in the reading room: the library repairs the second floor.\nBring a chair cushion.",
}
_ABOUT_A_SESSION: dict[str, Any] = _WORD | {"session_id": sessions(1)[0].session_id, "dates": sessions(1)}
_THANKS: dict[str, Any] = {
    "thanks_id": UUID(int=97),
    "person_id": MEMBER,
    "by": HOST,
    "seen_by": "room",
    "for": "the minutes of our last three sessions",
    "words": "They saved me twice, and nobody ever sees the work behind them.\nThank you!",
}
_REPORTED: dict[str, Any] = {"report_id": UUID(int=96), "steward_ids": [STEWARD]}
_PLAN = PlanOfDate(
    case_by=[MEMBER],
    roles=[("observer", FACILITATOR), ("Scribe", STEWARD)],
    guests=["Elif Demir, who supervises school heads"],
    names=((MEMBER, "Bruno Riva"), (FACILITATOR, "مريم العلي")),
)
_BY_TURNS = PlanOfDate(
    proposed=[("coach", MEMBER), ("coachee", FACILITATOR), ("observer", STEWARD)],
    names=((MEMBER, "Bruno Riva"), (FACILITATOR, "مريم العلي")),
)
_ANSWERS: dict[str, Any] = {
    "answers": {
        "why": "I lead a small school, and have nobody to think aloud with.",
        "case": "A parent who writes to me every evening.\nI answer, and would rather not.",
    },
    "message": "Gladly online at first, and in Bologna from spring.",
}


def _settled(outcome: Outcome) -> dict[str, Any]:
    return {"report_id": UUID(int=96), "reporter_id": MEMBER, "outcome": outcome}


def _requests() -> list[Sample]:
    return [
        of_membership("requested", Status.REQUESTED),
        of_membership("requested", Status.REQUESTED, "without pages", has_pages=False),
        of_membership("requested", Status.REQUESTED, "a host alone", room=a_room(facilitator_ids=[], steward_ids=[])),
        of_membership("requested", Status.REQUESTED, "no waitlist", room=_NO_WAITLIST),
        of_membership("request-to-decide", Status.REQUESTED, occupancy=an_occupancy(7)),
        of_membership("request-to-decide", Status.REQUESTED, "with answers", **_ANSWERS),
        of_membership("request-to-decide", Status.REQUESTED, "full", occupancy=an_occupancy(8), member=MARYAM),
        of_membership(
            "request-to-decide", Status.REQUESTED, "no waitlist", room=_NO_WAITLIST, occupancy=an_occupancy(8)
        ),
        of_membership("request-unanswered", Status.REQUESTED, days=3),
        of_membership(
            "request-unanswered", Status.REQUESTED, "no waitlist", room=_NO_WAITLIST, occupancy=an_occupancy(8), days=3
        ),
        of_membership("request-long-unanswered", Status.REQUESTED, days=7, member=ZOE),
        of_membership("request-lapsed", Status.LAPSED),
        of_membership("request-lapsed", Status.LAPSED, "by invitation", room=_BY_INVITATION),
        of_membership("declined", Status.DECLINED, room=a_room(access={"reapply_after_days": None})),
        of_membership(
            "declined",
            Status.DECLINED,
            "with a reason",
            membership={"reason": "This group is for heads in their first years; another begins in May."},
            room=a_room(access={"reapply_after_days": 30}),
        ),
        of_membership(
            "invited", Status.INVITED, membership={"by": str(HOST)}, message="We met in Bologna: there is a chair."
        ),
        of_membership("invited", Status.INVITED, "over capacity", over_capacity=True, membership={"role": "Scribe"}),
        of_membership("invited", Status.INVITED, "with a sponsor", room=_SPONSORED),
        of_membership("invited", Status.INVITED, "no waitlist", room=_NO_WAITLIST),
        of_membership("invitation-reminder", Status.INVITED),
        of_membership("invitation-reminder", Status.INVITED, "without pages", has_pages=False),
        of_membership("invitation-lapsed", Status.LAPSED, membership={"by": "system"}),
        of_membership("invitation-lapsed", Status.LAPSED, "taken back", membership={"by": str(HOST)}),
        of_membership(
            "invitation-lapsed", Status.LAPSED, "by invitation", membership={"by": "system"}, room=_BY_INVITATION
        ),
        of_membership("invitation-declined", Status.WITHDRAWN),
        of_membership("invitation-declined", Status.WITHDRAWN, "by invitation", room=_BY_INVITATION),
        of_membership("invitation-declined", Status.WITHDRAWN, "without pages", has_pages=False),
        of_membership(
            "member-declined-invitation", Status.WITHDRAWN, membership={"reason": "Mondays do not work for me."}
        ),
    ]


def _waitlist() -> list[Sample]:
    requeue = a_room(access={"waitlist": {"after_lapse": "requeue"}})
    return [
        of_membership("waitlisted", Status.WAITLISTED, ahead=3, membership={"by": str(HOST)}),
        of_membership("waitlisted", Status.WAITLISTED, "after an invitation", ahead=3),
        of_membership("waitlisted", Status.WAITLISTED, "one ahead", ahead=1, room=a_room(access={"policy": "open"})),
        of_membership("waitlisted", Status.WAITLISTED, "next on the waitlist", ahead=0, membership={"by": str(HOST)}),
        of_membership("seat-offered", Status.OFFERED),
        of_membership("seat-offered", Status.OFFERED, "without pages", has_pages=False),
        of_membership("seat-offered", Status.OFFERED, "by invitation", room=_BY_INVITATION),
        of_membership("seat-offered", Status.OFFERED, "for a role", over_capacity=True, membership={"role": "Scribe"}),
        of_membership("offer-reminder", Status.OFFERED),
        of_membership("offer-undelivered", Status.OFFERED),
        of_membership("offer-lapsed", Status.LAPSED),
        of_membership("offer-lapsed", Status.WAITLISTED, "back on the waitlist", room=requeue),
        of_membership("offer-revoked", Status.WAITLISTED),
        of_membership("offer-declined", Status.WITHDRAWN),
        of_membership("member-declined-offer", Status.WITHDRAWN),
    ]


def _inside() -> list[Sample]:
    bare = a_room(place=None, meeting_url=None, guidelines=None, purpose="")
    return [
        of_membership("joined", Status.JOINED, how="approved", dates=sessions(12)),
        of_membership("joined", Status.JOINED, "without pages", how="approved", dates=sessions(1), has_pages=False),
        of_membership("joined", Status.JOINED, "no sessions yet", how="open", room=bare),
        of_membership("joined", Status.JOINED, "with a sponsor", how="approved", room=_SPONSORED),
        of_membership("member-joined", Status.JOINED, how="open", member=MARYAM),
        of_membership("role-changed", Status.JOINED, membership={"role": "Scribe"}, from_role="Timekeeper"),
        of_membership("withdrawn", Status.WITHDRAWN, from_status="joined", dates=sessions(3)),
        *(
            of_membership("withdrawn", Status.WITHDRAWN, f"{each} before", from_status=each)
            for each in ("invited", "requested", "waitlisted", "offered")
        ),
        *(
            of_membership(
                "withdrawn", Status.WITHDRAWN, f"{each} seat elsewhere", from_status=each, membership=_ELSEWHERE
            )
            for each in ("requested", "waitlisted", "offered", "joined")
        ),
        of_membership("withdrawn", Status.WITHDRAWN, "by invitation", from_status="joined", room=_BY_INVITATION),
        of_membership("withdrawn", Status.WITHDRAWN, "without pages", from_status="joined", has_pages=False),
        of_membership(
            "member-left", Status.WITHDRAWN, from_status="joined", membership={"reason": "I change schools."}
        ),
        of_membership("member-left", Status.WITHDRAWN, "seat elsewhere", from_status="joined", membership=_ELSEWHERE),
        of_membership("removed", Status.REMOVED, barred=False, dates=sessions(2)),
        of_membership(
            "removed", Status.REMOVED, "barred", barred=True, membership={"reason": "What was said went outside."}
        ),
        of_membership("ended", Status.ENDED, room=a_room(status=RoomStatus.ARCHIVED)),
        of_membership("ended", Status.ENDED, "cancelled", membership={"reason": "Too few of us."}, room=_ENDED),
    ]


def _room() -> list[Sample]:
    former: dict[str, Any] = {"former_starts_at": NOW + timedelta(days=6)}
    office: dict[str, Any] = {"person_id": FACILITATOR, "office": "facilitator", "appointed": True}
    steward: dict[str, Any] = {"person_id": STEWARD, "office": "steward", "appointed": True}
    handed: dict[str, Any] = {"person_id": FACILITATOR, "former_host_id": HOST}
    lost: dict[str, Any] = {"former_host_id": HOST, "reason": "The host is no longer here."}
    draft = a_room(status=RoomStatus.DRAFT)
    return [
        of_room("room-drafted", room=draft),
        of_room("room-drafted", "without pages", room=draft, has_pages=False),
        of_room("room-published"),
        of_room("room-published", "open", room=a_room(access={"policy": "open"})),
        of_room("room-published", "by invitation", room=_BY_INVITATION),
        of_room("room-published", "without pages", has_pages=False),
        of_room("session-scheduled", dates=sessions(1)),
        of_room("session-scheduled", "for an office", dates=sessions(1), reader_id=FACILITATOR),
        of_room("session-scheduled", "a series", dates=sessions(12)),
        of_room("session-scheduled", "a series goes on", dates=sessions(3), added=sessions(3)),
        of_room("session-rescheduled", dates=sessions(1), **former),
        of_room("session-rescheduled", "a series", dates=sessions(3), **former),
        of_room("session-revised", dates=sessions(1), changed_fields=["topic"]),
        of_room("session-revised", "a series", dates=sessions(3), changed_fields=["place"]),
        of_room("room-moved", dates=sessions(3), changed_fields=["place", "meeting_url"]),
        of_room("room-renamed", dates=sessions(3), changed_fields=["title"]),
        of_room("room-moved", "nowhere", room=a_room(place=None, meeting_url=None), changed_fields=["place"]),
        of_room("session-cancelled", dates=sessions(1, SessionStatus.CANCELLED), reason="Snow: no train runs."),
        of_room("session-cancelled", "a series", dates=sessions(3, SessionStatus.CANCELLED), ends_series=True),
        of_room("session-reminder", dates=sessions(1)),
        of_room("session-reminder", "planned", dates=sessions(1), answer=Coming.YES, plan=_PLAN),
        of_room("session-reminder", "by turns", dates=sessions(1), answer=Coming.YES, plan=_BY_TURNS),
        of_room("session-reminder", "maybe", dates=sessions(1), answer=Coming.MAYBE),
        of_room("session-at-risk", reader_id=HOST, missing_roles=["observer"], people_needed=1, **_RISK),
        of_room("session-at-risk", "no case", reader_id=HOST, case_missing=True, **_RISK),
        of_room("session-at-risk", "without pages", reader_id=HOST, people_needed=2, has_pages=False, **_RISK),
        of_room("session-at-risk", "for a steward", reader_id=STEWARD, case_missing=True, **_RISK),
        of_room("session-over", dates=sessions(1), **_PAST),
        of_room("session-over", "without pages", dates=sessions(1), has_pages=False, **_PAST),
        of_room("session-over", "nothing planned", **_PAST),
        of_room("session-to-record", dates=sessions(1), reader_id=HOST, **_PAST),
        of_room("session-to-record", "without pages", reader_id=HOST, has_pages=False, **_PAST),
        of_room("room-quiet", reader_id=HOST, **_QUIET),
        of_room("room-quiet", "with requests", reader_id=HOST, **_ASKED),
        of_room("room-quiet", "few come", reader_id=HOST, **(_QUIET | {"signs": ["few-come"]})),
        of_room("room-quiet", "without a host", reader_id=STEWARD, **(_QUIET | {"signs": ["no-host"]})),
        of_room("room-quiet", "without pages", reader_id=HOST, has_pages=False, **_QUIET),
        of_room("room-long-quiet", reader_id=STEWARD, **_QUIET),
        of_room("room-long-quiet", "with requests", reader_id=STEWARD, **_ASKED),
        of_room("room-quiet", "for a facilitator", reader_id=FACILITATOR, **_HOSTLESS),
        of_room("room-quiet", "for a facilitator without pages", reader_id=FACILITATOR, has_pages=False, **_HOSTLESS),
        of_room("room-long-quiet", "without a host", reader_id=STEWARD, **_HOSTLESS),
        of_room("room-long-quiet", "without a host and pages", reader_id=STEWARD, has_pages=False, **_HOSTLESS),
        of_room("room-long-quiet", "without pages", reader_id=STEWARD, has_pages=False, **_QUIET),
        of_room("quiet-room", reader_id=STEWARD, **_QUIET),
        of_room("buddy-assigned", person_id=MEMBER, buddy_id=FACILITATOR),
        of_room("buddy-assigned", "who helps", person_id=FACILITATOR, buddy_id=MEMBER),
        of_room("announced", **_WORD),
        of_room("announced", "about a session", **_ABOUT_A_SESSION),
        of_room("announced", "with those who wait", waiting=True, **(_WORD | {"by": str(FACILITATOR)})),
        of_room("thanked", **_THANKS),
        of_room("thanked", "for the person alone", **(_THANKS | {"seen_by": "person"})),
        of_room("conduct-reported", reader_id=STEWARD, **_REPORTED),
        of_room("conduct-reported", "without pages", reader_id=STEWARD, has_pages=False, **_REPORTED),
        *(
            of_room("conduct-settled", "" if each is Outcome.TALKED_TO else each.value, **_settled(each))
            for each in Outcome
        ),
        of_room("session-reminder", "a series goes on", dates=sessions(1), added=sessions(12)[-1:]),
        of_room("room-cancelled", room=_ENDED, reason="Too few of us found the time.", dates=sessions(2)),
        of_room("room-archived", room=a_room(status=RoomStatus.ARCHIVED)),
        of_room("room-archived", "without pages", room=a_room(status=RoomStatus.ARCHIVED), has_pages=False),
        of_room("hand-over-proposed", person_id=MEMBER),
        of_room("hand-over-proposed", "an office", person_id=FACILITATOR, reader_id=FACILITATOR),
        of_room("host-changed", person_id=FACILITATOR, reader_id=FACILITATOR, room=_HANDED_OVER, **lost),
        of_room("host-changed", "without pages", person_id=FACILITATOR, has_pages=False, **lost),
        of_room("handed-over", reader_id=HOST, room=_HANDED_OVER, dates=sessions(2), **handed),
        of_room("handed-over", "by invitation", reader_id=HOST, room=_HANDED_OVER_BY_INVITATION, **handed),
        of_room("handed-over", "without pages", reader_id=HOST, room=_HANDED_OVER, has_pages=False, **handed),
        of_room("office-given", dates=sessions(2), reader_id=FACILITATOR, **office),
        of_room("office-given", "steward", reader_id=STEWARD, **steward),
        of_room("office-given", "without pages", reader_id=STEWARD, has_pages=False, **steward),
        of_room("office-taken", dates=sessions(2), reader_id=FACILITATOR, **_taken(office)),
        of_room("office-taken", "steward", reader_id=STEWARD, **_taken(steward)),
    ]


def _taken(office: dict[str, Any]) -> dict[str, Any]:
    """Return what an office is taken by, and the room without anybody in the offices under the host."""
    return office | {"appointed": False, "room": a_room(facilitator_ids=[], steward_ids=[])}


def _sponsors() -> list[Sample]:
    return [
        of_sponsor(people=84, attended=196, waiting=9),
        of_sponsor("few people", rooms=1, sessions_held=1, notes=0),
        of_sponsor("without pages", people=84, attended=196, has_pages=False),
    ]


def _digests() -> list[Sample]:
    other = a_room(room_id=OTHER_ROOM, title="Nonviolent communication, Thursdays", capacity=12)
    asks = of_membership("request-to-decide", Status.REQUESTED)
    answers = of_membership("request-to-decide", Status.REQUESTED, member=MARYAM, **_ANSWERS)
    full = of_membership("request-to-decide", Status.REQUESTED, member=ZOE, room=other, occupancy=an_occupancy(8))
    came = of_membership("member-joined", Status.JOINED, how="open")
    left = of_membership("member-left", Status.WITHDRAWN, from_status="joined", member=ZOE)
    declined = of_membership("member-declined-offer", Status.WITHDRAWN, member=MARYAM, room=other)
    quiet, asked = of_room("quiet-room", **_QUIET), of_room("quiet-room", room=other, **_ASKED)
    return [
        digest("requests-digest", asks),
        digest("requests-digest", asks, answers, full, variant="several rooms"),
        digest("activity-digest", came, left),
        digest("activity-digest", came, declined, variant="several rooms"),
        digest("activity-digest", of_room("announced", **_WORD), variant="written"),
        digest("activity-digest", of_room("announced", **_ABOUT_A_SESSION), variant="written about a session"),
        digest("activity-digest", came, of_room("announced", **_WORD), variant="written and happened"),
        digest("care-digest", quiet, reader_id=STEWARD),
        digest("care-digest", asked, quiet, variant="several rooms", reader_id=STEWARD),
        digest("care-digest", asked, quiet, variant="without pages", reader_id=STEWARD, has_pages=False),
        digest("activity-digest", of_room("thanked", **_THANKS), variant="thanked"),
    ]


def _links() -> list[Sample]:
    return [
        sample
        for kind in (LINK, INTRODUCE)
        for sample in (Sample(kind=kind, room=a_room()), Sample(kind=kind, variant="no room"))
    ]
