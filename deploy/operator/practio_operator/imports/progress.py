"""The progress file beside a CSV file: the outcome of each line, so that an interrupted import can continue."""

import json
from collections import Counter
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from practio_operator.console.errors import OperatorError


class ImportProgress:
    """The progress of one file on one broker; lines are identified by keys, so a corrected file keeps its progress.

    ``done`` maps a line to its outcome, ``ids`` to the id that it got. ``refusal_counts`` counts refusals of a line,
    so that the next attempt is a new message: a service returns the same answer to the same message.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.done: dict[UUID, str] = {}
        self.ids: dict[UUID, UUID] = {}
        self.refusal_counts: Counter[UUID] = Counter()
        self._digest: str | None = None
        self._broker: str | None = None

    @classmethod
    def read_beside(cls, csv_file: Path) -> Self:
        """Return the progress of ``csv_file``, which may be empty. Raise OperatorError if it cannot be read."""
        progress = cls(csv_file.with_name(f"{csv_file.name}.progress"))
        try:
            lines = progress.path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return progress
        except (OSError, UnicodeDecodeError):
            raise OperatorError(
                f"The progress file {progress.path} cannot be read: move it away to start again."
            ) from None
        for line in lines:
            progress._restore(_read(line))
        return progress

    def seed(self, digest: str) -> str:
        """Return what ids are derived from: the ``digest`` of the file, or of the file as it was at the first import.

        So the same file gives the same ids without any progress, and a corrected file keeps those of the first.
        """
        return self._digest or digest

    def open(self, *, broker: str, digest: str) -> None:
        """Begin to write, before anything is sent to ``broker``; ``digest`` is that of the file.

        Raise OperatorError if that fails, or if the progress is of another broker.
        """
        self.check(broker=broker)
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(f"\n{json.dumps({'broker': broker, 'file': self.seed(digest)})}\n")
        except OSError as error:
            raise OperatorError(f"The progress cannot be written to {self.path}: {error.strerror}.") from None

    def check(self, *, broker: str) -> None:
        """Raise OperatorError if the progress is of another broker."""
        if self._broker not in (None, broker):
            raise OperatorError(
                f"{self.path} records an import into {self._broker}, not into {broker}: move it away to start again."
            )

    def record_outcome(self, key: UUID, outcome: str, id: UUID | None = None) -> None:  # noqa: A002
        """Record the outcome of a line, and the ``id`` that it got, if it got one."""
        self.done[key] = outcome
        if id:
            self.ids[key] = id
        self._write({"line": str(key), "outcome": outcome} | ({"id": str(id)} if id else {}))

    def record_refusal(self, key: UUID, code: str) -> None:
        """Record that a line was refused; the next run tries it again."""
        self.refusal_counts[key] += 1
        self._write({"line": str(key), "refused": code})

    def _write(self, record: dict[str, str]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(record)}\n")

    def _restore(self, record: dict[str, Any]) -> None:
        match record:
            case {"broker": str(broker)}:
                self._broker = broker
                self._digest = self._digest or record.get("file")
            case {"line": str(key), "outcome": str(outcome)}:
                self.done[UUID(key)] = outcome
                if "id" in record:
                    self.ids[UUID(key)] = UUID(str(record["id"]))
            case {"line": str(key), "refused": str()}:
                self.refusal_counts[UUID(key)] += 1


def _read(line: str) -> dict[str, Any]:
    """Return one record; the last one before a kill may be incomplete, and that line is then sent again."""
    try:
        record = json.loads(line)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}
