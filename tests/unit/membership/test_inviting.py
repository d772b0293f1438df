"""Invitations: before asking, after asking, into a full room, answered, taken back, over."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.support.every_case import every_case
from tests.unit.membership.builders import ADA, BEA, CARL, FACILITATOR, HOST, NOW, STEWARD, a_room
from tests.unit.membership.memory import House

from practio_chassis.context import Done
from practio_contracts.answers import Refusal
from practio_contracts.membership import (
    AcceptInvitation,
    ApproveRequest,
    DeclineInvitation,
    InvitationDeclined,
    InvitationLapsed,
    Invite,
    Invited,
    Joined,
    Remove,
    RequestToJoin,
    RevokeInvitation,
    Status,
)
from practio_contracts.message import Message

ROLES = [{"name": "coach", "seats": 1}, {"name": "coachee", "seats": 2}]


def a_house(*seated: UUID, capacity: int = 1, **fields: Any) -> House:
    """Return a room by invitation in which these people sit."""
    house = House.opened(a_room(capacity, **({"policy": "invitation"} | fields)))
    for person in seated:
        house.send(Invite, person, by=HOST)
        house.send(AcceptInvitation, person)
    return house


def code_of(result: Done | Refusal) -> str | None:
    return result.code if isinstance(result, Refusal) else None


def last(house: House, kind: type[Any]) -> Any:
    return next(outgoing.message for outgoing in reversed(house.published) if isinstance(outgoing.message, kind))


def test_an_invited_person_has_no_seat_until_they_accept() -> None:
    house = a_house()
    house.send(Invite, ADA, by=HOST, message="Come and see.")
    event = last(house, Invited)
    assert (event.message, event.membership.status, event.membership.requested_at) == ("Come and see.", "invited", None)
    assert (house.state.taken, house.state.held, house.state.pending) == (0, 0, 0)
    house.send(AcceptInvitation, ADA)
    assert (last(house, Joined).how, house.state.taken) == ("invitation", 1)


def test_a_person_who_accepts_in_a_full_room_waits_behind_earlier_requests() -> None:
    house = a_house(ADA)
    house.send(Invite, CARL, by=HOST)
    house.edit(access={"policy": "open"})
    house.send(RequestToJoin, BEA)
    house.send(AcceptInvitation, CARL)
    waiting = [each.snapshot for each in house.people if each.status is Status.WAITLISTED]
    assert [each.person_id for each in waiting] == [BEA, CARL]
    assert waiting[1].requested_at == NOW


def test_an_invitation_over_capacity_gives_a_counted_place_in_a_full_room() -> None:
    house = a_house(ADA)
    house.send(Invite, BEA, by=FACILITATOR, over_capacity=True)
    house.send(AcceptInvitation, BEA)
    assert last(house, Joined).how == "over-capacity"
    assert (house.state.taken, house.state.beyond, house.state.free) == (2, 1, 0)


def test_a_place_over_capacity_is_not_used_up_while_a_seat_is_free() -> None:
    house = a_house()
    house.send(Invite, ADA, by=HOST, over_capacity=True)
    house.send(AcceptInvitation, ADA)
    assert (last(house, Joined).how, house.state.beyond) == ("invitation", 0)


def test_a_request_of_an_invited_person_accepts_the_invitation() -> None:
    house = a_house()
    house.send(Invite, ADA, by=STEWARD)
    result = house.send(RequestToJoin, ADA)
    assert isinstance(result, Done)
    assert (last(house, Joined).how, house.status(ADA)) == ("invitation", Status.JOINED)


def test_an_invitation_approves_a_pending_request() -> None:
    house = House.opened(a_room(1, policy="approval"))
    house.send(RequestToJoin, ADA)
    house.send(Invite, ADA, by=STEWARD)
    assert (last(house, Joined).how, last(house, Joined).membership.by) == ("approved", str(STEWARD))
    assert code_of(house.send(ApproveRequest, ADA, by=HOST)) == "already-decided"


def test_the_role_of_an_invitation_is_the_role_of_the_seat_and_waits_if_it_is_full() -> None:
    house = House.opened(a_room(3, roles=ROLES, policy="invitation"))
    for person in (ADA, BEA):
        house.send(Invite, person, by=HOST, role="coach")
        house.send(AcceptInvitation, person, roles=["coachee"])
    assert last(house, Joined).membership.role == "coach"
    assert house.status(BEA) is Status.WAITLISTED
    assert code_of(house.send(Invite, CARL, by=HOST, role="judge")) == "role-unknown"


def test_accepting_an_invitation_needs_the_same_answers_as_a_request() -> None:
    guidelines = {"version": 2, "text": "What is said here stays here."}
    house = a_house(guidelines=guidelines, questions=[{"key": "case", "text": "Which case?", "required": True}])
    house.send(Invite, ADA, by=HOST)
    assert code_of(house.send(AcceptInvitation, ADA)) == "answers-missing"
    answered: dict[str, Any] = {"answers": {"case": "A late teacher"}}
    assert code_of(house.send(AcceptInvitation, ADA, **answered)) == "guidelines-not-accepted"
    assert code_of(house.send(AcceptInvitation, ADA, **answered, accepted_guidelines=2)) is None
    assert house.status(ADA) is Status.JOINED


def test_an_invitation_expires_at_its_instant_before_and_after_its_timer() -> None:
    house = a_house()
    ends = NOW + timedelta(days=2)
    house.send(Invite, ADA, by=HOST, expires_at=ends.isoformat())
    house.memory.now = ends
    for _ in range(2):
        assert code_of(house.send(AcceptInvitation, ADA)) == "invitation-unknown"
        house.fire_timers()
    event = last(house, InvitationLapsed)
    assert (event.membership.status, event.membership.since, event.membership.by) == ("lapsed", ends, "system")
    house.send(Invite, ADA, by=HOST)
    assert house.status(ADA) is Status.INVITED


def test_an_invitation_without_an_end_lasts_as_long_as_a_request() -> None:
    house = a_house(request_expires_after_days=5)
    house.send(Invite, ADA, by=HOST)
    assert last(house, Invited).membership.invitation_expires_at == NOW + timedelta(days=5)


def test_a_revoked_or_declined_invitation_cannot_be_accepted() -> None:
    house = a_house()
    ways: dict[UUID, tuple[type[Message], UUID]] = {ADA: (RevokeInvitation, HOST), BEA: (DeclineInvitation, BEA)}
    for person, (command, by) in ways.items():
        house.send(Invite, person, by=HOST)
        house.send(command, person, by=by)
        assert code_of(house.send(AcceptInvitation, person)) == "invitation-unknown"
    assert (house.status(ADA), house.status(BEA)) == (Status.LAPSED, Status.WITHDRAWN)
    assert not house.timers


def test_the_reason_for_declining_is_stored() -> None:
    house = a_house()
    house.send(Invite, ADA, by=HOST)
    house.send(DeclineInvitation, ADA, message="Not this term.")
    assert last(house, InvitationDeclined).membership.reason == "Not this term."


def test_an_invitation_survives_a_closed_room_which_makes_no_new_ones() -> None:
    house = a_house(capacity=2)
    house.send(Invite, ADA, by=HOST)
    house.edit(status="closed")
    assert code_of(house.send(Invite, BEA, by=HOST)) == "room-not-open"
    house.send(AcceptInvitation, ADA)
    assert house.status(ADA) is Status.JOINED


@every_case("person", [HOST, FACILITATOR, STEWARD])
def test_an_office_holder_cannot_be_invited(person: UUID) -> None:
    assert code_of(a_house().send(Invite, person, by=HOST)) == "holds-office"


def test_a_barred_person_cannot_be_invited_before_the_bar_is_lifted() -> None:
    house = a_house(ADA)
    house.send(Remove, ADA, by=HOST, reason="Shouted.", bar=True)
    assert code_of(house.send(Invite, ADA, by=HOST)) == "barred"


def test_an_invitation_cannot_expire_before_it_is_made() -> None:
    for by, room_id in ((HOST, None), (BEA, None), (HOST, uuid4())):
        where = {"room_id": room_id} if room_id else {}
        refused = a_house().send(Invite, ADA, by=by, expires_at=NOW.isoformat(), **where)
        assert isinstance(refused, Refusal)
        assert (refused.code, refused.errors[0].field) == ("invalid", "expires_at"), "the data come first"


def test_a_role_removed_since_the_invitation_does_not_bind() -> None:
    house = House.opened(a_room(3, roles=ROLES, policy="invitation"))
    house.send(Invite, ADA, by=HOST, role="coach")
    house.edit(roles=[{"name": "coachee", "seats": None}])
    house.send(AcceptInvitation, ADA)
    assert last(house, Joined).membership.role == "coachee"
