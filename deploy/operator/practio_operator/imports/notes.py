"""What became of each line, noted beside the file as it happens: who is killed goes on where the notes end."""

import json
from collections import Counter
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from practio_operator.errors import OperatorError


class Notes:
    """The notes on one file and one broker; lines are known by their keys, so a mended file keeps its notes.

    ``done`` holds what became of a line; ``refusals`` counts how often one was refused, so that its next try is a
    message of its own, since a service answers the same message as it did before.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.done: dict[UUID, str] = {}
        self.refusals: Counter[UUID] = Counter()
        self._broker: str | None = None

    @classmethod
    def beside(cls, sheet: Path) -> Self:
        """Read the notes on ``sheet``, which may be none. Raises OperatorError where they cannot be read."""
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
        """Begin to write, before something is said to ``broker``.

        Raises OperatorError where that cannot be done, or the notes are of another broker, who knows nothing of it.
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
        """Note what became of a line."""
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
    """Read one note; of the last one before a kill perhaps half was written, and that line is then said again."""
    try:
        note = json.loads(line)
    except ValueError:
        return {}
    return note if isinstance(note, dict) else {}
