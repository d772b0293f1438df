"""Inviting people of another room: who may, what it keeps, and what a yes ends."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from tests.support.every_case import every_case
from tests.support.stack.example_service import received
from tests.unit.membership.builders import FACILITATOR, HOST, STEWARD
from tests.unit.membership.splitting import Split

from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import (
    HAS_SEAT_ELSEWHERE,
    AcceptInvitation,
    AcceptOffer,
    ApproveRequest,
    DeclineInvitation,
    Invite,
    Invited,
    Remove,
    RequestToJoin,
    Status,
    Withdraw,
    Withdrawn,
)
from practio_contracts.rooms import RoomStatus


def events(split: Split, kind: type[Any]) -> list[Any]:
    published = [*split.first.published, *split.second.published]
    return [each.message for each in published if isinstance(each.message, kind)]


def test_the_waitlist_is_invited_in_its_order_and_answered_in_the_order_asked() -> None:
    split = Split(4)
    backwards = split.waiting[::-1]
    outcomes = split.outcomes(*backwards, message="A second room.")
    assert [(each.person_id, each.accepted, each.status) for each in outcomes] == [
        (person, True, "invited") for person in backwards
    ]
    assert [each.membership.person_id for each in events(split, Invited)] == split.waiting
    assert {each.message for each in events(split, Invited)} == {"A second room."}
    assert {each.membership.from_room_id for each in events(split, Invited)} == {split.first.room.room_id}
    assert split.on_the_waitlist() == split.waiting
    assert (split.second.state.taken, split.second.state.held) == (0, 0)


def test_a_seat_in_the_second_room_ends_the_place_in_the_first_once() -> None:
    split = Split(3)
    split.invite()
    one = split.waiting[1]
    split.second.send(AcceptInvitation, one)
    assert split.on_the_waitlist() == split.waiting, "nothing happens in the first room before the message arrives"
    [command] = split.on_their_way
    split.arrive()
    again = split.first._handle(received(command, account="practio-membership", actor=SYSTEM))
    assert not isinstance(again, Refusal)
    assert again
    assert again.changed is False
    [left] = events(split, Withdrawn)
    assert (left.membership.person_id, left.from_status, left.membership.by) == (one, "waitlisted", str(one))
    assert left.membership.reason == HAS_SEAT_ELSEWHERE
    assert split.on_the_waitlist() == [split.waiting[0], split.waiting[2]]
    assert split.first.state.waiting == 2


def test_a_yes_in_a_full_second_room_keeps_the_place_until_there_is_a_seat() -> None:
    split = Split(3, seats=1)
    split.invite()
    for person in split.waiting[:2]:
        split.second.send(AcceptInvitation, person)
    split.arrive()
    assert split.second.status(split.waiting[1]) is Status.WAITLISTED
    assert split.on_the_waitlist() == split.waiting[1:]
    split.second.send(Withdraw, split.waiting[0])
    split.second.send(AcceptOffer, split.waiting[1])
    split.arrive()
    assert split.on_the_waitlist() == split.waiting[2:]


def test_no_and_silence_keep_the_place() -> None:
    split = Split(3)
    split.invite()
    split.second.send(DeclineInvitation, split.waiting[0])
    split.second.memory.now += timedelta(days=31)
    split.second.fire_timers()
    assert [split.second.status(each) for each in split.waiting] == [Status.WITHDRAWN, Status.LAPSED, Status.LAPSED]
    assert split.on_the_waitlist() == split.waiting


def test_an_offer_in_the_first_room_goes_to_the_next_once_its_person_has_a_seat() -> None:
    split = Split(2)
    split.invite()
    split.first.send(Withdraw, split.seated)
    assert split.first.status(split.waiting[0]) is Status.OFFERED
    split.second.send(AcceptInvitation, split.waiting[0])
    split.arrive()
    assert [split.first.status(each) for each in split.waiting] == [Status.WITHDRAWN, Status.OFFERED]
    assert (split.first.state.taken, split.first.state.held, split.first.state.waiting) == (0, 1, 0)


def test_a_seat_that_the_waitlist_gave_while_the_message_was_on_its_way_ends_too() -> None:
    split = Split(2, first={"waitlist": {"promotion": "automatic"}})
    split.invite()
    split.second.send(AcceptInvitation, split.waiting[0])
    split.first.memory.now += timedelta(seconds=1)
    split.first.send(Withdraw, split.seated)
    assert split.first.status(split.waiting[0]) is Status.JOINED
    split.arrive()
    assert [split.first.status(each) for each in split.waiting] == [Status.WITHDRAWN, Status.JOINED]


def test_a_seat_in_the_first_room_stays_and_so_does_a_later_request() -> None:
    split = Split(2)
    split.invite(split.seated, *split.waiting)
    split.second.send(AcceptInvitation, split.seated)
    split.second.send(AcceptInvitation, split.waiting[0])
    [_, late] = split.on_their_way
    split.arrive()
    assert split.first.status(split.seated) is Status.JOINED
    split.first.memory.now += timedelta(seconds=1)
    split.first.send(RequestToJoin, split.waiting[0])
    split.first._handle(received(late, account="practio-membership", actor=SYSTEM))
    assert split.on_the_waitlist() == [split.waiting[1], split.waiting[0]]


def test_each_is_invited_or_refused_on_their_own() -> None:
    split = Split(5)
    removed, waiting, invited, gone, fresh = split.waiting
    split.second.send(Invite, removed, by=HOST)
    split.second.send(AcceptInvitation, removed)
    split.second.send(Remove, removed, by=HOST, reason="x", bar=True)
    split.second.send(Invite, invited, by=HOST)
    split.first.send(Withdraw, gone)
    stranger = uuid4()
    outcomes = split.outcomes(removed, invited, gone, stranger, STEWARD, fresh, fresh)
    assert [(each.accepted, each.code, each.status) for each in outcomes] == [
        (False, "barred", "removed"),
        (True, None, "invited"),
        (False, "not-a-member", None),
        (False, "not-a-member", None),
        (False, "not-a-member", None),
        (True, None, "invited"),
    ]
    split.first.edit(steward_ids=[])
    split.first.send(RequestToJoin, STEWARD)
    [held] = split.outcomes(STEWARD)
    assert (held.accepted, held.code) == (False, "holds-office")
    assert waiting in split.on_the_waitlist()


def test_a_pending_request_in_the_second_room_is_approved_and_an_expired_invitation_made_again() -> None:
    split = Split(2, policy="approval", request_expires_after_days=60)
    split.second.send(RequestToJoin, split.waiting[0])
    split.second.send(Invite, split.waiting[1], by=HOST, expires_at=split.first.memory.now + timedelta(hours=1))
    split.second.memory.now += timedelta(hours=2)
    outcomes = split.outcomes()
    assert [(each.accepted, each.status) for each in outcomes] == [(True, "joined"), (True, "invited")]
    split.arrive()
    assert split.on_the_waitlist() == split.waiting, "who asked for both themselves decides on both themselves"


@every_case(
    ("by", "first", "second", "code"),
    [
        (HOST, {}, {}, None),
        (STEWARD, {}, {}, None),
        (FACILITATOR, {}, {}, None),
        (SYSTEM, {}, {}, None),
        (STEWARD, {"steward_ids": []}, {}, "not-allowed"),
        (STEWARD, {}, {"steward_ids": []}, "not-allowed"),
        (HOST, {}, {"status": RoomStatus.CLOSED}, "room-not-open"),
        (HOST, {"status": RoomStatus.CLOSED}, {}, None),
    ],
)
def test_an_office_of_both_rooms_invites_into_an_open_one(by: Any, first: Any, second: Any, code: str | None) -> None:
    split = Split(1)
    split.first.edit(**first)
    split.second.edit(**second)
    result = split.invite(by=by)
    assert (result.code if isinstance(result, Refusal) else None) == code
    assert bool(events(split, Invited)) is (code is None)


def test_a_room_invites_nobody_from_itself_or_from_an_unknown_one() -> None:
    split = Split(1)
    unknown, same = (split.invite(from_room_id=each) for each in (uuid4(), split.second.room.room_id))
    nowhere = split.invite(room_id=(neither := uuid4()), from_room_id=neither, by=uuid4())
    assert isinstance(nowhere, Refusal)
    assert nowhere.code == "invalid", "the data come before the room and the right"
    assert isinstance(unknown, Refusal)
    assert isinstance(same, Refusal)
    assert (unknown.code, same.code) == ("room-unknown", "invalid")


def test_a_room_that_is_over_keeps_its_ends_and_approval_is_no_seat() -> None:
    split = Split(2, first={"policy": "approval"})
    split.invite()
    split.first.edit(status=RoomStatus.ARCHIVED)
    split.second.send(AcceptInvitation, split.waiting[0])
    split.arrive()
    assert split.first.status(split.waiting[0]) is Status.ENDED
    assert split.first.send(ApproveRequest, split.waiting[1], by=HOST)
