"""The ledger's part about letters: which were owed, which left, which came."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from tests.support.mailbox import Mailbox
from tests.support.outside import Outside
from tests.support.wishes import Data

LETTERS = ("requested", "joined", "waitlisted", "seat-offered", "declined", "withdrawn")
"""The facts of a membership that the person gets a letter about, of the same name (notifications.md)."""

TO_HOST = "request-to-decide"
OUTCOMES = ("letter-sent", "letter-skipped", "letter-failed")


@dataclass(frozen=True)
class LetterBook:
    """Letters to the people whom ``outside`` registered, and the ``facts`` that called for them.

    ``copies`` is how often one letter may come, with the same Message-ID.
    """

    outside: Outside
    mailbox: Mailbox
    facts: list[Data]
    copies: int

    def lost(self) -> list[str]:
        """Give letters that were owed and had no outcome, and letters that were sent and never came."""
        missing = Counter(self._owed()) - Counter(self._outcomes())
        return [*(f"letter {key}" for key in missing), *self._undelivered()]

    def doubled(self) -> Iterator[str]:
        """Give letters that came more often than they may."""
        for address, letters in self._received().items():
            yield from (f"{identity} to {address}" for identity, times in letters.items() if times > self.copies)

    def unexpected(self) -> list[str]:
        """Give letters that nobody was owed."""
        return [f"letter {key}" for key in Counter(self._outcomes()) - Counter(self._owed())]

    def _owed(self) -> Iterator[tuple[str, str, str]]:
        """Give kind, membership and reader of each letter that the facts ask for, of readers with an address."""
        hosts = self._hosts()
        for name, membership in self._told_once():
            yield name, membership["membership_id"], membership["person_id"]
            if name == "requested":
                yield TO_HOST, membership["membership_id"], hosts[membership["room_id"]]

    def _told_once(self) -> Iterator[tuple[str, Data]]:
        told = {fact["id"]: fact for fact in self.facts if fact["source"] == "/practio/membership"}
        for fact in told.values():
            name = fact["type"].split(".")[2]
            if name in LETTERS and fact["data"]["membership"]["person_id"] in self.outside.people:
                yield name, fact["data"]["membership"]

    def _outcomes(self) -> Iterator[tuple[str, str, str]]:
        settled = {letter["letter_id"]: letter for name in OUTCOMES for letter in self._told(name)}
        for letter in settled.values():
            yield letter["kind"], letter["about"]["membership_id"], letter["person_id"]

    def _told(self, name: str) -> Iterator[Data]:
        facts = self.outside.facts[f"notifications.{name}.v1"]
        return (fact["data"] for fact in facts if fact["data"]["person_id"] in self.outside.people)

    def _undelivered(self) -> Iterator[str]:
        sent: dict[str, set[str]] = defaultdict(set)
        for letter in self._told("letter-sent"):
            sent[letter["person_id"]].add(letter["letter_id"])
        received = self._received()
        for person, letters in sent.items():
            address = self.outside.people[person]["email"]
            if len(received[address]) < len(letters):
                yield f"{len(letters) - len(received[address])} letters to {address}"

    def _received(self) -> dict[str, Counter[str]]:
        """Give how often each Message-ID came to each of our addresses."""
        ours = {person["email"] for person in self.outside.people.values()}
        received: dict[str, Counter[str]] = defaultdict(Counter)
        for letter in list(self.mailbox.letters):
            if letter.to in ours:
                received[letter.to][letter.message_id] += 1
        return received

    def _hosts(self) -> dict[str, str]:
        wishes = self.outside.said.values()
        return {e["data"]["room_id"]: e["actor"] for e in wishes if e["type"] == "practio.rooms.create-room.v1"}
