"""Conditions on the rows about people, by the list of personal data: for erasure, and for exports.

``people`` are ids as one array, a value or a parameter: the text of a statement does not depend on their number.
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

from practio_chassis.personal_data import Place

People = ColumnElement[Sequence[UUID]]


def people_given(people: Collection[UUID]) -> People:
    """Return people as a value."""
    return literal(list(people), ARRAY(Uuid()))


def people_named(name: str) -> People:
    """Return the people in the list that is the parameter ``name``."""
    return bindparam(name, type_=ARRAY(Uuid()))


def is_about(columns: Any, names: Sequence[str], people: People) -> ColumnElement[bool]:
    """Return the condition that one of the columns ``names`` is, or has among others, the id of one of ``people``."""
    return or_(false(), *(_has(columns[name], people) for name in names))


def _has(column: ColumnElement[Any], people: People) -> ColumnElement[bool]:
    return column.overlap(people) if isinstance(column.type, ARRAY) else column == any_(people)


def addressing(places: Sequence[Place], metadata: MetaData, people: People) -> CompoundSelect[str] | None:
    """Return the query of the present and former addresses of people, in lower case; None if no place has any."""
    found: list[Select[str]] = []
    for place in places:
        if place.addresses:
            columns = metadata.tables[place.table].c
            address = func.lower(columns[place.addresses], type_=Text())
            found.append(select(address).where(is_about(columns, place.people, people), address.is_not(None)))
    return union(*found) if found else None
