"""The ledger's part about letters: which were owed, which left, which came."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from tests.support.clients.commands import Data
from tests.support.clients.outside import OutsideSystem
from tests.support.stack.mailbox import LetterSource

LETTERS = (
    "requested",
    "joined",
    "waitlisted",
    "seat-offered",
    "offer-lapsed",
    "offer-revoked",
    "offer-declined",
    "declined",
    "withdrawn",
    "removed",
    "ended",
    "request-lapsed",
    "invited",
    "invitation-declined",
    "invitation-lapsed",
    "role-changed",
)
"""The events of a membership that the person gets a letter about, of the same name."""

TO_HOST = "request-to-decide"
COUNTED = {*LETTERS, TO_HOST}
"""The letters that the ledger counts; others wait for their time, or are about the room as a whole."""

OUTCOMES = ("letter-sent", "letter-skipped", "letter-failed")


@dataclass(frozen=True)
class LetterLedger:
    """Letters to the people whom ``outside`` registered, and the ``events`` that cause them.

    ``copies`` is how often one letter may come, with the same Message-ID. ``previous_runs``: the previous release may
    write to people who got an office that they have left.
    """

    outside: OutsideSystem
    mailbox: LetterSource
    events: list[Data]
    copies: int
    previous_runs: bool = False

    def lost(self) -> list[str]:
        """Return letters that were owed and had no outcome, and letters that were sent and never came."""
        missing = Counter(self._owed()) - Counter(self._outcomes())
        undelivered = self._sent() - set(self._received())
        return [f"letter {each}" for each in (*missing, *undelivered)]

    def doubled(self) -> Iterator[str]:
        """Return letters that came more often than they may."""
        return (f"letter {letter}" for letter, times in self._received().items() if times > self.copies)

    def unexpected(self) -> list[str]:
        """Return letters without an event, and letters that came without a sent event."""
        not_owed = Counter(self._outcomes()) - Counter(self._owed()) - Counter(self._by_previous())
        return [
            *(f"letter {key}" for key in not_owed),
            *(f"letter {each}" for each in set(self._received()) - self._sent()),
        ]

    def _owed(self) -> Iterator[tuple[str, str, str]]:
        """Yield kind, membership and reader of each letter that the events ask for, of readers with an address."""
        hosts = self._hosts()
        for name, membership, caused_by in self._due_events():
            if not _got_an_office(name, caused_by):
                yield name, membership["membership_id"], membership["person_id"]
            if name == "requested":
                yield TO_HOST, membership["membership_id"], hosts[membership["room_id"]]

    def _by_previous(self) -> Iterator[tuple[str, str, str]]:
        """Yield the letters that the previous release writes, and this one does not."""
        for name, membership, caused_by in self._due_events():
            if self.previous_runs and _got_an_office(name, caused_by):
                yield name, membership["membership_id"], membership["person_id"]

    def _due_events(self) -> Iterator[tuple[str, Data, str]]:
        """Yield the name, the membership and the type of the command behind each event that the ledger counts."""
        published = {event["id"]: event for event in self.events if event["source"] == "/practio/membership"}
        for event in published.values():
            name = event["type"].split(".")[2]
            if name in LETTERS and event["data"]["membership"]["person_id"] in self.outside.people:
                yield name, event["data"]["membership"], self.outside.published[event["correlationid"]]["type"]

    def _outcomes(self) -> Iterator[tuple[str, str, str]]:
        settled = {letter["letter_id"]: letter for name in OUTCOMES for letter in self._of_kind(name)}
        for letter in settled.values():
            yield letter["kind"], letter["about"]["membership_id"], letter["person_id"]

    def _of_kind(self, name: str) -> Iterator[Data]:
        events = self.outside.events[f"notifications.{name}.v1"]
        letters = (event["data"] for event in events)
        return (each for each in letters if each["person_id"] in self.outside.people and each["kind"] in COUNTED)

    def _sent(self) -> set[str]:
        return {letter["letter_id"] for letter in self._of_kind("letter-sent")}

    def _received(self) -> Counter[str]:
        """Return how often each letter, by its id, came to our people; the id is the left part of the Message-ID."""
        ours = {person["email"] for person in self.outside.people.values()}
        return Counter(
            letter.message_id.strip("<>").split("@")[0]
            for letter in self.mailbox.letters
            if letter.to in ours and letter.kind in COUNTED
        )

    def _hosts(self) -> dict[str, str]:
        commands = self.outside.published.values()
        return {e["data"]["room_id"]: e["actor"] for e in commands if e["type"] == "practio.rooms.create-room.v1"}


def _got_an_office(name: str, caused_by: str) -> bool:
    """Return whether a withdrawal is no leaving: who gets an office runs the room, and gets no letter about it."""
    return name == "withdrawn" and caused_by.startswith("practio.rooms.")
