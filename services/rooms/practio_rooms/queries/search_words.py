"""The words of a search in each language's dictionary (rooms.md, Search)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, case, cast, false, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, REGCONFIG, TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.sql import Column, one_of
from practio_rooms.domain.languages import SIMPLE
from practio_rooms.domain.search_words import beginning, begun_word


@dataclass(frozen=True, slots=True)
class TextQuery:
    """A ``tsquery`` as text, and the dictionaries that read the search as this."""

    query: str
    dictionaries: Sequence[str]


async def text_queries(session: AsyncSession, text: str, dictionaries: Sequence[str]) -> list[TextQuery]:
    """Return the queries for ``text`` in ``dictionaries``, omitting empty ones.

    The last word also finds words that begin with it. This is a statement of its own, so that PostgreSQL knows the
    words when it plans the search.
    """
    dictionary = func.unnest(literal(list(dictionaries), ARRAY(Text))).column_valued("dictionary")
    query = cast(_query(cast(dictionary, REGCONFIG), text), Text)
    found = await session.execute(select(query, func.array_agg(dictionary)).group_by(query).order_by(query))
    return [TextQuery(query, dictionaries) for query, dictionaries in found if query]


def _query(dictionary: ColumnElement[Any], text: str) -> ColumnElement[Any]:
    whole = func.websearch_to_tsquery(dictionary, text)
    word = begun_word(text)
    if word is None:
        return whole
    begins = func.to_tsquery(literal(SIMPLE, Text).cast(REGCONFIG), beginning(word))
    ended = func.websearch_to_tsquery(dictionary, word)
    either = func.ts_rewrite(whole, ended, ended.op("||")(begins))
    return case((func.numnode(whole) == 0, begins), else_=either)


def any_of(queries: Sequence[TextQuery]) -> ColumnElement[Any]:
    """Return one query that finds all that any of ``queries`` finds."""
    return cast(" | ".join(f"( {query.query} )" for query in queries), TSQUERY)


def text_conditions(words: Column, dictionary: Column, queries: Sequence[TextQuery]) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions that ``words`` match ``queries``, each in its own ``dictionary``; the first has an index."""
    if not queries:
        yield false()
        return
    yield words.bool_op("@@")(any_of(queries))
    if len(queries) > 1:
        yield or_(
            *(
                and_(one_of(dictionary, query.dictionaries), words.bool_op("@@")(cast(query.query, TSQUERY)))
                for query in queries
            )
        )
