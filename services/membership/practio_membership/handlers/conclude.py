"""How every message begins and ends: offers that are over, the change itself, ``fill``; and how a batch ends."""

from datetime import timedelta
from typing import Any

from practio_chassis.heard import Heard
from practio_chassis.work import Work
from practio_contracts.membership import FillSeats, LapseOffer, LapseRequest, RequestToJoin, Status
from practio_membership.domain.offers import lapse_offer
from practio_membership.domain.queue import fill
from practio_membership.domain.room import RoomState, occupancy, open_places
from practio_membership.domain.turn import Told, Turn, told_of_each
from practio_membership.store import Loaded
from practio_membership.tables import HISTORY

MOST_AT_ONCE = 200
"""How many people are given a seat in one transaction; the rest follows at once, in the next."""


async def tell_how_full(work: Work[Loaded]) -> None:
    """End a batch: tell how full each room is that is not as full as was told last, and write all that changed."""
    for state, cause in work.loaded.fullness_to_tell():
        work.say(
            occupancy(state),
            subject=state.room.room_id,
            sequence=state.told,
            correlationid=cause.envelope.correlationid or str(cause.envelope.id),
            causationid=str(cause.envelope.id),
        )
    await work.loaded.write()


async def tidied(state: RoomState, heard: Heard[Any], work: Work[Loaded]) -> RoomState:
    """End the offers in the room that are over, and give their seats on: correctness never waits for a timer."""
    after_lapse = state.room.access.waitlist.after_lapse
    over = work.loaded.over(state.room.room_id)
    turn = told_of_each(Turn(state), over, lambda _, each: lapse_offer(each, after_lapse, now=work.now))
    return await conclude(turn, heard, work) if turn.told else state


async def conclude(turn: Turn, heard: Heard[Any], work: Work[Loaded], asked: RequestToJoin | None = None) -> RoomState:
    """Keep and say a turn, and give what seats are free to those who wait; give the room after it.

    ``asked`` is the wish of the one person who is new in the turn, if anybody is.
    """
    _keep(turn, heard, work, asked)
    state, left = turn.state, MOST_AT_ONCE
    while state.waiting and state.serves_its_queue and open_places(state):
        if not left:
            work.wish(FillSeats(room_id=state.room.room_id), subject=state.room.room_id)
            break
        front = await work.loaded.front(state, most=min(left, state.free))
        turn = fill(state, front, now=work.now)
        if not turn.told:
            break
        _keep(turn, heard, work)
        state, left = turn.state, left - len(turn.told)
    return state


def _keep(turn: Turn, heard: Heard[Any], work: Work[Loaded], asked: RequestToJoin | None = None) -> None:
    work.loaded.keep(turn, heard, asked)
    for told in turn.told:
        shown = told.after.shown
        work.say(told.fact, subject=shown.membership_id, sequence=shown.version)
        work.add_row(HISTORY, _history(told, heard))
        _keep_time(told, turn.state, work)


def _history(told: Told, heard: Heard[Any]) -> dict[str, Any]:
    shown = told.after.shown
    return {
        "membership_id": shown.membership_id,
        "room_id": shown.room_id,
        "person_id": shown.person_id,
        "at": shown.since,
        "by": shown.by,
        "account": heard.account,
        "from_status": told.before.status and told.before.status.value,
        "to_status": shown.status.value,
        "fact": told.fact.routing_key,
        "reason": shown.reason,
        "message_id": str(heard.envelope.id),
    }


def _keep_time(told: Told, state: RoomState, work: Work[Loaded]) -> None:
    """Set the timer of what begins, and clear the timer of what ended."""
    shown = told.after.shown
    offer, request = f"offer:{shown.membership_id}", f"request:{shown.membership_id}"
    about = {"room_id": shown.room_id, "person_id": shown.person_id, "membership_id": shown.membership_id}
    if told.before.status is Status.OFFERED:
        work.clear_timer(offer)
    if told.before.status is Status.REQUESTED:
        work.clear_timer(request)
    if shown.offer_expires_at:
        work.set_timer(offer, due_at=shown.offer_expires_at, command=LapseOffer(**about))
    if shown.status is Status.REQUESTED:
        days = state.room.access.request_expires_after_days
        work.set_timer(request, due_at=shown.since + timedelta(days=days), command=LapseRequest(**about))
