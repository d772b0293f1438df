"""The ledger of commands, answers, events and letters: nothing may be lost, doubled or unexpected."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from tests.support.clients.commands import Data
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.oracles.letter_ledger import LetterLedger
from tests.support.stack.mailbox import LetterSource

SETTLE_SECONDS = 60.0
CREATE_ROOM = "practio.rooms.create-room.v1"
OCCUPANCY = "practio.membership.occupancy-changed.v1"
WITHOUT_EVENT = (
    CREATE_ROOM,
    "practio.notifications.introduce.v1",
    "practio.rooms.report-conduct.v1",
    "practio.rooms.settle-conduct.v1",
)
"""Commands without an event for others: a draft and reports, which only services see, and an address of a person."""


@dataclass(frozen=True)
class Ledger:
    """The record of one outside system: all that it published and received, and the letters to its people.

    ``sender_died`` allows a letter to come twice with the same Message-ID. ``previous_runs`` allows the
    letters that only the previous release writes.
    """

    outside: OutsideSystem
    mailbox: LetterSource
    sender_died: bool = False
    previous_runs: bool = False

    async def is_clean(self, *, within: float = SETTLE_SECONDS) -> None:
        """Wait until nothing is lost any more; then nothing may be doubled or unexpected either."""
        await eventually(lambda: not self.lost(), within=within, message=lambda: f"lost: {self.lost()[:10]}", pause=0.3)
        found = {"lost": self.lost(), "doubled": self.doubled(), "unexpected": self.unexpected()}
        assert not any(found.values()), found

    def lost(self) -> list[str]:
        """Return confirmed commands without an outcome, gaps in the numbers of events, and letters that never came."""
        return [*self._commands_without_outcome(), *self._gaps(), *self._letters.lost()]

    def doubled(self) -> list[str]:
        """Return what happened twice: events with one number, outcomes or answers of one command, letters."""
        return [
            *self._numbers_used_twice(),
            *self._outcomes_twice(),
            *self._answers_that_differ(),
            *self._letters.doubled(),
        ]

    def unexpected(self) -> list[str]:
        """Return events about our rooms with a foreign cause, answers to unknown messages, letters without an event."""
        rooms = {each["data"]["room_id"] for each in self.outside.published.values() if each["type"] == CREATE_ROOM}
        foreign = [event for event in self.outside.all_events() if room_of(event) in rooms and not self._is_ours(event)]
        answers = [f"answer to {command}" for command in self.outside.answers if command not in self.outside.published]
        return [*(_named(event) for event in foreign), *answers, *self._letters.unexpected()]

    @property
    def _letters(self) -> LetterLedger:
        copies = 2 if self.sender_died else 1
        events = list(self._our_events())
        return LetterLedger(self.outside, self.mailbox, events, copies, previous_runs=self.previous_runs)

    def _is_ours(self, event: Data) -> bool:
        return event["correlationid"] in self.outside.published or event["source"] == "/practio/notifications"

    def _our_events(self) -> Iterator[Data]:
        return (event for event in self.outside.all_events() if event["correlationid"] in self.outside.published)

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
        """Return whether no event is due: nothing had to change, or it was a command without an event for others."""
        answers = self.outside.answers.get(command, [])
        is_silent = self.outside.published[command]["type"] in WITHOUT_EVENT
        return bool(answers) and (is_silent or answers[0]["data"].get("changed") is not True)

    def _numbers(self) -> dict[tuple[str, str], dict[int, set[str]]]:
        """Return the ids of the events under each number of each (source, subject)."""
        numbers: dict[tuple[str, str], dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        for event in self._our_events():
            if "sequence" in event:
                numbers[event["source"], event["subject"]][int(event["sequence"])].add(event["id"])
        return numbers

    def _gaps(self) -> Iterator[str]:
        for about, numbers in self._numbers().items():
            if missing := set(range(min(numbers), max(numbers))) - set(numbers):
                yield f"events {sorted(missing)} of {about}"

    def _numbers_used_twice(self) -> Iterator[str]:
        for about, numbers in self._numbers().items():
            yield from (f"event {number} of {about}" for number, ids in numbers.items() if len(ids) > 1)

    def _outcomes_twice(self) -> Iterator[str]:
        for command, events in self._outcomes().items():
            final = [event for event in events.values() if not _is_of_a_dead_letter(event)]
            kinds = [(event["type"], event["subject"], session_of(event)) for event in final]
            refused = any(kind.endswith(".command-refused.v1") for kind, *_ in kinds)
            if len(set(kinds)) < len(kinds) or (refused and not all(map(_is_of_itself, final))):
                yield f"outcome of {command}: {sorted(kinds)}"

    def _answers_that_differ(self) -> Iterator[str]:
        for command, answers in self.outside.answers.items():
            final = [answer["data"] for answer in answers if answer["data"].get("code") != "failed"]
            if any(data != final[0] for data in final):
                yield f"answers to {command}"


def _is_of_a_dead_letter(event: Data) -> bool:
    """Return whether an event refuses a command that failed: put back by an operator, it may still take effect."""
    return bool(event["type"].endswith(".command-refused.v1") and event["data"].get("code") == "failed")


def _is_of_itself(event: Data) -> bool:
    """Return whether an event may stand beside a refusal: the refusal itself, or overdue state that lapsed first."""
    membership = event["data"].get("membership")
    return membership is None or membership["by"] == "system"


def room_of(event: Data) -> str | None:
    """Return the room that an event is about."""
    data: Data = event["data"]
    parts = [data, *(data.get(name) or {} for name in ("membership", "room", "about"))]
    return next((part["room_id"] for part in parts if part.get("room_id")), None)


def session_of(event: Data) -> str | None:
    """Return the session that an event is about; a series publishes one event for each of its dates."""
    session: Data = event["data"].get("session") or {}
    return session.get("session_id")


def _named(event: Data) -> str:
    return f"{event['type']} {event['id']}"
