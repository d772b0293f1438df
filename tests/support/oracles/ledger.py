"""The ledger of promises.md: what was wished, answered, told and written; lost, doubled and unexpected must be none."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from tests.support.clients.commands import Data
from tests.support.clients.outside import Outside
from tests.support.eventually import eventually
from tests.support.oracles.letters import LetterBook
from tests.support.stack.mailbox import Letters

SETTLE_SECONDS = 60.0
CREATE_ROOM = "practio.rooms.create-room.v1"
OCCUPANCY = "practio.membership.occupancy-changed.v1"


@dataclass(frozen=True)
class Ledger:
    """One outside system's books: all that it said and heard, and the letters to the people whom it registered.

    ``sender_died`` allows a letter to come twice with the same Message-ID (promises.md).
    """

    outside: Outside
    mailbox: Letters
    sender_died: bool = False

    async def is_clean(self, *, within: float = SETTLE_SECONDS) -> None:
        """Wait until nothing is lost any more; then nothing may be doubled or unexpected either."""
        await eventually(lambda: not self.lost(), within=within, saying=lambda: f"lost: {self.lost()[:10]}", pause=0.3)
        found = {"lost": self.lost(), "doubled": self.doubled(), "unexpected": self.unexpected()}
        assert not any(found.values()), found

    def lost(self) -> list[str]:
        """Give wishes that were confirmed and had no outcome, events that lack in a row, letters that never came."""
        return [*self._commands_without_outcome(), *self._gaps(), *self._letters.lost()]

    def doubled(self) -> list[str]:
        """Return what happened twice: events with one number, outcomes or answers of one command, letters."""
        return [
            *self._numbers_told_twice(),
            *self._outcomes_twice(),
            *self._answers_that_differ(),
            *self._letters.doubled(),
        ]

    def unexpected(self) -> list[str]:
        """Give events about our rooms that nobody here caused, answers to nothing, and letters that nobody was owed."""
        rooms = {each["data"]["room_id"] for each in self.outside.said.values() if each["type"] == CREATE_ROOM}
        strange = [event for event in self.outside.all_events() if room_of(event) in rooms and not self._is_ours(event)]
        answers = [f"answer to {command}" for command in self.outside.answers if command not in self.outside.said]
        return [*(_named(event) for event in strange), *answers, *self._letters.unexpected()]

    @property
    def _letters(self) -> LetterBook:
        return LetterBook(self.outside, self.mailbox, list(self._our_events()), copies=2 if self.sender_died else 1)

    def _is_ours(self, event: Data) -> bool:
        return event["correlationid"] in self.outside.said or event["source"] == "/practio/notifications"

    def _our_events(self) -> Iterator[Data]:
        return (event for event in self.outside.all_events() if event["correlationid"] in self.outside.said)

    def _outcomes(self) -> dict[str, dict[str, Data]]:
        """Return the events that each command caused, by their ids; one occupancy event covers several commands."""
        outcomes: dict[str, dict[str, Data]] = defaultdict(dict)
        for event in self._our_events():
            if event["type"] != OCCUPANCY:
                outcomes[event["causationid"]][event["id"]] = event
        return outcomes

    def _commands_without_outcome(self) -> Iterator[str]:
        outcomes = self._outcomes()
        for identity, event in self.outside.confirmed.items():
            if "actor" in event and identity not in outcomes and not self._is_settled_by_answer(identity):
                yield f"outcome of {_named(event)}"

    def _is_settled_by_answer(self, command: str) -> bool:
        """Return whether no event is owed: nothing had to change, or a draft was made, which is for services alone."""
        answers = self.outside.answers.get(command, [])
        is_draft = self.outside.said[command]["type"] == CREATE_ROOM
        return bool(answers) and (is_draft or answers[0]["data"].get("changed") is not True)

    def _numbers(self) -> dict[tuple[str, str], dict[int, set[str]]]:
        """Give the ids of the events under each number of each (source, subject)."""
        numbers: dict[tuple[str, str], dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        for event in self._our_events():
            if "sequence" in event:
                numbers[event["source"], event["subject"]][int(event["sequence"])].add(event["id"])
        return numbers

    def _gaps(self) -> Iterator[str]:
        for about, told in self._numbers().items():
            if missing := set(range(min(told), max(told))) - set(told):
                yield f"facts {sorted(missing)} of {about}"

    def _numbers_told_twice(self) -> Iterator[str]:
        for about, told in self._numbers().items():
            yield from (f"fact {number} of {about}" for number, ids in told.items() if len(ids) > 1)

    def _outcomes_twice(self) -> Iterator[str]:
        for command, events in self._outcomes().items():
            kinds = [(event["type"], event["subject"], session_of(event)) for event in events.values()]
            refused = any(kind.endswith(".command-refused.v1") for kind, *_ in kinds)
            if len(set(kinds)) < len(kinds) or (refused and not all(map(_is_of_itself, events.values()))):
                yield f"outcome of {command}: {sorted(kinds)}"

    def _answers_that_differ(self) -> Iterator[str]:
        for command, answers in self.outside.answers.items():
            if any(answer["data"] != answers[0]["data"] for answer in answers):
                yield f"answers to {command}"


def _is_of_itself(event: Data) -> bool:
    """Return whether an event may stand beside a refusal: the refusal itself, or overdue state that lapsed first."""
    membership = event["data"].get("membership")
    return membership is None or membership["by"] == "system"


def room_of(event: Data) -> str | None:
    """Give the room that an event is about."""
    data: Data = event["data"]
    parts = [data, *(data.get(name) or {} for name in ("membership", "room", "about"))]
    return next((part["room_id"] for part in parts if part.get("room_id")), None)


def session_of(event: Data) -> str | None:
    """Give the session that an event is about; a series tells one event for each of its dates."""
    session: Data = event["data"].get("session") or {}
    return session.get("session_id")


def _named(event: Data) -> str:
    return f"{event['type']} {event['id']}"
