"""What became of each fuzzed message: pure bookkeeping, of which only the open messages take room."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table
from tests.campaign.fuzzed_message import Fuzzed

TOKEN = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
RECENT = 5_000
"""So many messages are remembered after their end: what an event of theirs does to another service may come later."""

RAISED = ("failed", "gave-up")
"""The codes of a handler that raised: that a message got an answer or a dead letter then does not make it right."""


class FuzzOutcomes:
    """Counts outcomes by exchange: of each message the first one, and all ``dead_letters`` by their reasons.

    ``raised`` are the first messages whose handler raised, by what is known of the reason; ``nameless`` dead letters
    without a reason.
    """

    def __init__(self) -> None:
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)
        self.dead_letters: Counter[str] = Counter()
        self.raised: dict[str, int] = {}
        self.nameless: list[str] = []
        self._open: dict[str, Fuzzed] = {}
        self._recent: dict[str, Fuzzed] = {}
        self._waiting: set[str] = set()

    def published(self, message: Fuzzed) -> None:
        """Note a message before it is published."""
        self._open[message.token] = self._recent[message.token] = message
        if len(self._recent) > RECENT:
            del self._recent[next(iter(self._recent))]
        if message.accountable:
            self._waiting.add(message.token)

    def answered(self, token: str, data: Mapping[str, Any]) -> None:
        """Note an answer to the message with this token."""
        if message := self._open.get(token):
            code = data.get("code")
            outcome = f"refused: {code}" if code else "accepted" if "command_id" in data else "result"
            if code in RAISED:
                self._note_raised(message, str(data.get("detail")))
            self._close(message, f"answered, {outcome}")

    def dead(self, queue: str, reason: str, detail: str, *candidates: bytes) -> None:
        """Note a dead letter; ``candidates`` are what may hold its token: ids and the body."""
        if not reason or reason == "unknown":
            self.nameless.append(f"a dead letter of {queue}")
        message = self._find(candidates, self._open)
        if reason in RAISED:
            self._note_raised(message or self._find(candidates, self._recent), f"{queue}: {detail}")
        self.dead_letters[reason] += 1
        if message:
            self._close(message, f"dead letter, {reason}")

    def refused_by_broker(self, message: Fuzzed) -> None:
        """Note that the broker itself took no such message."""
        self._close(message, "refused by the broker")

    def unrouted(self, *candidates: bytes) -> None:
        """Note a message that no queue receives."""
        if message := self._find(candidates, self._open):
            self._close(message, "kept as unrouted")

    @property
    def waiting(self) -> int:
        """Return how many messages are still owed an answer or a dead letter."""
        return len(self._waiting)

    def close_chunk(self) -> list[Fuzzed]:
        """Forget what is open: return messages that were owed an answer; the others were consumed without a word."""
        owed = [self._open[token] for token in self._waiting]
        for message in list(self._open.values()):
            self._close(message, "UNANSWERED" if message.accountable else "consumed, and owed no answer")
        return owed

    def _find(self, candidates: Sequence[bytes], among: Mapping[str, Fuzzed]) -> Fuzzed | None:
        tokens = (match.decode() for each in candidates for match in TOKEN.findall(each))
        return next((among[token] for token in tokens if token in among), None)

    def _close(self, message: Fuzzed, outcome: str) -> None:
        if self._open.pop(message.token, None):
            self._waiting.discard(message.token)
            self.counts["elsewhere" if message.risky else message.exchange][outcome] += 1

    def _note_raised(self, message: Fuzzed | None, detail: str) -> None:
        key = message.routing_key if message else "unknown"
        without_ids = TOKEN.sub(b"", detail.encode()).decode()
        self.raised.setdefault(f"{key}: {without_ids}", message.index if message else -1)


def table(outcomes: FuzzOutcomes, title: str) -> Table:
    """Return how many messages of each exchange came to which end."""
    exchanges = sorted(outcomes.counts)
    found = Table("outcome", title=title)
    for exchange in exchanges:
        found.add_column(exchange.removeprefix("practio."), justify="right")
    every: Counter[str] = Counter()
    for counted in outcomes.counts.values():
        every.update(counted)
    for outcome, _ in every.most_common():
        found.add_row(outcome, *(f"{outcomes.counts[each][outcome] or ''}" for each in exchanges))
    found.add_section()
    found.add_row("all", *(f"{outcomes.counts[each].total()}" for each in exchanges))
    found.caption = "dead letters: " + (
        ", ".join(f"{n:,} {why}" for why, n in outcomes.dead_letters.most_common()) or "none"
    )
    return found
