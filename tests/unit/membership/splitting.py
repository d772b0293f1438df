"""Two rooms on one store: people wait in the first, and are invited from it to the second."""

from typing import Any
from uuid import UUID, uuid4

from tests.support.stack.example_service import received
from tests.unit.membership.builders import HOST, a_room
from tests.unit.membership.memory import House

from practio_chassis.context import Done
from practio_contracts.answers import Refusal
from practio_contracts.membership import GiveUpPlace, InviteFrom, Outcome, Outcomes, RequestToJoin, Status


class Split:
    """A full room with people on the waitlist, and a second room of the same host."""

    def __init__(self, waiting: int, *, seats: int = 2, first: dict[str, Any] | None = None, **second: Any) -> None:
        self.first = House.opened(a_room(1, **(first or {})))
        self.second = House(a_room(seats, **({"policy": "invitation"} | second)), memory=self.first.memory)
        self.second.edit()
        self.seated, *self.waiting = (uuid4() for _ in range(waiting + 1))
        for person in (self.seated, *self.waiting):
            self.first.send(RequestToJoin, person)

    def invite(self, *people: UUID, by: UUID | str = HOST, **fields: Any) -> Done | Refusal:
        """Invite people of the first room to the second."""
        about = {"room_id": self.second.room.room_id, "from_room_id": self.first.room.room_id}
        command = InviteFrom.model_validate(about | {"person_ids": people or self.waiting} | fields)
        result = self.second._handle(received(command, actor=by))
        assert isinstance(result, Done | Refusal)
        return result

    def outcomes(self, *people: UUID, **fields: Any) -> list[Outcome]:
        """Invite people; return what came of each."""
        result = self.invite(*people, **fields)
        assert isinstance(result, Done), result
        assert isinstance(result.state, Outcomes)
        return result.state.outcomes

    @property
    def on_their_way(self) -> list[GiveUpPlace]:
        """Return the commands to the first room that have not arrived yet."""
        return [each for each in self.second.internal_commands if isinstance(each, GiveUpPlace)]

    def arrive(self) -> None:
        """Let all internal commands arrive, and what follows from them."""
        while self.first.internal_commands or self.second.internal_commands:
            self.first.fire_timers()
            self.second.fire_timers()

    def on_the_waitlist(self) -> list[UUID]:
        """Return who waits in the first room, in order; an offer keeps its place."""
        waits = (Status.WAITLISTED, Status.OFFERED, Status.REQUESTED)
        return [each.snapshot.person_id for each in self.first.people if each.status in waits]
