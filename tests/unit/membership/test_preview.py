"""A preview of requests says what the requests and their approvals then bring."""

import random
from dataclasses import replace
from typing import Any
from uuid import UUID

from tests.support.every_case import every_case
from tests.support.thorough import times
from tests.unit.membership.builders import ADA, BEA, CARL, DORA, FACILITATOR, HOST, a_room
from tests.unit.membership.memory import House, at_once

from practio_chassis.context import Done
from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import (
    AcceptOffer,
    ApproveRequest,
    DeclineRequest,
    Invite,
    PreviewedPlaces,
    PreviewedRequest,
    Prioritise,
    Remove,
    RequestToJoin,
    RevokeOffer,
    Status,
    Withdraw,
)
from practio_contracts.message import Command
from practio_contracts.rooms import Room, RoomStatus
from practio_membership.domain.decision_context import DecisionContext
from practio_membership.domain.preview import places_between, preview_requests, with_places

SEED = 4_711
PEOPLE = [UUID(int=number) for number in range(100, 108)]
NO_WAITLIST = {"enabled": False}
TRIAD = [{"name": "coach", "seats": 1}, {"name": "coachee", "seats": 1}, {"name": "observer"}]
Request = dict[str, Any]


def previewed(house: House, requests: list[Request], *, size: int = 500) -> list[str]:
    """Return the predicted outcomes: a status or a refusal code each; in pages of ``size``."""
    outcomes: list[str] = []
    places = PreviewedPlaces()
    for start in range(0, len(requests), size):
        page = [PreviewedRequest.model_validate(each) for each in requests[start : start + size]]
        state = with_places(house.state, places)
        contested = at_once(house.memory.contested(state)) if state.waiting else frozenset()
        members = {
            each.person_id: member
            for each in page
            if (member := house.memory.member(house.room.room_id, each.person_id))
        }
        context = DecisionContext(state, ADA, None, SYSTEM, house.memory.now, contested)
        found, after = preview_requests(context, page, members, refused={})
        outcomes += [each.code if isinstance(each, Refusal) else each.value for each in found]
        places = PreviewedPlaces.model_validate_json(places_between(house.state, after).model_dump_json())
    return outcomes


def imported(house: House, requests: list[Request]) -> list[str]:
    """Return the outcomes of an import: each is requested and, if it must be, approved."""
    return [_imported(house, **each) for each in requests]


def _imported(house: House, person_id: UUID, **fields: Any) -> str:
    result = house.send(RequestToJoin, person_id, by=SYSTEM, **fields)
    if isinstance(result, Done) and house.status(person_id) is Status.REQUESTED:
        result = house.send(ApproveRequest, person_id, by=SYSTEM)
    return str(result.code if isinstance(result, Refusal) else house.status(person_id))


def after(house: House, *commands: tuple[type[Command], UUID, dict[str, Any]]) -> House:
    for kind, person, fields in commands:
        by = person if kind in (RequestToJoin, Withdraw, AcceptOffer) else HOST
        house.send(kind, person, by=by, **fields)
    return house


def of_ada(**fields: Any) -> list[Request]:
    return [{"person_id": ADA, **fields}]


JOINS = RequestToJoin
QUESTION = [{"key": "Case", "text": "Which case?", "required": True}]
ONE_SEAT: dict[str, Any] = {"capacity": 1, "policy": "approval"}

REFUSED: dict[str, tuple[House, list[Request]]] = {
    "room-not-open": (House.opened(a_room(status=RoomStatus.CLOSED)), of_ada()),
    "room-not-open, cancelled": (House.opened(a_room(status=RoomStatus.CANCELLED)), of_ada()),
    "holds-office": (House.opened(a_room()), [{"person_id": FACILITATOR}]),
    "barred": (
        after(House.opened(a_room()), (JOINS, ADA, {}), (Remove, ADA, {"reason": "rude", "bar": True})),
        of_ada(),
    ),
    "invitation-required": (House.opened(a_room(policy="invitation")), of_ada()),
    "reapply-later": (
        after(
            House.opened(a_room(policy="approval", reapply_after_days=9)), (JOINS, ADA, {}), (DeclineRequest, ADA, {})
        ),
        of_ada(),
    ),
    "answers-missing": (House.opened(a_room(questions=QUESTION)), of_ada(answers={"case": "late"})),
    "unknown-question": (
        House.opened(a_room(questions=QUESTION)),
        of_ada(answers={"Case": "late", "case": "late"}),
    ),
    "guidelines-not-accepted": (
        House.opened(a_room(guidelines={"version": 2, "text": "Be kind."})),
        of_ada(accepted_guidelines=1),
    ),
    "role-unknown": (House.opened(a_room()), of_ada(roles=["participant", "guru"])),
    "waitlist-closed": (
        House.opened(a_room(capacity=1, waitlist=NO_WAITLIST)),
        [{"person_id": BEA}, *of_ada()],
    ),
    "waitlist-full": (
        House.opened(a_room(**ONE_SEAT, waitlist={"limit": 1})),
        [{"person_id": BEA}, {"person_id": CARL}, *of_ada()],
    ),
    "role-full": (
        House.opened(a_room(roles=TRIAD, waitlist=NO_WAITLIST)),
        [{"person_id": BEA, "roles": ["coach"]}, *of_ada(roles=["coach"])],
    ),
    "seat-taken": (House.opened(a_room(**ONE_SEAT, waitlist=NO_WAITLIST)), [{"person_id": BEA}, *of_ada()]),
}


@every_case("case", REFUSED)
def test_a_preview_refuses_what_the_import_refuses(case: str) -> None:
    house, requests = REFUSED[case]
    predicted = previewed(house, requests)
    assert predicted[-1] == case.partition(",")[0]
    assert previewed(house, requests) == predicted, "a preview changes nothing"
    assert imported(house, requests) == predicted


def test_people_who_are_in_the_room_already_or_invited_are_previewed_as_they_are() -> None:
    house = House.opened(a_room(capacity=2, policy="invitation", roles=TRIAD))
    after(house, (Invite, ADA, {"role": "coach"}), (Invite, BEA, {}), (Invite, CARL, {"over_capacity": True}))
    after(house, (Invite, DORA, {}), (JOINS, ADA, {}))
    requests = [{"person_id": each, "roles": ["coachee"]} for each in (ADA, BEA, CARL, DORA, BEA)]
    predicted = previewed(house, requests)
    assert predicted == ["joined", "joined", "joined", "waitlisted", "joined"]
    assert imported(house, requests) == predicted


def test_random_rooms_bring_what_was_previewed_however_it_is_divided() -> None:
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    seen: set[str] = set()
    rounds = times(50, thoroughly=300)
    for number in rounds:
        house = a_house_with_a_past(chance)
        requests = [a_request(chance) for _ in range(chance.randrange(1, 8))]
        whole, divided = previewed(house, requests), previewed(house, requests, size=chance.randrange(1, 4))
        assert imported(house, requests) == whole, (number, house.room)
        if len({each["person_id"] for each in requests}) == len(requests):  # a page knows nobody of the last one
            assert divided == whole, (number, house.room)
        seen |= {*whole}
    assert seen >= {"joined", "waitlisted", "offered"}
    if len(rounds) >= 150:  # the rarest refusal takes so many
        assert seen >= {each.partition(",")[0] for each in REFUSED}


def a_house_with_a_past(chance: random.Random) -> House:
    """Return a random room in which people requested, waited, left and were declined, and in which nobody is served."""
    house = House.opened(a_random_room(chance))
    kinds: list[tuple[type[Command], dict[str, Any]]] = [
        (DeclineRequest, {}),
        (Withdraw, {}),
        (Invite, {}),
        (Invite, {"over_capacity": True}),
        (RevokeOffer, {}),
        (Prioritise, {"priority": chance.choice([-1, 1])}),
        (Remove, {"reason": "Did not come.", "bar": chance.random() < 0.5}),
        (AcceptOffer, {}),
        *[(ApproveRequest, {})] * 5,
    ]
    for _ in range(chance.randrange(40)):
        if chance.random() < 0.5:
            request = a_request(chance)
            after(house, (JOINS, request.pop("person_id"), request))
        else:
            kind, fields = chance.choice(kinds)
            after(house, (kind, chance.choice(PEOPLE), fields))
    if chance.random() < 0.15:
        house.edit(status=chance.choice([RoomStatus.CLOSED, RoomStatus.ARCHIVED]))
    if chance.random() < 0.15:
        house.edit(access=house.room.access.model_dump() | {"policy": chance.choice(["invitation", "open"])})
    return house


def a_random_room(chance: random.Random) -> Room:
    fields: dict[str, Any] = {
        "capacity": chance.randrange(1, 6),
        "policy": chance.choice(["open", "approval", "approval"]),
        "roles": chance.choice([[], TRIAD, TRIAD[:2]]),
        "waitlist": {"enabled": chance.random() < 0.7, "limit": chance.choice([None, 0, 1, 2])},
        "reapply_after_days": chance.choice([0, 9, None]),
    }
    if chance.random() < 0.3:
        fields["questions"] = [{"key": "Case", "text": "Which case?", "required": chance.random() < 0.5}]
    if chance.random() < 0.3:
        fields["guidelines"] = {"version": 2, "text": "Be kind."}
    return a_room(**fields)


def a_request(chance: random.Random) -> Request:
    request: Request = {"person_id": chance.choice([*PEOPLE, HOST])}
    if chance.random() < 0.5:
        request["roles"] = chance.sample(["coach", "coachee", "observer"], k=chance.randrange(1, 3))
    if chance.random() < 0.6:
        request["accepted_guidelines"] = 2
    if chance.random() < 0.4:
        request["answers"] = {"Case": "late"}
    return request


def test_seats_that_were_previewed_before_count() -> None:
    house = House.opened(a_room(capacity=3, roles=TRIAD))
    places = PreviewedPlaces(by_role={"coach": 1, "observer": 1}, waiting=2)
    state = with_places(house.state, places)
    assert (state.taken, state.waiting, state.free) == (2, 2, 1)
    assert places_between(house.state, state) == places
    assert places_between(state, replace(state, taken=3)) == PreviewedPlaces(without_role=1)


def test_places_that_nobody_can_have_break_nothing() -> None:
    house = House.opened(a_room(capacity=3, roles=TRIAD))
    after(house, (Invite, BEA, {"over_capacity": True}))
    places = PreviewedPlaces(by_role={f"role {each}": 10**12 for each in range(1_000)}, waiting=10**20)
    state = with_places(house.state, places)
    context = DecisionContext(state, ADA, None, SYSTEM, house.memory.now)
    members = {each.snapshot.person_id: each for each in house.people}
    found, later = preview_requests(
        context, [PreviewedRequest(person_id=each) for each in (ADA, BEA)], members, refused={}
    )
    assert found == [Status.WAITLISTED, Status.JOINED]
    assert places_between(house.state, later).waiting == places.waiting + 1
