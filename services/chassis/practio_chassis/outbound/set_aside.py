"""Messages that the broker refuses for good: moved out of the outbox, with the reason and the people concerned."""

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Delete, Insert, Row, Uuid, any_, delete, exists, insert, literal, select

from practio_chassis.database.tables import ChassisTables
from practio_chassis.people.dead_letter_data import people_concerned


class SetAside:
    """The statements on the table of messages that were set aside."""

    def __init__(self, tables: ChassisTables) -> None:
        self._outbox = tables.outbox
        self._set_aside = tables.outbox_set_aside
        self._forgotten = tables.forgotten

    def moving(self, row: Row[Any], reason: str) -> Insert:
        """Return the statement that moves a row of the outbox here, if it is still there."""
        moved = delete(self._outbox).where(self._outbox.c.id == row.id).returning(*self._outbox.c).cte("moved")
        people = sorted(_people_of(row))
        values = select(*moved.c, literal(reason), literal(people, ARRAY(Uuid)))
        names = [*(column.name for column in self._outbox.c), "reason", "people"]
        return insert(self._set_aside).from_select(names, values)

    def forgetting(self) -> Delete:
        """Return the statement that deletes messages by or about erased people: some were set aside afterwards."""
        person = self._forgotten.c.person_id
        return delete(self._set_aside).where(exists(select(person).where(person == any_(self._set_aside.c.people))))


def _people_of(row: Row[Any]) -> frozenset[UUID]:
    bodies = (body for body in (row.internal, row.public) if body is not None)
    return frozenset().union(*(people_concerned(row.routing_key, body, {}) for body in bodies))
