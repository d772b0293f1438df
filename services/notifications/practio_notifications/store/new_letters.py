"""The letters that a batch of events writes, stored with one statement."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table, inspect
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.bulk import insert_rows
from practio_notifications.tables import LetterRow, metadata

_LETTER: Table = metadata.tables[LetterRow.__tablename__]
_ATTRIBUTES = {each.columns[0].name: each.key for each in inspect(LetterRow).column_attrs}


@dataclass(slots=True)
class NewLetters:
    """Letters that are not stored yet; until then their rows may still change."""

    _rows: list[LetterRow] = field(default_factory=list)

    def add(self, row: LetterRow) -> None:
        """Add a letter to be stored."""
        self._rows.append(row)

    async def write(self, session: AsyncSession) -> None:
        """Store the letters at the end of a batch; their rows change no more."""
        await insert_rows(session, _LETTER, [_columns(row) for row in self._rows])
        self._rows.clear()

    async def write_before_reading(self, session: AsyncSession) -> None:
        """Store the letters for a handler that reads or changes letters; their rows may change afterwards."""
        session.add_all(self._rows)
        self._rows.clear()
        await session.flush()


def _columns(row: LetterRow) -> dict[str, Any]:
    return {name: getattr(row, attribute) for name, attribute in _ATTRIBUTES.items()}
