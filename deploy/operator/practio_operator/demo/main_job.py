"""The main job: a room of three seats, five requests, one person leaves, one takes the seat."""

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
from practio_operator.demo.sample_people import SamplePeople, SamplePerson


async def run_main_job(narrator: Narrator, people: SamplePeople) -> Roster:
    """Show the main job from the first person to the last seat; return the final roster.

    Raise OperatorError if a step does not succeed in time.
    """
    await _people_are_known(narrator, people)
    await _a_room_opens(narrator, people)
    await _five_request(narrator, people)
    await _the_host_approves(narrator, people)
    await _one_leaves_and_one_follows(narrator, people, leaver=people.leaver, follower=people.follower)
    return await narrator.ask(people.host, GetRoster(room_id=people.room_id), Roster)


async def _people_are_known(narrator: Narrator, people: SamplePeople) -> None:
    narrator.chapter("The directory publishes who people are")
    for person in people.everybody:
        await narrator.publish_person(person)


async def _a_room_opens(narrator: Narrator, people: SamplePeople) -> None:
    narrator.chapter(f"{people.host.name} drafts a room of three seats and publishes it")
    await narrator.send(people.host, people.room())
    await narrator.send(people.host, PublishRoom(room_id=people.room_id))
    await narrator.wait_for_event(RoomPublished, of=people.room_id, describe=lambda event: f"“{event.room.title}”")
    await narrator.letter("room-published", to=people.host, room_id=people.room_id)


async def _five_request(narrator: Narrator, people: SamplePeople) -> None:
    narrator.chapter("Five people request to join")
    for guest in people.guests:
        answers = {"case": guest.case}
        command = RequestToJoin(room_id=people.room_id, person_id=guest.id, answers=answers, accepted_guidelines=1)
        await narrator.send(guest, command)
        await narrator.wait_for_event(
            Requested, of=guest.id, describe=lambda event: people.name_of(event.membership.person_id)
        )
    for guest in people.guests:
        await narrator.letter("requested", to=guest, room_id=people.room_id)
    await narrator.letter("request-to-decide", to=people.host, room_id=people.room_id, count=len(people.guests))


async def _the_host_approves(narrator: Narrator, people: SamplePeople) -> None:
    narrator.chapter(f"{people.host.name} approves all five: three get seats, two wait")
    for guest in people.guests:
        await narrator.send(people.host, ApproveRequest(room_id=people.room_id, person_id=guest.id))
    for guest in people.guests[:3]:
        await narrator.wait_for_event(
            Joined, of=guest.id, describe=lambda event: people.name_of(event.membership.person_id)
        )
        await narrator.letter("joined", to=guest, room_id=people.room_id)
    for guest in people.guests[3:]:
        await narrator.wait_for_event(Waitlisted, of=guest.id, describe=lambda event: _place(people, event))
        await narrator.letter("waitlisted", to=guest, room_id=people.room_id)


def _place(people: SamplePeople, event: Waitlisted) -> str:
    return f"{people.name_of(event.membership.person_id)}, {event.ahead} ahead"


async def _one_leaves_and_one_follows(
    narrator: Narrator, people: SamplePeople, *, leaver: SamplePerson, follower: SamplePerson
) -> None:
    narrator.chapter(f"{leaver.name} leaves, and the seat is offered to the first on the waitlist")
    await narrator.send(leaver, Withdraw(room_id=people.room_id, person_id=leaver.id))
    await narrator.wait_for_event(
        Withdrawn, of=leaver.id, describe=lambda event: people.name_of(event.membership.person_id)
    )
    await narrator.wait_for_event(SeatOffered, of=follower.id, describe=lambda event: _offer(people, event))
    await narrator.letter("withdrawn", to=leaver, room_id=people.room_id)
    await narrator.letter("seat-offered", to=follower, room_id=people.room_id)
    narrator.chapter(f"{follower.name} accepts")
    await narrator.send(follower, AcceptOffer(room_id=people.room_id, person_id=follower.id))
    await narrator.wait_for_event(
        Joined, of=follower.id, describe=lambda event: people.name_of(event.membership.person_id)
    )
    await narrator.letter("joined", to=follower, room_id=people.room_id)


def _offer(people: SamplePeople, event: SeatOffered) -> str:
    expires_at = event.membership.offer_expires_at
    return f"{people.name_of(event.membership.person_id)}, until {expires_at:%d %b %H:%M} UTC"
