"""The story: a room of three seats, five who ask, one who leaves, one who takes the seat (operations.md)."""

from practio_contracts.membership import (
    AcceptOffer,
    ApproveRequest,
    GetRoster,
    Joined,
    Requested,
    RequestToJoin,
    Roster,
    SeatOffered,
    Waitlisted,
    Withdraw,
    Withdrawn,
)
from practio_contracts.rooms import PublishRoom, RoomPublished
from practio_operator.demo.narrator import Stage
from practio_operator.demo.sample_people import Cast, Person


async def tell_story(stage: Stage, cast: Cast) -> Roster:
    """Tell the main job from the first person to the last seat; gives the final roster.

    Raises OperatorError where a step does not come.
    """
    await _people_are_known(stage, cast)
    await _a_room_opens(stage, cast)
    await _five_ask(stage, cast)
    await _the_host_approves(stage, cast)
    await _one_leaves_and_one_follows(stage, cast, leaver=cast.guests[1], follower=cast.guests[3])
    return await stage.ask(cast.host, GetRoster(room_id=cast.room_id), Roster)


async def _people_are_known(stage: Stage, cast: Cast) -> None:
    stage.chapter("The directory says who people are")
    for person in cast.everybody:
        await stage.tell(person)


async def _a_room_opens(stage: Stage, cast: Cast) -> None:
    stage.chapter(f"{cast.host.name} drafts a room of three seats and publishes it")
    await stage.send(cast.host, cast.room())
    await stage.send(cast.host, PublishRoom(room_id=cast.room_id))
    await stage.hear(RoomPublished, of=cast.room_id, saying=lambda event: f"“{event.room.title}”")


async def _five_ask(stage: Stage, cast: Cast) -> None:
    stage.chapter("Five people ask to join")
    for guest in cast.guests:
        answers = {"case": guest.case}
        command = RequestToJoin(room_id=cast.room_id, person_id=guest.id, answers=answers, accepted_guidelines=1)
        await stage.send(guest, command)
        await stage.hear(Requested, of=guest.id, saying=lambda event: cast.name_of(event.membership.person_id))
    for guest in cast.guests:
        await stage.letter("requested", to=guest, room_id=cast.room_id)
    await stage.letter("request-to-decide", to=cast.host, room_id=cast.room_id, count=len(cast.guests))


async def _the_host_approves(stage: Stage, cast: Cast) -> None:
    stage.chapter(f"{cast.host.name} approves all five: three have a seat, two wait")
    for guest in cast.guests:
        await stage.send(cast.host, ApproveRequest(room_id=cast.room_id, person_id=guest.id))
    for guest in cast.guests[:3]:
        await stage.hear(Joined, of=guest.id, saying=lambda event: cast.name_of(event.membership.person_id))
        await stage.letter("joined", to=guest, room_id=cast.room_id)
    for guest in cast.guests[3:]:
        await stage.hear(Waitlisted, of=guest.id, saying=lambda event: _place(cast, event))
        await stage.letter("waitlisted", to=guest, room_id=cast.room_id)


def _place(cast: Cast, event: Waitlisted) -> str:
    return f"{cast.name_of(event.membership.person_id)}, {event.ahead} ahead"


async def _one_leaves_and_one_follows(stage: Stage, cast: Cast, *, leaver: Person, follower: Person) -> None:
    stage.chapter(f"{leaver.name} leaves, and the seat is offered to who waited longest")
    await stage.send(leaver, Withdraw(room_id=cast.room_id, person_id=leaver.id))
    await stage.hear(Withdrawn, of=leaver.id, saying=lambda event: cast.name_of(event.membership.person_id))
    await stage.hear(SeatOffered, of=follower.id, saying=lambda event: _offer(cast, event))
    await stage.letter("withdrawn", to=leaver, room_id=cast.room_id)
    await stage.letter("seat-offered", to=follower, room_id=cast.room_id)
    stage.chapter(f"{follower.name} accepts")
    await stage.send(follower, AcceptOffer(room_id=cast.room_id, person_id=follower.id))
    await stage.hear(Joined, of=follower.id, saying=lambda event: cast.name_of(event.membership.person_id))
    await stage.letter("joined", to=follower, room_id=cast.room_id)


def _offer(cast: Cast, event: SeatOffered) -> str:
    until = event.membership.offer_expires_at
    return f"{cast.name_of(event.membership.person_id)}, until {until:%d %b %H:%M} UTC"
