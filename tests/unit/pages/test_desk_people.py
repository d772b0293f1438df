"""The people of a room on its desk: listed by status, and what each office does about one of them."""

import inspect
import re
from typing import Any
from uuid import UUID

from tests.support.every_case import every_case
from tests.unit.pages.builders import ADA, HOST, NOW, ROOM, a_change, a_membership_result, a_room
from tests.unit.pages.every_page import COMMANDS, filled_in, with_parts
from tests.unit.pages.hosts import BEN, CLEO, QUESTIONS, a_roster, an_entry, named
from tests.unit.pages.sites import PreparedGateway, Seen, Visit, a_visit, accepted

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import (
    ChangeRole,
    Explain,
    Explanation,
    GetHistory,
    GetMembership,
    GetRoster,
    History,
    LiftBar,
    OfferSeat,
    Prioritise,
    Reason,
    Remove,
    RevokeInvitation,
    RevokeOffer,
    RosterEntry,
    Status,
)
from practio_contracts.message import Query
from practio_contracts.notifications import NamePeople
from practio_contracts.rooms import GetRoom, RoomResult
from practio_membership.domain import explanation
from practio_pages.pages.person_steps import STEPS

HERS = Link(Purpose.DESK, ADA, ROOM, locale="en", time_zone="Europe/Rome")
ENDS = (Status.DECLINED, Status.WITHDRAWN, Status.LAPSED, Status.REMOVED, Status.ENDED)
REASONS = sorted({*re.findall(r'code="([a-z-]+)"', inspect.getsource(explanation)), *ENDS})
"""The codes of the reasons that membership gives."""

ABOUT_BEN = {"room_id": ROOM, "person_id": BEN}


def explained(*codes: str, has_seat: bool = False, **figures: Any) -> Explanation:
    reasons = [Reason.model_validate({"code": code, "text": "in English", "at": NOW, **figures}) for code in codes]
    return Explanation(has_seat=has_seat, status=Status.WAITLISTED, reasons=reasons)


def a_room_with(*entries: RosterEntry, status: Status = Status.JOINED, roster: Any = None, **room: Any) -> Visit:
    visit = a_visit()
    shown = {"host_id": ADA, "roles": [{"name": "coach"}, {"name": "observer"}], **room}
    visit.gateway.answers |= {
        GetRoom: RoomResult(room=a_room(**shown)),
        GetRoster: roster or a_roster(entries),
        NamePeople: named,
        GetMembership: a_membership_result(status, person_id=BEN),
        GetHistory: History(changes=[]),
        Explain: explained("may-ask"),
    }
    visit.gateway.outcomes |= {command: accepted(command) for command in COMMANDS}
    return visit


async def opened(visit: Visit, path: str = "") -> Seen:
    return await visit.get(visit.path(HERS) + "/people" + path)


async def about_ben(visit: Visit, step: str = "") -> Seen:
    return await opened(visit, f"/{BEN}{'/' if step else ''}{step}")


async def pressed(visit: Visit, seen: Seen, **entered: str) -> Seen:
    [form] = seen.html.select("form[method=post]")
    return await visit.post(seen.path, filled_in(form) | entered)


def only_sent(visit: Visit) -> Any:
    [sent] = visit.gateway.sent
    assert sent.actor == ADA
    return sent.command


async def test_people_are_listed_by_status_with_what_they_wrote() -> None:
    visit = a_room_with(
        an_entry(BEN, Status.WAITLISTED, ahead=0, answers={"why": "To <learn>."}),
        an_entry(CLEO, Status.JOINED, role="coach"),
        access={"policy": "approval", "questions": QUESTIONS},
    )
    seen = await opened(visit)
    found = {each["aria-labelledby"]: each.words for each in seen.html.select("section")}
    assert list(found) == ["seats", "line", "inside"]
    assert "Ben Okri First in line. What they wrote What do you bring? To <learn>." in found["line"]
    assert "Cléo <Vic> , coach" in found["inside"]
    [ben, _] = seen.html.select("section h3 a")
    assert (await visit.get(str(ben["href"]))).status == 200


async def test_who_was_removed_is_listed_with_who_is_barred() -> None:
    removed = [an_entry(BEN, Status.REMOVED, barred=True), an_entry(CLEO, Status.REMOVED, barred=False)]
    ben, cleo = (await opened(a_room_with(*removed), "/former")).html.select("section[aria-labelledby=removed] li")
    assert "Barred" in ben.get_text()
    assert "Barred" not in cleo.get_text()


@every_case("end", ENDS)
async def test_links_alone_lead_to_a_person_whose_membership_has_ended(end: Status) -> None:
    visit = a_room_with(an_entry(BEN, end), an_entry(CLEO, Status.JOINED), status=end)
    people = await opened(visit)
    assert "Ben Okri" not in people.words
    [former] = [each for each in people.html.select("main a") if "before" in each.get_text()]
    listed = await visit.get(str(former["href"]))
    [ben] = [each for each in listed.html.select("section h3 a") if each.get_text() == "Ben Okri"]
    person = await visit.get(str(ben["href"]))
    assert (person.status, "Ben Okri" in person.html.select("h1")[0].get_text()) == (200, True)


async def test_there_is_no_link_to_people_who_were_there_before_while_there_is_nobody() -> None:
    visit = a_room_with(an_entry(BEN, Status.JOINED))
    assert "/people/former" not in str((await opened(visit)).html)
    assert "Nobody has left" in (await opened(visit, "/former")).words


async def test_each_page_of_a_long_list_leads_to_the_next() -> None:
    people = [an_entry(BEN, Status.JOINED), an_entry(CLEO, Status.JOINED)]
    visit = a_room_with(roster=a_roster(people, pages=1))
    [more] = (await opened(visit)).html.select("a[rel=next]")
    assert "Cléo" in (await opened(visit, str(more["href"]).partition("#")[0])).words
    assert (await opened(visit, "?inside=nowhere")).status == 404


class BesideTheReleaseBefore(PreparedGateway):
    """Answers as a membership that knows no query for several statuses."""

    async def ask(self, query: Query, answer: type[Any], *, actor: UUID) -> Any:
        if isinstance(query, GetRoster) and query.statuses:
            return Refusal(code="invalid", detail="this field is not known")
        return await super().ask(query, answer, actor=actor)


async def test_people_are_listed_beside_a_membership_that_answers_for_one_status_at_a_time() -> None:
    visit = a_room_with(an_entry(BEN, Status.WAITLISTED, ahead=0), an_entry(CLEO, Status.JOINED))
    expected = [each["aria-labelledby"] for each in (await opened(visit)).html.select("section")]
    older = BesideTheReleaseBefore()
    older.answers = visit.gateway.answers
    with_parts(visit, gateway=older)
    seen = await opened(visit)
    assert [each["aria-labelledby"] for each in seen.html.select("section")] == expected == ["seats", "line", "inside"]


class WithShortAnswers(PreparedGateway):
    """Answers as a membership whose answer to a query for several statuses is full before the people in the room."""

    async def ask(self, query: Query, answer: type[Any], *, actor: UUID) -> Any:
        found = await super().ask(query, answer, actor=actor)
        if isinstance(query, GetRoster) and query.statuses:
            listed = [each for each in found.entries if each.membership.status is not Status.JOINED]
            return found.model_copy(update={"entries": listed, "after_of": {Status.JOINED: "before-all"}})
        return found


async def test_a_part_for_which_one_answer_had_no_room_is_asked_for_alone() -> None:
    visit = a_room_with(an_entry(BEN, Status.WAITLISTED, ahead=0), an_entry(CLEO, Status.JOINED))
    short = WithShortAnswers()
    short.answers = visit.gateway.answers
    with_parts(visit, gateway=short)
    seen = await opened(visit)
    assert [each["aria-labelledby"] for each in seen.html.select("section")] == ["seats", "line", "inside"]
    assert "Cléo" in seen.words


async def test_a_draft_has_no_people_and_says_why() -> None:
    unknown = Refusal(code="room-unknown", detail="x")
    visit = a_room_with(roster=lambda _: unknown)
    visit.gateway.answers[GetRoom] = RoomResult(room=a_room(host_id=ADA, status="draft"))
    seen = await opened(visit)
    assert (seen.status, "nobody can join before it is published" in seen.words) == (200, True)


@every_case(
    ("office", "status", "steps"),
    [
        ("host", Status.REQUESTED, ["Set the priority"]),
        ("host", Status.WAITLISTED, ["Offer a seat", "Set the priority"]),
        ("host", Status.OFFERED, ["Take the offer back", "Set the priority"]),
        ("host", Status.INVITED, ["Set the priority", "Take the invitation back"]),
        ("host", Status.JOINED, ["Change the role", "Choose a buddy", "Remove from the room"]),
        ("host", Status.REMOVED, ["Lift the bar"]),
        ("host", Status.WITHDRAWN, []),
        ("facilitator", Status.JOINED, ["Change the role", "Choose a buddy"]),
        ("steward", Status.JOINED, ["Choose a buddy"]),
        ("steward", Status.INVITED, ["Take the invitation back"]),
    ],
)
async def test_each_office_sees_what_it_can_do_about_a_person(office: str, status: Status, steps: list[str]) -> None:
    offices = {"host": {}, "facilitator": {"facilitator_ids": [ADA]}, "steward": {"steward_ids": [ADA]}}[office]
    visit = a_room_with(status=status, **({"host_id": HOST} if offices else {}), **offices)
    seen = await about_ben(visit)
    assert [" ".join(each.get_text().split()) for each in seen.html.select(".cards h3")] == steps


@every_case(
    ("step", "status", "entered", "command", "words"),
    [
        ("offer", Status.WAITLISTED, {}, OfferSeat(**ABOUT_BEN), "a seat is offered"),
        (
            "offer",
            Status.WAITLISTED,
            {"over_capacity": "yes"},
            OfferSeat(**ABOUT_BEN, over_capacity=True),
            "a seat is offered",
        ),
        ("revoke-offer", Status.OFFERED, {}, RevokeOffer(**ABOUT_BEN), "the offer is taken back"),
        (
            "priority",
            Status.WAITLISTED,
            {"priority": " −5 "},
            Prioritise(**ABOUT_BEN, priority=-5),
            "the priority is set",
        ),
        ("revoke-invitation", Status.INVITED, {}, RevokeInvitation(**ABOUT_BEN), "the invitation is taken back"),
        ("role", Status.JOINED, {"role": "coach"}, ChangeRole(**ABOUT_BEN, role="coach"), "the role is changed"),
        ("remove", Status.JOINED, {"reason": " Ill. "}, Remove(**ABOUT_BEN, reason="Ill."), "Done: removed."),
        (
            "remove",
            Status.JOINED,
            {"reason": "Ill.", "bar": "yes"},
            Remove(**ABOUT_BEN, reason="Ill.", bar=True),
            "removed and barred",
        ),
        ("lift-bar", Status.REMOVED, {}, LiftBar(**ABOUT_BEN), "the bar is lifted"),
    ],
)
async def test_a_step_is_taken_once_however_often_its_button_is_pressed(
    step: str, status: Status, entered: dict[str, str], command: Any, words: str
) -> None:
    visit = a_room_with(status=status)
    seen = await about_ben(visit, step)
    assert (seen.status, seen.html.select("#follows") != []) == (200, True)
    for _ in range(2):
        done = await pressed(visit, seen, **entered)
        assert (done.status, words in done.html.select("[role=status]")[0].get_text()) == (200, True)
    first, again = visit.gateway.sent
    assert (first, first.command, first.actor) == (again, command, ADA)


@every_case(
    ("step", "words"),
    [("remove", "It cannot be undone"), ("revoke-offer", "It cannot be undone"), ("remove", "Bar them too")],
)
async def test_what_cannot_be_taken_back_is_said_before_it_is_done(step: str, words: str) -> None:
    visit = a_room_with(status=Status.OFFERED if step == "revoke-offer" else Status.JOINED)
    seen = await about_ben(visit, step)
    assert (words in seen.words, visit.gateway.sent) == (True, [])


@every_case(("step", "status"), [("remove", Status.JOINED), ("revoke-offer", Status.OFFERED)])
@every_case(
    ("counts", "room", "words"),
    [
        ({"joined": 8, "waitlisted": 2}, {}, "2 people are on the waitlist: the seat goes to the next of them"),
        ({"joined": 8, "waitlisted": 1}, {}, "One person is on the waitlist: the seat goes to them"),
        ({"joined": 3}, {}, "Nobody is on the waitlist, so the seat is free then."),
        ({"joined": 9, "waitlisted": 2}, {}, "This frees no seat"),
        (
            {"joined": 8, "waitlisted": 2},
            {"access": {"policy": "open", "waitlist": {"enabled": False}}},
            "The room has no waitlist, so the seat is free then.",
        ),
    ],
)
async def test_who_gets_a_seat_that_becomes_free_is_said_with_figures(
    step: str, status: Status, counts: dict[str, int], room: dict[str, Any], words: str
) -> None:
    visit = a_room_with(status=status, roster=a_roster([], **counts), **room)
    assert words in (await about_ben(visit, step)).words


@every_case(
    ("step", "status", "entered", "words"),
    [
        ("remove", Status.JOINED, {"reason": " "}, "Please give a reason"),
        ("remove", Status.JOINED, {"reason": "x" * 10_001}, "too long"),
        ("remove", Status.JOINED, {"reason": "a\x00b"}, "cannot be read"),
        ("priority", Status.WAITLISTED, {"priority": "101"}, "whole number from −100 to 100"),
        ("priority", Status.WAITLISTED, {"priority": "1.5"}, "whole number from −100 to 100"),
        ("priority", Status.WAITLISTED, {"priority": "--5"}, "whole number from −100 to 100"),
        ("role", Status.JOINED, {"role": "king"}, "Choose one of these options"),
    ],
)
async def test_a_faulty_field_comes_back_as_it_was_filled_in(
    step: str, status: Status, entered: dict[str, str], words: str
) -> None:
    visit = a_room_with(status=status)
    seen = await pressed(visit, await about_ben(visit, step), **entered)
    assert (seen.status, visit.gateway.sent) == (422, [])
    assert words in seen.html.select(".fault[role=alert]")[0].get_text()
    if step != "role":
        kept = filled_in(seen.html.select("form[method=post]")[0])
        assert {name: kept[name].replace("�", "\x00") for name in entered} == entered


@every_case(
    ("step", "status", "entered", "code", "words"),
    [
        ("offer", Status.WAITLISTED, {}, "seat-taken", "tick the box"),
        ("offer", Status.WAITLISTED, {}, "not-waiting", "no longer on the waitlist"),
        ("revoke-offer", Status.OFFERED, {}, "offer-expired", "no offer to this person any more"),
        ("role", Status.JOINED, {"role": "coach"}, "role-full", "exchange roles between people"),
        ("remove", Status.JOINED, {"reason": "<Ill>"}, "not-a-member", "no longer has a seat"),
        ("remove", Status.JOINED, {"reason": "<Ill>"}, "not-allowed", "Your office in this room does not include"),
    ],
)
async def test_a_refused_step_comes_back_filled_with_why_in_words(
    step: str, status: Status, entered: dict[str, str], code: str, words: str
) -> None:
    visit = a_room_with(status=status)
    seen = await about_ben(visit, step)
    command = STEPS[step].command
    visit.gateway.outcomes[command] = Refusal(code=code, detail="x")
    refused = await pressed(visit, seen, **entered)
    assert (refused.status, words in refused.html.select("[role=alert]")[0].get_text()) == (409, True)
    assert type(only_sent(visit)) is command
    kept = filled_in(refused.html.select("form[method=post]")[0])
    assert kept | entered == kept


async def test_a_step_that_is_not_possible_any_more_shows_what_was_written() -> None:
    visit = a_room_with()
    seen = await about_ben(visit, "remove")
    visit.gateway.answers[GetMembership] = a_membership_result(Status.WITHDRAWN, person_id=BEN)
    visit.gateway.outcomes[Remove] = Refusal(code="not-a-member", detail="x")
    refused = await pressed(visit, seen, reason="Never came.")
    assert (refused.status, refused.html.select("form")) == (409, [])
    assert [each.get_text() for each in refused.html.select("[aria-labelledby=written] .typed")] == ["Never came."]


async def test_a_step_that_somebody_has_taken_meanwhile_changes_nothing() -> None:
    visit = a_room_with(status=Status.REMOVED)
    visit.gateway.outcomes[LiftBar] = accepted(LiftBar, changed=False)
    assert "This was already done" in (await pressed(visit, await about_ben(visit, "lift-bar"))).words


async def test_what_somebody_else_has_chosen_meanwhile_is_shown_before_it_is_replaced() -> None:
    visit = a_room_with(*(an_entry(each, Status.JOINED) for each in (ADA, CLEO)))

    def now(**fields: Any) -> None:
        visit.gateway.sent.clear()
        result = a_membership_result(Status.JOINED, person_id=BEN)
        assert result.membership is not None
        membership = result.membership.model_copy(update={"role": fields.get("role")})
        found = result.model_copy(update={"membership": membership, "buddy_id": fields.get("buddy_id")})
        visit.gateway.answers[GetMembership] = found

    for step, entered, theirs, mine in (
        ("role", {"role": "coach"}, {"role": "observer"}, {"role": "coach"}),
        ("buddy", {"buddy_id": str(CLEO)}, {"buddy_id": ADA}, {"buddy_id": CLEO}),
    ):
        now()
        seen = await about_ben(visit, step)
        now(**mine)
        assert (await pressed(visit, seen, **entered)).status == 200
        now(**theirs)
        behind = await pressed(visit, seen, **entered)
        assert (behind.status, visit.gateway.sent) == (409, [])
        assert "Somebody else has changed this in the meantime" in behind.words
        assert filled_in(behind.html.select("form[method=post]")[0]).items() >= entered.items()
        assert (await pressed(visit, behind)).status == 200
        assert len(visit.gateway.sent) == 1
    now()
    seen = await about_ben(visit, "role")
    now(role="observer")
    faulty = await pressed(visit, seen, role="king")
    assert faulty.status == 422
    behind = await pressed(visit, faulty, role="coach")
    assert (behind.status, visit.gateway.sent) == (409, [])


async def test_an_office_lost_while_the_page_was_open_loses_nothing_that_was_typed() -> None:
    visit = a_room_with()
    seen = await about_ben(visit, "remove")
    visit.gateway.answers[GetRoom] = RoomResult(room=a_room(host_id=HOST))
    closed = await pressed(visit, seen, reason="Mine")
    assert (closed.status, visit.gateway.sent) == (403, [])
    assert [each.get_text() for each in closed.html.select(".typed")] == ["Mine"]


async def test_the_history_tells_the_person_from_the_reader() -> None:
    visit = a_room_with()
    visit.gateway.answers[GetHistory] = History(
        changes=[
            a_change("requested", Status.REQUESTED, by=str(BEN)),
            a_change("joined", Status.JOINED, by=str(ADA), at=NOW),
        ]
    )
    listed = (await about_ben(visit)).html.select("[aria-labelledby=history] li")
    steps = [each.words for each in listed]
    assert [each.rpartition(", ")[2] for each in steps] == ["by you", "by the person"]


@every_case("code", [*REASONS, "waitlist-closed", "reapply-later", "invitation-required", "barred"])
async def test_every_reason_is_put_into_words(code: str) -> None:
    visit = a_room_with(status=Status.WAITLISTED)
    visit.gateway.answers[Explain] = explained(
        code, role="coach", capacity=3, seats_taken=2, seats_held=1, ahead=2, priority=5, until=NOW
    )
    [reason] = (await about_ben(visit)).html.select("[aria-labelledby=why] li")
    assert (reason.select("[lang=en]"), len(reason.get_text().split()) > 4) == ([], True)


async def test_why_a_person_has_no_seat_is_said_in_order_and_an_unknown_reason_in_english() -> None:
    visit = a_room_with(status=Status.WAITLISTED)
    visit.gateway.answers[Explain] = explained(
        "room-full", "place-in-line", "new", capacity=3, seats_taken=2, seats_held=1, ahead=2, priority=5
    )
    seen = await about_ben(visit)
    assert "Why this person has no seat" in seen.words
    assert [" ".join(each.get_text().split()) for each in seen.html.select("[aria-labelledby=why] li")] == [
        "All seats are in use: 3 in all, 2 taken, 1 held for offers.",
        "2 people are ahead of them on the waitlist; their priority is 5.",
        "in English",
    ]
    assert filled_in((await about_ben(visit, "priority")).html.select("form")[0])["priority"] == "5"


@every_case("path", ["/nobody", f"/{BEN}/burn"])
async def test_an_unknown_person_or_step_is_no_page(path: str) -> None:
    assert (await opened(a_room_with(), path)).status == 404
