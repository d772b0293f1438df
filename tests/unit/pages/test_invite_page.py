"""Inviting people by their addresses: each line on its own, what failed comes back, pressed twice counts once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from tests.support.every_case import every_case
from tests.unit.pages.builders import ADA, HOST, NOW, ROOM, a_history, a_membership, a_room
from tests.unit.pages.every_page import filled_in, with_parts
from tests.unit.pages.hosts import BEN, CLEO, a_roster, an_entry, named
from tests.unit.pages.sites import Seen, Visit, a_visit, accepted

from practio_contracts.answers import CommandAccepted, Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import (
    Explain,
    Explanation,
    GetHistory,
    GetMembership,
    GetRoster,
    Invite,
    MembershipResult,
    Reason,
    Status,
)
from practio_contracts.message import Command
from practio_contracts.notifications import Introduce, NamePeople
from practio_contracts.rooms import GetRoom, RoomResult
from practio_pages.pages.invited_lines import (
    MOST,
    InvitedLine,
    InvitedLineOutcome,
    InvitedLineResult,
    lines_of,
    remaining,
)
from practio_pages.rates import Meter

HERS = Link(Purpose.DESK, ADA, ROOM, locale="en", time_zone="Europe/Rome")
INVITED = accepted(Invite, status="invited")
TOO_MANY = Refusal(code="too-many", detail="x", retry_after=NOW + timedelta(days=1))


def id_of(address: str) -> UUID:
    return uuid5(ROOM, address)


def a_room_that_invites(
    *,
    refused: dict[str, Refusal] | None = None,
    most: int = 1_000,
    invite: Callable[[Invite], CommandAccepted | Refusal] = lambda _: INVITED,
    **room: Any,
) -> Visit:
    """Return a visit to a room where ``most`` introductions are accepted, except those ``refused`` by address."""
    visit = a_visit()
    visit.gateway.answers[GetRoom] = RoomResult(room=a_room(**{"host_id": ADA, **room}))
    visit.gateway.answers[GetRoster] = a_roster([])
    send = visit.gateway.send

    async def answer(command: Command, *, actor: UUID, id: UUID) -> CommandAccepted | Refusal:  # noqa: A002
        if isinstance(command, Introduce):
            so_far = {each.id for each in visit.gateway.sent if isinstance(each.command, Introduce)} | {id}
            state = accepted(Introduce, person_id=str(id_of(command.email)))
            visit.gateway.outcomes[Introduce] = (refused or {}).get(
                command.email, state if len(so_far) <= most else TOO_MANY
            )
        elif isinstance(command, Invite):
            visit.gateway.outcomes[Invite] = invite(command)
        return await send(command, actor=actor, id=id)

    visit.gateway.send = answer  # type: ignore[method-assign]
    return visit


@every_case(("introduces", "is_stated"), [(False, True), (True, False)])
async def test_where_strangers_cannot_say_who_they_are_the_form_says_that_they_need_a_name(
    introduces: bool, is_stated: bool
) -> None:
    visit = a_room_that_invites()
    with_parts(visit, introduces=introduces)
    hint = (await opened(visit)).html.select("#addresses-hint")[0].get_text()
    assert ("People who are new here need one" in hint) == is_stated


async def opened(visit: Visit) -> Seen:
    return await visit.get(visit.path(HERS) + "/people/invite")


async def pressed(visit: Visit, seen: Seen, **entered: str) -> Seen:
    [form] = seen.html.select("form[method=post]")
    return await visit.post(seen.path, filled_in(form) | entered)


def came(seen: Seen) -> dict[str, str]:
    """Return what the page says about each line."""
    rows = seen.html.select("[aria-labelledby=came] dl > div")
    return {each.select("dt")[0].get_text(): " ".join(each.select("dd")[0].get_text().split()) for each in rows}


def left_in(seen: Seen) -> str:
    return seen.html.select("textarea[name=addresses]")[0].get_text().removeprefix("\n")


def invited(visit: Visit) -> list[Invite]:
    return [each.command for each in visit.gateway.sent if isinstance(each.command, Invite)]


@every_case(
    ("text", "expected"),
    [
        ("ada@example.org", [("ada@example.org", None)]),
        ("  Ada Moretti <ada@example.org>\r\n\r\n", [("ada@example.org", "Ada Moretti")]),
        ('"Moretti, Ada" <ada@example.org>', [("ada@example.org", "Moretti, Ada")]),
        ("<ada@example.org>", [("ada@example.org", None)]),
        ("a@x.org; b@x.org, C <c@x.org>", [("a@x.org", None), ("b@x.org", None), ("c@x.org", "C")]),
        ("a@x.org\nA@X.org", [("a@x.org", None)]),
        ("ada@пример.рф", [("ada@пример.рф", None)]),
        (" \n ;;", []),
        (
            '"Moretti, Ada" <ada@x.org>, "Okri; Ben" <ben@x.org>',
            [("ada@x.org", "Moretti, Ada"), ("ben@x.org", "Okri; Ben")],
        ),
        (r'"Ada \"Dr\" Moretti" <ada@x.org>', [("ada@x.org", "Ada Dr Moretti")]),
        ('"ada@home, or work" <ada@x.org>', [("ada@x.org", "ada@home, or work")]),
        ('"Ada, the <first" a@x.org\nBen "b@x.org', [("a@x.org", "Ada, the first"), ("b@x.org", "Ben")]),
        ('"a@x.org","b@x.org"', [("a@x.org", None), ("b@x.org", None)]),
        ('"Ada Moretti","ada@x.org"', [("ada@x.org", "Ada Moretti")]),
        ("Ada\tMoretti\tada@x.org", [("ada@x.org", "Ada Moretti")]),
        ("Ada Moretti ada@x.org", [("ada@x.org", "Ada Moretti")]),
        ("Moretti, Ada: ada@x.org.", [("ada@x.org", "Moretti, Ada")]),
        ("ada@x.org (Ada)", [("ada@x.org", "Ada")]),
        ("ada@x.org - Ada O'Hara", [("ada@x.org", "Ada O'Hara")]),
        ("o'hara@x.org, 'b@x.org'", [("o'hara@x.org", None), ("b@x.org", None)]),
        ("mailto:ada@x.org", [("ada@x.org", None)]),
        ("Ada <mailto:ada@x.org>", [("ada@x.org", "Ada")]),
        ("Ada Moretti <ada@x.org<mailto:ADA@x.org>>", [("ada@x.org", "Ada Moretti")]),
        ("[Ada](mailto:ada@x.org)", [("ada@x.org", "Ada")]),
        ("* Ada <ada@x.org>.", [("ada@x.org", "Ada")]),
        (
            "Ada <ada@x.org>,\nBen <ben@x.org>;\ncleo@x.org,",
            [("ada@x.org", "Ada"), ("ben@x.org", "Ben"), ("cleo@x.org", None)],
        ),
        ("ada@x.org ben@x.org\tcleo@x.org", [("ada@x.org", None), ("ben@x.org", None), ("cleo@x.org", None)]),
        ("Ada <ada@x.org> Ben Okri <ben@x.org>", [("ada@x.org", "Ada"), ("ben@x.org", "Ben Okri")]),
        ("Ada <ada@x.org>, Ada Moretti <ada@x.org>", [("ada@x.org", "Ada")]),
        ("ada@home.org <ada@x.org>", [("ada@x.org", "ada@home.org")]),
        ("a b@x.org\nc@x.org>", [("b@x.org", "a"), ("c@x.org", None)]),
    ],
)
def test_addresses_are_read_with_names_and_each_once(text: str, expected: list[tuple[str, str | None]]) -> None:
    found = [line.introduction for line in lines_of(text, room_id=ROOM)]
    assert [each and (each.email, each.display_name) for each in found] == expected


@every_case(
    "text",
    [
        "Ada",
        "ada@",
        "@x.org",
        "a\x00@x.org",
        "a\x00 a@x.org",
        "a..b@x.org",
        "x" * 321 + "@x.org",
        "ада@x.org",
        "<>",
        "ada at y.org, ben@x.org",
        "ada @ y.org, ben@x.org",
        "Ada ada@x.org Ben ben@x.org",
        '"Ada <ben@x.org> "ada@x.org"',
        "Ada <b> ada@x.org <b> @",
    ],
)
def test_a_line_without_an_address_is_broken(text: str) -> None:
    assert [line.introduction for line in lines_of(text, room_id=ROOM)] == [None]


def test_a_broken_address_among_others_is_a_line_of_its_own() -> None:
    found = lines_of("a@x.org, cleo at x.org, b@x.org; c@@x.org d@x.org", room_id=ROOM)
    assert [(line.text, line.introduction is None) for line in found] == [
        ("a@x.org", False),
        ("cleo at x.org", True),
        ("b@x.org", False),
        ("c@@x.org", True),
        ("d@x.org", False),
    ]


@every_case("piece", [" ", "<", '"', "a@", "a", "\\", "'", "a@b ", "(a@b) <", '\\"', '"" <', " ,;"])
def test_a_long_line_is_read_whatever_it_contains(piece: str) -> None:
    assert len(lines_of(piece * 5_000, room_id=ROOM)) <= 1


async def test_each_line_is_introduced_and_invited_once_however_often_the_button_is_pressed() -> None:
    visit = a_room_that_invites(roles=[{"name": "coach"}, {"name": "observer"}])
    seen = await opened(visit)
    assert "What follows" in seen.words
    assert "Ada Moretti <ada@example.org>" in seen.words
    for _ in range(2):
        done = await pressed(visit, seen, addresses="Ben <ben@x.org>\ncleo@x.org", message=" Come <in>. ", role="coach")
        assert (done.status, left_in(done)) == (200, "")
        assert came(done) == {"Ben <ben@x.org>": "Invited.", "cleo@x.org": "Invited."}
    sent = visit.gateway.sent
    assert (len(sent), sent[:4], {each.actor for each in sent}) == (8, sent[4:], {ADA})
    assert [each.command for each in sent[:2]] == [
        Introduce(room_id=ROOM, email="ben@x.org", display_name="Ben"),
        Invite(room_id=ROOM, person_id=id_of("ben@x.org"), role="coach", message="Come <in>."),
    ]
    assert len({each.id for each in sent}) == 4


async def test_what_failed_comes_back_and_the_rest_counts_once_when_a_line_is_corrected() -> None:
    visit = a_room_that_invites()
    seen = await opened(visit)
    first = await pressed(visit, seen, addresses="ben@x.org\ncleo at x.org\n<b>bold", message="Hello")
    assert (first.status, left_in(first)) == (200, "cleo at x.org\n<b>bold")
    assert came(first)["cleo at x.org"] == "This is not an email address. Correct it below."
    assert first.html.select("textarea[name=message]")[0].get_text().strip() == "Hello"
    again = await pressed(visit, seen, addresses="ben@x.org\ncleo@x.org", message="Hello")
    assert again.status == 200
    ids = [each.id for each in visit.gateway.sent if isinstance(each.command, Introduce)]
    assert (ids[0] == ids[1], len(set(ids))) == (True, 2)


async def test_of_two_hundred_lines_the_broken_ones_and_those_beyond_the_day_come_back() -> None:
    visit = a_room_that_invites(most=50)
    lines = [f"person{number}@x.org" if number % 10 else f"broken {number}" for number in range(MOST + 20)]
    done = await pressed(visit, await opened(visit), addresses="\r\n".join(lines))
    assert (done.status, len(invited(visit))) == (200, 50)
    good = [line for line in lines if "@" in line]
    assert [each.person_id for each in invited(visit)] == [id_of(each) for each in good[:50]]
    assert set(left_in(done).split("\n")) == {line for line in lines if line not in good[:50]}
    assert "too many invitations were sent lately" in came(done)[good[50]]
    assert "more lines were not read yet" in done.words
    assert len([each for each in visit.gateway.sent if isinstance(each.command, Introduce)]) == 52


async def test_an_address_that_many_have_invited_stops_nobody_else_and_comes_back_after_what_was_not_read() -> None:
    visit = a_room_that_invites(refused={"ben@x.org": TOO_MANY})
    done = await pressed(visit, await opened(visit), addresses="ben@x.org\ncleo@x.org")
    assert [each.person_id for each in invited(visit)] == [id_of("cleo@x.org")]
    assert left_in(done) == "ben@x.org"
    busy = a_room_that_invites(refused=dict.fromkeys(("ben@x.org", "cleo@x.org"), TOO_MANY))
    done = await pressed(busy, await opened(busy), addresses="ben@x.org\ncleo@x.org\neva@x.org")
    assert (invited(busy), left_in(done).split("\n")) == ([], ["eva@x.org", "ben@x.org", "cleo@x.org"])


async def test_one_client_invites_a_number_of_addresses_an_hour_in_whichever_room() -> None:
    visit = a_room_that_invites()
    with_parts(visit, meter=Meter(inviting="2 per hour"))
    done = await pressed(visit, await opened(visit), addresses="ben@x.org\ncleo@x.org\neva@x.org")
    assert [each.person_id for each in invited(visit)] == [id_of("ben@x.org"), id_of("cleo@x.org")]
    assert "too many invitations were sent lately. You can send this one from this time on" in came(done)["eva@x.org"]
    assert left_in(done) == "eva@x.org"


async def test_without_an_answer_in_the_middle_nothing_is_lost_and_nothing_done_twice() -> None:
    visit = a_room_that_invites()
    seen = await opened(visit)
    visit.gateway.outcomes.pop(Invite, None)
    working = visit.gateway.send

    async def away_after_two(command: Command, *, actor: UUID, id: UUID) -> Any:  # noqa: A002
        visit.gateway.is_away = len(visit.gateway.sent) >= 2
        return await working(command, actor=actor, id=id)

    visit.gateway.send = away_after_two  # type: ignore[method-assign]
    away = await pressed(visit, seen, addresses="ben@x.org\ncleo@x.org", message="Hi")
    assert (away.status, away.buttons) == (503, ["Send it again"])
    visit.gateway.send, visit.gateway.is_away = working, False  # type: ignore[method-assign]
    assert (await pressed(visit, away)).status == 200
    assert len({each.id for each in visit.gateway.sent}) == 4


@every_case(
    ("outcome", "words", "status"),
    [
        (accepted(Invite, changed=False, status="joined"), "nothing has changed", 200),
        (accepted(Invite, status="joined"), "Their request is approved.", 200),
        (Refusal(code="barred", detail="x"), "The host can lift the bar.", 409),
        (Refusal(code="holds-office", detail="x"), "holds an office in the room", 409),
        (Refusal(code="room-not-open", detail="x"), "not accepting new people", 409),
    ],
)
async def test_the_outcome_of_a_line_is_put_into_words(
    outcome: CommandAccepted | Refusal, words: str, status: int
) -> None:
    visit = a_room_that_invites(invite=lambda _: outcome)
    done = await pressed(visit, await opened(visit), addresses="ben@x.org")
    assert (done.status, words in came(done)["ben@x.org"]) == (status, True)
    assert left_in(done) == ("" if status == 200 else "ben@x.org")


@every_case(
    ("entered", "words"),
    [
        ({"addresses": " \n"}, "Enter at least one email address."),
        ({"addresses": "ben@x.org", "message": "a\x00b"}, "cannot be read"),
        ({"addresses": "ben@x.org", "role": "king"}, "Choose one of these options."),
        ({"addresses": "Ben"}, "This is not an email address."),
    ],
)
async def test_faults_are_named_and_what_was_typed_is_kept(entered: dict[str, str], words: str) -> None:
    visit = a_room_that_invites(roles=[{"name": "coach"}, {"name": "observer"}])
    seen = await pressed(visit, await opened(visit), **entered)
    assert (seen.status, words in seen.words, visit.gateway.sent) == (422, True, [])
    assert left_in(seen).strip() == entered["addresses"].strip()


async def test_a_room_that_takes_nobody_keeps_the_addresses_to_copy() -> None:
    visit = a_room_that_invites()
    seen = await opened(visit)
    visit.gateway.answers[GetRoom] = RoomResult(room=a_room(host_id=ADA, status="closed"))
    closed = await pressed(visit, seen, addresses="ben@x.org", message="Hi")
    assert (closed.status, closed.html.select("form"), visit.gateway.sent) == (409, [], [])
    assert [each.get_text() for each in closed.html.select(".typed")] == ["ben@x.org", "Hi"]


async def test_a_steward_invites_and_others_find_no_page() -> None:
    assert (await opened(a_room_that_invites(host_id=HOST, steward_ids=[ADA]))).status == 200
    assert (await opened(a_room_that_invites(host_id=HOST))).status == 403


DORA, EVE = UUID(int=0xD0), UUID(int=0xE0)
ENDED = {BEN: Status.WITHDRAWN, CLEO: Status.REMOVED, DORA: Status.LAPSED}


def with_former_people(visit: Visit, newest: dict[UUID, Status] | None = None, *, barred: bool = False) -> Visit:
    """Add people whose memberships have ended; ``newest`` are the statuses by now of those who are back."""
    now = ENDED | (newest or {})

    def membership_of(query: GetMembership) -> MembershipResult:
        status = now.get(query.person_id)
        found = a_membership(status, person_id=query.person_id) if status else None
        return MembershipResult(membership=found, moves=[])

    code = "barred" if barred else "may-request"
    visit.gateway.answers |= {
        GetRoster: a_roster([an_entry(person, status) for person, status in ENDED.items()]),
        GetMembership: membership_of,
        NamePeople: named,
        GetHistory: a_history(Status.WITHDRAWN),
        Explain: Explanation(has_seat=False, status=Status.REMOVED, reasons=[Reason(code=code, text="x")]),
    }
    return visit


def offered(seen: Seen) -> dict[str, bool]:
    """Return the people who can be ticked, and whether they are."""
    boxes = seen.html.select("input[name^=person-]")
    return {str(box["name"]).removeprefix("person-"): box.has("checked") for box in boxes}


async def test_former_people_are_offered_by_name_if_the_reader_may_see_it() -> None:
    seen = await opened(with_former_people(a_room_that_invites()))
    assert offered(seen) == {str(BEN): False, str(CLEO): False}  # DORA has no name
    assert "Ben Okri Withdrawn" in seen.words
    assert not seen.html.select("textarea[name=addresses]")[0].has("required")


async def test_people_who_are_back_and_people_who_are_barred_are_not_offered() -> None:
    back = await opened(with_former_people(a_room_that_invites(), {BEN: Status.JOINED}))
    barred = await opened(with_former_people(a_room_that_invites(), barred=True))
    assert (set(offered(back)), set(offered(barred))) == ({str(CLEO)}, {str(BEN)})


async def test_a_roster_that_tells_who_may_come_back_takes_no_query_for_each() -> None:
    visit = with_former_people(a_room_that_invites())
    listed = {BEN: True, CLEO: False}
    visit.gateway.answers[GetRoster] = a_roster(
        [an_entry(each, ENDED[each], may_come_back=may) for each, may in listed.items()]
    )
    del visit.gateway.answers[GetMembership], visit.gateway.answers[Explain]
    assert offered(await opened(visit)) == {str(BEN): False}


async def test_ticked_people_are_invited_once_and_each_outcome_is_shown() -> None:
    refused = Refusal(code="holds-office", detail="x")
    visit = with_former_people(a_room_that_invites(invite=lambda each: refused if each.person_id == CLEO else INVITED))
    seen = await opened(visit)
    entered = {f"person-{BEN}": "yes", f"person-{CLEO}": "yes", "addresses": "eve@x.org", "message": "Again?"}
    for _ in range(2):
        done = await pressed(visit, seen, **entered)
        assert came(done) == {
            "Ben Okri": "Invited.",
            "Cléo <Vic>": "Not invited: this person holds an office in the room and needs no seat.",
            "eve@x.org": "Invited.",
        }
    assert (offered(done), left_in(done)) == ({str(CLEO): True, str(BEN): False}, "")
    assert [each.person_id for each in invited(visit)] == [BEN, CLEO, id_of("eve@x.org")] * 2
    assert {each.message for each in invited(visit)} == {"Again?"}
    assert len({each.id for each in visit.gateway.sent}) == 4


async def test_people_alone_are_enough_and_ticks_are_kept_with_a_fault() -> None:
    visit = with_former_people(a_room_that_invites())
    seen = await opened(visit)
    faulty = await pressed(visit, seen, **{f"person-{BEN}": "yes", "message": "a\x00b"})
    assert (faulty.status, offered(faulty)[str(BEN)], visit.gateway.sent) == (422, True, [])
    assert (await pressed(visit, seen, **{f"person-{BEN}": "yes"})).status == 200
    assert (await pressed(visit, seen, **{"person-nobody": "yes"})).status == 422


async def test_a_person_page_leads_there_with_the_person_ticked() -> None:
    visit = with_former_people(a_room_that_invites())
    person = await visit.get(f"{visit.path(HERS)}/people/{BEN}")
    [again] = [str(each["href"]) for each in person.html.select("a") if "Invite again" in each.get_text()]
    assert offered(await visit.get(again)) == {str(BEN): True, str(CLEO): False}
    with_former_people(visit, {BEN: Status.JOINED})
    assert "Invite again" not in (await visit.get(f"{visit.path(HERS)}/people/{BEN}")).words
    with_former_people(visit, barred=True)
    assert "Invite again" not in (await visit.get(f"{visit.path(HERS)}/people/{BEN}")).words


async def test_more_former_people_are_on_pages_of_their_own() -> None:
    visit = with_former_people(a_room_that_invites())
    visit.gateway.answers[GetRoster] = a_roster(
        [an_entry(BEN, Status.WITHDRAWN), an_entry(CLEO, Status.WITHDRAWN)], pages=1
    )
    seen = await opened(visit)
    assert list(offered(seen)) == [str(BEN)]
    assert (await visit.get(f"{seen.path}?withdrawn=x")).status == 404
    [turn] = seen.html.select("button[name=turn]")
    ticked = {f"person-{BEN}": "yes", "addresses": "noor@x.org", "message": "Come.", "turn": str(turn["value"])}
    more = await visit.press(seen, "Send the invitations", **ticked)
    assert (more.status, visit.gateway.sent) == (200, [])
    assert offered(more) == {str(BEN): True, str(CLEO): False}
    assert left_in(more) == "noor@x.org"
    await visit.press(
        more, "Send the invitations", **filled_in(more.form("Send the invitations")), **{f"person-{CLEO}": "yes"}
    )
    assert {each.person_id for each in invited(visit)} >= {BEN, CLEO}


def test_a_ticked_person_leaves_no_line_behind() -> None:
    outcomes = [
        InvitedLineOutcome(InvitedLine("", None, BEN), InvitedLineResult.REFUSED),
        InvitedLineOutcome(InvitedLine("Ben", None), InvitedLineResult.BROKEN),
    ]
    assert remaining(outcomes) == "Ben"


async def test_an_invitation_has_a_last_day_and_a_seat_beyond_the_rooms_if_the_form_says_so() -> None:
    visit = a_room_that_invites()
    seen = await opened(visit)
    for wrong in ("2001-01-01", "soon", "0001-01-01"):
        faulty = await pressed(visit, seen, addresses="ben@x.org", last_day=wrong)
        assert (faulty.status, "a day that is not over yet" in faulty.words, invited(visit)) == (422, True, [])
        assert left_in(faulty) == "ben@x.org"
    await pressed(visit, seen, addresses="ben@x.org", last_day="2900-01-01", over_capacity="yes")
    [sent] = invited(visit)
    assert (sent.expires_at, sent.over_capacity) == (datetime(2900, 1, 1, 22, 59, 59, tzinfo=UTC), True)


async def test_who_is_known_to_the_room_without_a_seat_can_be_appointed_and_become_the_host() -> None:
    visit = a_room_that_invites()
    visit.gateway.answers |= {
        GetMembership: MembershipResult(membership=a_membership(Status.WITHDRAWN, person_id=BEN), moves=[]),
        GetHistory: a_history(Status.JOINED, Status.WITHDRAWN),
        Explain: Explanation(has_seat=False, status=Status.WITHDRAWN, reasons=[Reason(code="left", text="x", at=NOW)]),
        NamePeople: named,
    }
    person = await visit.get(visit.path(HERS) + f"/people/{BEN}")
    for words, button in (("Appoint this person", "Appoint"), ("Hand the room over", "Ask this person")):
        [lead] = [each for each in person.html.select("a") if words in each.get_text()]
        step = await visit.get(str(lead["href"]))
        assert [each["value"] for each in step.html.select("select[name=person] option[selected]")] == [str(BEN)]
        assert any(button in each for each in step.buttons)
