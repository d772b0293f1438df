"""The main job: a room of three seats, five requests, one person leaves, one takes the seat (operations.md)."""

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
from practio_operator.demo.narrator import Narrator
from practio_operator.demo.sample_people import Person, SamplePeople


async def run_main_job(stage: Narrator, cast: SamplePeople) -> Roster:
    """Show the main job from the first person to the last seat; return the final roster.

    Raise OperatorError if a step does not happen.
    """
    await _people_are_known(stage, cast)
    await _a_room_opens(stage, cast)
    await _five_ask(stage, cast)
    await _the_host_approves(stage, cast)
    await _one_leaves_and_one_follows(stage, cast, leaver=cast.guests[1], follower=cast.guests[3])
    return await stage.ask(cast.host, GetRoster(room_id=cast.room_id), Roster)


async def _people_are_known(stage: Narrator, cast: SamplePeople) -> None:
    stage.chapter("The directory says who people are")
    for person in cast.everybody:
        await stage.publish_person(person)


async def _a_room_opens(stage: Narrator, cast: SamplePeople) -> None:
    stage.chapter(f"{cast.host.name} drafts a room of three seats and publishes it")
    await stage.send(cast.host, cast.room())
    await stage.send(cast.host, PublishRoom(room_id=cast.room_id))
    await stage.wait_for_event(RoomPublished, of=cast.room_id, saying=lambda event: f"“{event.room.title}”")


async def _five_ask(stage: Narrator, cast: SamplePeople) -> None:
    stage.chapter("Five people ask to join")
    for guest in cast.guests:
        answers = {"case": guest.case}
        command = RequestToJoin(room_id=cast.room_id, person_id=guest.id, answers=answers, accepted_guidelines=1)
        await stage.send(guest, command)
        await stage.wait_for_event(
            Requested, of=guest.id, saying=lambda event: cast.name_of(event.membership.person_id)
        )
    for guest in cast.guests:
        await stage.letter("requested", to=guest, room_id=cast.room_id)
    await stage.letter("request-to-decide", to=cast.host, room_id=cast.room_id, count=len(cast.guests))


async def _the_host_approves(stage: Narrator, cast: SamplePeople) -> None:
    stage.chapter(f"{cast.host.name} approves all five: three have a seat, two wait")
    for guest in cast.guests:
        await stage.send(cast.host, ApproveRequest(room_id=cast.room_id, person_id=guest.id))
    for guest in cast.guests[:3]:
        await stage.wait_for_event(Joined, of=guest.id, saying=lambda event: cast.name_of(event.membership.person_id))
        await stage.letter("joined", to=guest, room_id=cast.room_id)
    for guest in cast.guests[3:]:
        await stage.wait_for_event(Waitlisted, of=guest.id, saying=lambda event: _place(cast, event))
        await stage.letter("waitlisted", to=guest, room_id=cast.room_id)


def _place(cast: SamplePeople, event: Waitlisted) -> str:
    return f"{cast.name_of(event.membership.person_id)}, {event.ahead} ahead"


async def _one_leaves_and_one_follows(stage: Narrator, cast: SamplePeople, *, leaver: Person, follower: Person) -> None:
    stage.chapter(f"{leaver.name} leaves, and the seat is offered to who waited longest")
    await stage.send(leaver, Withdraw(room_id=cast.room_id, person_id=leaver.id))
    await stage.wait_for_event(Withdrawn, of=leaver.id, saying=lambda event: cast.name_of(event.membership.person_id))
    await stage.wait_for_event(SeatOffered, of=follower.id, saying=lambda event: _offer(cast, event))
    await stage.letter("withdrawn", to=leaver, room_id=cast.room_id)
    await stage.letter("seat-offered", to=follower, room_id=cast.room_id)
    stage.chapter(f"{follower.name} accepts")
    await stage.send(follower, AcceptOffer(room_id=cast.room_id, person_id=follower.id))
    await stage.wait_for_event(Joined, of=follower.id, saying=lambda event: cast.name_of(event.membership.person_id))
    await stage.letter("joined", to=follower, room_id=cast.room_id)


def _offer(cast: SamplePeople, event: SeatOffered) -> str:
    until = event.membership.offer_expires_at
    return f"{cast.name_of(event.membership.person_id)}, until {until:%d %b %H:%M} UTC"
