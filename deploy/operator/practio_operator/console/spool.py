"""Records that wait until they are printed."""

import json
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import Any, Self

_IN_MEMORY_BYTES = 1 << 20


class Spool:
    """JSON values, few in memory and many in a file without a name; a slow reader of the output stops nobody."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(_IN_MEMORY_BYTES, "w+", encoding="ascii", newline="\n")  # noqa: SIM115
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._file.close()

    def __len__(self) -> int:
        """Return how many values there are."""
        return self._count

    def __iter__(self) -> Iterator[Any]:
        """Yield the values in their order."""
        self._file.seek(0)
        for line in self._file:
            yield json.loads(line)

    def add(self, value: Any) -> None:
        """Append a value."""
        self._file.write(json.dumps(value) + "\n")
        self._count += 1
