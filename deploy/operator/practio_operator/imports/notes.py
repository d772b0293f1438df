"""The progress file beside a CSV file: the outcome of each line, so that an interrupted import continues there."""

import json
from collections import Counter
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from practio_operator.errors import OperatorError


class ImportProgress:
    """The progress of one file on one broker; lines are identified by keys, so a corrected file keeps its progress.

    ``done`` maps a line to its outcome; ``refusals`` counts how often one was refused, so that its next attempt is a
    message of its own, since a service gives the same answer to the same message.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.done: dict[UUID, str] = {}
        self.refusals: Counter[UUID] = Counter()
        self._broker: str | None = None

    @classmethod
    def beside(cls, sheet: Path) -> Self:
        """Return the progress of ``sheet``, which may be none. Raise OperatorError if it cannot be read."""
        notes = cls(sheet.with_name(f"{sheet.name}.progress"))
        try:
            lines = notes.path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return notes
        except (OSError, UnicodeDecodeError):
            raise OperatorError(f"The notes in {notes.path} cannot be read.") from None
        for line in lines:
            notes._take(_read(line))
        return notes

    def open(self, *, broker: str) -> None:
        """Begin to write, before anything is sent to ``broker``.

        Raise OperatorError if that fails, or if the progress is of another broker.
        """
        if self._broker not in (None, broker):
            raise OperatorError(
                f"{self.path} tells of an import into {self._broker}, not into {broker}: move it away to begin anew."
            )
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(f"\n{json.dumps({'broker': broker})}\n")
        except OSError as error:
            raise OperatorError(f"What is done cannot be noted in {self.path}: {error.strerror}.") from None

    def done_with(self, key: UUID, outcome: str) -> None:
        """Record the outcome of a line."""
        self.done[key] = outcome
        self._write({"line": str(key), "outcome": outcome})

    def refused(self, key: UUID, code: str) -> None:
        """Note that a line was refused; it is tried again the next time."""
        self.refusals[key] += 1
        self._write({"line": str(key), "refused": code})

    def _write(self, note: dict[str, str]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(note)}\n")

    def _take(self, note: dict[str, Any]) -> None:
        match note:
            case {"broker": str(broker)}:
                self._broker = broker
            case {"line": str(key), "outcome": str(outcome)}:
                self.done[UUID(key)] = outcome
            case {"line": str(key), "refused": str()}:
                self.refusals[UUID(key)] += 1


def _read(line: str) -> dict[str, Any]:
    """Return one record; the last one before a kill may be incomplete, and that line is then sent again."""
    try:
        note = json.loads(line)
    except ValueError:
        return {}
    return note if isinstance(note, dict) else {}
