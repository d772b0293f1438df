"""Conditions on the rows about people, by the list of personal data."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, MetaData, Text, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.sql import one_of
from practio_chassis.personal_data import Place


def names(column: ColumnElement[Any], people: Sequence[Any]) -> ColumnElement[bool]:
    """Return the condition that a column is, or has among others, the id of one of ``people``."""
    if isinstance(column.type, ARRAY):
        return column.overlap(list(people))  # type: ignore[no-any-return]
    return one_of(column, people)


async def addresses_of(
    session: AsyncSession, metadata: MetaData, places: Sequence[Place], people: Sequence[Any]
) -> set[str]:
    """Return the present and former addresses of people, in lower case."""
    found: set[str] = set()
    for place in places:
        if place.addresses:
            table = metadata.tables[place.table]
            of_people = or_(*(names(table.c[name], people) for name in place.people))
            email = func.lower(table.c[place.addresses], type_=Text())
            found |= set(await session.scalars(select(email).where(of_people, email.is_not(None))))
    return found
