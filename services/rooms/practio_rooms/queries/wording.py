"""How a text is looked for: in each language as its dictionary understands it (rooms.md, Search)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, case, cast, false, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, REGCONFIG, TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.sql import Column, one_of
from practio_rooms.domain.languages import SIMPLE
from practio_rooms.domain.wording import beginning, begun_word


@dataclass(frozen=True, slots=True)
class Wording:
    """A ``tsquery``, as text, and the dictionaries that read a text as this."""

    query: str
    dictionaries: Sequence[str]


async def wordings_of(session: AsyncSession, text: str, dictionaries: Sequence[str]) -> list[Wording]:
    """Give what ``text`` means in each of ``dictionaries``; nothing where it means nothing there.

    The word that it ends with also finds what begins with it. PostgreSQL is asked beforehand, so that it knows the
    words when it plans the search.
    """
    dictionary = func.unnest(literal(list(dictionaries), ARRAY(Text))).column_valued("dictionary")
    query = cast(_query(cast(dictionary, REGCONFIG), text), Text)
    found = await session.execute(select(query, func.array_agg(dictionary)).group_by(query).order_by(query))
    return [Wording(query, dictionaries) for query, dictionaries in found if query]


def _query(dictionary: ColumnElement[Any], text: str) -> ColumnElement[Any]:
    whole = func.websearch_to_tsquery(dictionary, text)
    word = begun_word(text)
    if word is None:
        return whole
    begins = func.to_tsquery(literal(SIMPLE, Text).cast(REGCONFIG), beginning(word))
    ended = func.websearch_to_tsquery(dictionary, word)
    either = func.ts_rewrite(whole, ended, ended.op("||")(begins))
    return case((func.numnode(whole) == 0, begins), else_=either)


def any_of(wordings: Sequence[Wording]) -> ColumnElement[Any]:
    """Give the one query that finds whatever one of ``wordings`` finds."""
    return cast(" | ".join(f"( {wording.query} )" for wording in wordings), TSQUERY)


def conditions(words: Column, dictionary: Column, wordings: Sequence[Wording]) -> Iterator[ColumnElement[bool]]:
    """Give the conditions that ``words`` fit ``wordings``, each by its own ``dictionary``; the first has an index."""
    if not wordings:
        yield false()
        return
    yield words.bool_op("@@")(any_of(wordings))
    if len(wordings) > 1:
        yield or_(
            *(
                and_(one_of(dictionary, wording.dictionaries), words.bool_op("@@")(cast(wording.query, TSQUERY)))
                for wording in wordings
            )
        )
