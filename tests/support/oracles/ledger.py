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
        """Give wishes that were confirmed and had no outcome, facts that lack in a row, letters that never came."""
        return [*self._wishes_without_outcome(), *self._gaps(), *self._letters.lost()]

    def doubled(self) -> list[str]:
        """Give what happened twice: two facts with one number, two outcomes or answers of one wish, a letter twice."""
        return [
            *self._numbers_told_twice(),
            *self._outcomes_twice(),
            *self._answers_that_differ(),
            *self._letters.doubled(),
        ]

    def unexpected(self) -> list[str]:
        """Give facts about our rooms that nobody here caused, answers to nothing, and letters that nobody was owed."""
        rooms = {event["data"]["room_id"] for event in self.outside.said.values() if event["type"] == CREATE_ROOM}
        strange = [fact for fact in self.outside.all_facts() if room_of(fact) in rooms and not self._is_ours(fact)]
        answers = [f"answer to {wish}" for wish in self.outside.answers if wish not in self.outside.said]
        return [*(_named(fact) for fact in strange), *answers, *self._letters.unexpected()]

    @property
    def _letters(self) -> LetterBook:
        return LetterBook(self.outside, self.mailbox, list(self._our_facts()), copies=2 if self.sender_died else 1)

    def _is_ours(self, fact: Data) -> bool:
        return fact["correlationid"] in self.outside.said or fact["source"] == "/practio/notifications"

    def _our_facts(self) -> Iterator[Data]:
        return (fact for fact in self.outside.all_facts() if fact["correlationid"] in self.outside.said)

    def _outcomes(self) -> dict[str, dict[str, Data]]:
        """Give the facts that each wish caused, by their ids; how full a room is, is told once for several wishes."""
        outcomes: dict[str, dict[str, Data]] = defaultdict(dict)
        for fact in self._our_facts():
            if fact["type"] != OCCUPANCY:
                outcomes[fact["causationid"]][fact["id"]] = fact
        return outcomes

    def _wishes_without_outcome(self) -> Iterator[str]:
        outcomes = self._outcomes()
        for identity, event in self.outside.confirmed.items():
            if "actor" in event and identity not in outcomes and not self._is_settled_by_answer(identity):
                yield f"outcome of {_named(event)}"

    def _is_settled_by_answer(self, wish: str) -> bool:
        """Say whether no fact is owed: nothing had to change, or a draft was made, of which services alone are told."""
        answers = self.outside.answers.get(wish, [])
        is_draft = self.outside.said[wish]["type"] == CREATE_ROOM
        return bool(answers) and (is_draft or answers[0]["data"].get("changed") is not True)

    def _numbers(self) -> dict[tuple[str, str], dict[int, set[str]]]:
        """Give the ids of the facts under each number of each (source, subject)."""
        numbers: dict[tuple[str, str], dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        for fact in self._our_facts():
            if "sequence" in fact:
                numbers[fact["source"], fact["subject"]][int(fact["sequence"])].add(fact["id"])
        return numbers

    def _gaps(self) -> Iterator[str]:
        for about, told in self._numbers().items():
            if missing := set(range(min(told), max(told))) - set(told):
                yield f"facts {sorted(missing)} of {about}"

    def _numbers_told_twice(self) -> Iterator[str]:
        for about, told in self._numbers().items():
            yield from (f"fact {number} of {about}" for number, ids in told.items() if len(ids) > 1)

    def _outcomes_twice(self) -> Iterator[str]:
        for wish, facts in self._outcomes().items():
            kinds = [(fact["type"], fact["subject"], session_of(fact)) for fact in facts.values()]
            refused = any(kind.endswith(".command-refused.v1") for kind, *_ in kinds)
            if len(set(kinds)) < len(kinds) or (refused and not all(map(_is_of_itself, facts.values()))):
                yield f"outcome of {wish}: {sorted(kinds)}"

    def _answers_that_differ(self) -> Iterator[str]:
        for wish, answers in self.outside.answers.items():
            if any(answer["data"] != answers[0]["data"] for answer in answers):
                yield f"answers to {wish}"


def _is_of_itself(fact: Data) -> bool:
    """Say whether a fact may stand beside a refusal: the refusal itself, and what was over before the wish came."""
    membership = fact["data"].get("membership")
    return membership is None or membership["by"] == "system"


def room_of(fact: Data) -> str | None:
    """Give the room that a fact is about."""
    data: Data = fact["data"]
    parts = [data, *(data.get(name) or {} for name in ("membership", "room", "about"))]
    return next((part["room_id"] for part in parts if part.get("room_id")), None)


def session_of(fact: Data) -> str | None:
    """Give the session that a fact is about; a series tells one fact for each of its dates."""
    session: Data = fact["data"].get("session") or {}
    return session.get("session_id")


def _named(event: Data) -> str:
    return f"{event['type']} {event['id']}"
