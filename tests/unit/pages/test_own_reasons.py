"""A person who does not get on in a room reads why, about themselves alone, and what they can do."""

from datetime import timedelta
from typing import Any

from tests.support.every_case import every_case
from tests.unit.pages.builders import ADA, NOW, ROOM, a_history, a_membership_result, a_room_shown
from tests.unit.pages.every_page import ASK, ROOM_OF_ROOMS, WAY, Page
from tests.unit.pages.sites import Seen, Visit, a_visit

from practio_contracts.membership import (
    AcceptInvitation,
    DeclineInvitation,
    Explain,
    Explanation,
    GetHistory,
    GetMembership,
    MembershipResult,
    Reason,
    RequestToJoin,
    Status,
    Withdraw,
)
from practio_contracts.rooms import GetRoom

WITHDRAW, DECLINE, ACCEPT = Withdraw.routing_key, DeclineInvitation.routing_key, AcceptInvitation.routing_key


def standing(status: Status | None, *codes: str, moves: tuple[str, ...] = (), **fields: Any) -> Visit:
    """Return the visit of a person with ``status``, which membership explains by ``codes``."""
    visit, room = a_visit(), fields.pop("room", {})
    found = a_membership_result(status, *moves, **fields) if status else MembershipResult(membership=None, moves=[])
    reasons = [Reason(code=code, text="in English", until=NOW + timedelta(days=3)) for code in codes]
    visit.gateway.answers |= {
        GetRoom: a_room_shown(**room),
        GetMembership: found,
        GetHistory: a_history(),
        Explain: Explanation(has_seat=False, status=status, reasons=reasons),
    }
    return visit


async def opened(visit: Visit, page: Page = WAY) -> Seen:
    seen = await visit.get(page.opened_by(visit))
    assert seen.status == 200
    return seen


def explained(visit: Visit) -> list[tuple[object, object]]:
    return [(query, actor) for query, actor in visit.gateway.queries if isinstance(query, Explain)]


@every_case("page", [WAY, ASK, ROOM_OF_ROOMS])
@every_case(
    ("status", "code", "words"),
    [
        (None, "room-not-open", "This room is not accepting new people right now."),
        (None, "waitlist-closed", "The room is full and has no waitlist."),
        (None, "role-full", "The room is full and has no waitlist."),
        (None, "waitlist-full", "the waitlist is full too"),
        (None, "invitation-required", "This room is by invitation only."),
        (Status.DECLINED, "reapply-later", "from this time on: Thursday, 5 March 2026, 19:00"),
        (Status.REMOVED, "barred", "Only the host can let you request to join again."),
        (Status.LAPSED, "room-not-open", "This room is not accepting new people right now."),
    ],
)
async def test_who_cannot_request_to_join_reads_why(status: Status | None, code: str, words: str, page: Page) -> None:
    visit = standing(status, code)
    seen = await opened(visit, page)
    assert words in seen.words
    assert "in English" not in seen.words
    assert explained(visit) == [(Explain(room_id=ROOM, person_id=ADA), ADA)]


@every_case("page", [WAY, ASK])
@every_case(("waitlist", "words"), [(False, "the room has no waitlist"), (True, "the waitlist is full")])
async def test_who_is_invited_to_a_full_room_reads_why_they_cannot_accept(
    waitlist: bool, words: str, page: Page
) -> None:
    room = {"access": {"policy": "approval", "waitlist": {"enabled": waitlist}}}
    until = {"invitation_expires_at": NOW}
    visit = standing(Status.INVITED, "invitation-stands", "room-full", moves=(DECLINE, WITHDRAW), room=room, **until)
    seen = await opened(visit, page)
    assert "You cannot accept the invitation now" in seen.words
    assert words in seen.words
    assert "All seats are taken" in seen.words
    if page is WAY:
        assert "The invitation is valid until Monday, 2 March 2026, 19:00" in seen.words
        assert seen.buttons == ["Decline the invitation"]


@every_case(
    ("code", "words"),
    [
        ("set-aside", "The next one comes from the host, not automatically."),
        ("waitlist-off", "The waitlist is switched off"),
    ],
)
async def test_nobody_is_next_on_the_waitlist_who_is_not_served(code: str, words: str) -> None:
    seen = await opened(standing(Status.WAITLISTED, code, "place-in-line", moves=(WITHDRAW,), ahead=0))
    assert words in seen.words
    assert "next in line" not in seen.words
    waiting = await opened(standing(Status.WAITLISTED, "room-full", "place-in-line", moves=(WITHDRAW,), ahead=0))
    assert "You are next in line. All seats are taken" in waiting.words


async def test_what_concerns_the_desk_alone_is_not_shown() -> None:
    codes = ("role-could-be-freed", "place-in-line", "of-a-later-release")
    seen = await opened(standing(Status.WAITLISTED, *codes, moves=(WITHDRAW,), ahead=2))
    assert "2 people are ahead of you." in seen.words
    assert "in English" not in seen.words


@every_case(
    ("status", "moves"),
    [
        (Status.JOINED, (WITHDRAW,)),
        (Status.REQUESTED, (WITHDRAW,)),
        (Status.OFFERED, (WITHDRAW,)),
        (Status.INVITED, (ACCEPT, DECLINE)),
        (Status.WITHDRAWN, (RequestToJoin.routing_key,)),
    ],
)
async def test_nothing_is_explained_to_who_gets_on(status: Status, moves: tuple[str, ...]) -> None:
    visit = standing(status, "room-full", moves=moves)
    assert "All seats are taken" not in (await opened(visit)).words
    assert explained(visit) == []


async def test_a_page_does_without_reasons_that_do_not_come() -> None:
    visit = standing(Status.WAITLISTED, moves=(WITHDRAW,), ahead=0)
    del visit.gateway.answers[Explain]
    assert "You are next in line." in (await opened(visit)).words
