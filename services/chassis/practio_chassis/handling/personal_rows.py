"""Conditions on the rows about people, by the list of personal data: for erasure, and for exports.

``people`` are one id, or many as one array: the text of a statement does not depend on their number. One id is no array
of one: of a list whose length it does not know, PostgreSQL expects ten times as many rows, and may rather read a table
as a whole to see whether there is any.
"""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    CompoundSelect,
    MetaData,
    Select,
    Text,
    Uuid,
    any_,
    bindparam,
    false,
    func,
    literal,
    or_,
    select,
    union,
)
from sqlalchemy.dialects.postgresql import array

from practio_chassis.people.personal_data import Place

People = ColumnElement[Sequence[UUID]] | ColumnElement[UUID]


def people_given(people: Collection[UUID]) -> People:
    """Return many people, as a value."""
    return literal(list(people), ARRAY(Uuid()))


def person_named(name: str) -> People:
    """Return one person, whose id is the parameter ``name``."""
    return bindparam(name, type_=Uuid())


def is_about(columns: Any, names: Sequence[str], people: People) -> ColumnElement[bool]:
    """Return the condition that one of the columns ``names`` is, or has among others, the id of one of ``people``."""
    return or_(false(), *(_has(columns[name], people) for name in names))


def _has(column: ColumnElement[Any], people: People) -> ColumnElement[bool]:
    is_one = isinstance(people.type, Uuid)
    if isinstance(column.type, ARRAY):
        shared: ColumnElement[bool] = column.overlap(array([people]) if is_one else people)
        return shared
    return column == (people if is_one else any_(people))


def addressing(places: Sequence[Place], metadata: MetaData, people: People) -> CompoundSelect[str] | None:
    """Return the query of the present and former addresses of people, in lower case; None if no place has any."""
    found: list[Select[str]] = []
    for place in places:
        if place.addresses:
            columns = metadata.tables[place.table].c
            address = func.lower(columns[place.addresses], type_=Text())
            found.append(select(address).where(is_about(columns, place.people, people), address.is_not(None)))
    return union(*found) if found else None
