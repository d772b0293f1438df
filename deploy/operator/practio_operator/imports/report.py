"""The report of an import or of its trial: the outcome of each line, and how many there are of each."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self
from uuid import UUID

from practio_contracts.membership import Status
from practio_operator.imports.csv_file import CsvFile
from practio_operator.imports.progress import ImportProgress
from practio_operator.imports.publishing import PUBLISHED, LineOutcome, LineRefusal, Made

READY, BEFORE, REPEATS, BAD, REFUSED = "ready", "done before", "repeats another", "bad", "refused"

_TEXTS = {PUBLISHED: "published"}
"""Texts for outcomes whose names in JSON and in progress files are fixed."""

_EXPECTED = frozenset({READY, BEFORE, PUBLISHED, Status.JOINED, Status.INVITED})
"""The outcomes of lines that are not listed."""


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """The outcome, real or predicted, of a line of the file; ``line`` counts from 1.

    ``detail`` of a line that is ready is the status that its person would have. ``note`` is what the import does not
    refuse and its operator has to know. ``id`` is the id that the line got, of a person or a room.
    """

    line: int
    outcome: str
    detail: str | None = None
    note: str | None = None
    id: UUID | None = None

    @property
    def is_listed(self) -> bool:
        """Return whether people read this line by itself, and not only in the counts."""
        as_expected = self.outcome in _EXPECTED and self.detail in (None, Status.JOINED, Status.INVITED)
        return bool(self.note) or not as_expected

    def __str__(self) -> str:
        """Return the line as people read it."""
        detail = f": {self.detail}" if self.detail else ""
        note = f"; {self.note}" if self.note else ""
        return f"line {self.line}: {_TEXTS.get(self.outcome, self.outcome)}{detail}{note}"


@dataclass(slots=True)
class ImportReport:
    """The outcomes of all lines of a file, by number."""

    for_real: bool
    outcomes: dict[int, ImportOutcome] = field(default_factory=dict)

    @classmethod
    def of(cls, csv_file: CsvFile[Any], progress: ImportProgress, *, for_real: bool) -> Self:
        """Return the report before anything is sent."""
        found = [
            *(
                ImportOutcome(each.number, BEFORE, id=progress.ids.get(each.key))
                if each.key in progress.done
                else ImportOutcome(each.number, READY)
                for each in csv_file.lines
            ),
            *(ImportOutcome(each.number, BAD, each.detail) for each in csv_file.faults),
            *(ImportOutcome(number, REPEATS, f"line {first}") for number, first in csv_file.repeats.items()),
        ]
        return cls(for_real, {each.line: each for each in sorted(found, key=lambda each: each.line)})

    @property
    def total(self) -> int:
        """Return how many lines can be imported or were."""
        return len(self.outcomes) - self.count(BAD) - self.count(REPEATS)

    @property
    def is_left(self) -> bool:
        """Return whether lines are bad or refused."""
        return bool(self.count(BAD) or self.count(REFUSED))

    def count(self, outcome: str) -> int:
        """Return how many lines have this outcome."""
        return sum(each.outcome == outcome for each in self.outcomes.values())

    def set_outcome(self, number: int, outcome: LineOutcome) -> None:
        """Set the outcome of a line; in a trial, what is not refused is ready."""
        before = self.outcomes[number]
        if isinstance(outcome, LineRefusal):
            changed = replace(before, outcome=REFUSED, detail=f"{outcome.code}: {outcome.detail}")
        elif isinstance(outcome, Made):
            changed = replace(before, outcome=outcome.outcome, detail=outcome.detail, id=outcome.id)
        elif self.for_real:
            changed = replace(before, outcome=outcome)
        else:
            changed = replace(before, detail=outcome)
        self.outcomes[number] = changed

    def add_notes(self, notes: Mapping[int, str]) -> None:
        """Add notes to the lines that are not refused."""
        for number, note in notes.items():
            if self.outcomes[number].outcome != REFUSED:
                self.outcomes[number] = replace(self.outcomes[number], note=note)

    def as_json(self) -> dict[str, Any]:
        """Return the report for programs."""
        lines = [asdict(each) | {"id": str(each.id) if each.id else None} for each in self.outcomes.values()]
        return {"for_real": self.for_real, "counts": dict(self._counts()), "lines": lines}

    def texts(self) -> Iterator[str]:
        """Yield the report for people, line by line."""
        yield from (str(each) for each in self.outcomes.values() if each.is_listed)
        counts = self._counts()
        yield ", ".join(f"{count} {_TEXTS.get(outcome, outcome)}" for outcome, count in counts.items()) or "No lines."
        if not self.for_real:
            yield "Nothing was changed; --for-real imports the lines."

    def _counts(self) -> Counter[str]:
        return Counter(each.outcome for each in self.outcomes.values())
