"""The words of a search in each language's dictionary (services/rooms/README.md, Searches)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Text, and_, cast, false, func, literal, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY, REGCONFIG, TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.sql import Column, one_of
from practio_rooms.domain.languages import SIMPLE
from practio_rooms.domain.search_words import Alternatives, Term, read_terms


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
    alternatives = read_terms(text)
    typed = [term.text for terms in alternatives for term in terms]
    if not typed:
        return []
    queries: dict[str, list[str]] = defaultdict(list)
    for dictionary, words in (await _words_of(session, typed, dictionaries)).items():
        if query := _composed(alternatives, words):
            queries[query].append(dictionary)
    return [TextQuery(query, dictionaries) for query, dictionaries in sorted(queries.items())]


async def _words_of(
    session: AsyncSession, typed: Sequence[str], dictionaries: Sequence[str]
) -> dict[str, list[Row[Any]]]:
    """Return the terms in each dictionary: as written, and without accents there and in ``simple``."""
    terms = func.unnest(literal(list(typed), ARRAY(Text))).table_valued("typed", with_ordinality="number")
    terms = terms.render_derived(name="terms")
    plain, folded = func.spaced(func.lowered(terms.c.typed)), func.spaced(func.folded(terms.c.typed))
    read = select(terms.c.number, plain.label("plain"), folded.label("folded")).offset(0).subquery()
    each = func.unnest(literal(list(dictionaries), ARRAY(Text))).table_valued("dictionary").render_derived(name="each")
    dictionary = each.c.dictionary
    phrases = {
        "plain": (cast(dictionary, REGCONFIG), read.c.plain),
        "folded": (cast(dictionary, REGCONFIG), read.c.folded),
        "simple": (cast(literal(SIMPLE, Text), REGCONFIG), read.c.folded),
    }
    columns = [cast(func.phraseto_tsquery(*read_by), Text).label(name) for name, read_by in phrases.items()]
    found: dict[str, list[Row[Any]]] = defaultdict(list)
    statement = select(dictionary, *columns).join_from(each, read, true()).order_by(dictionary, read.c.number)
    for row in await session.execute(statement):
        found[row.dictionary].append(row)
    return found


def _composed(alternatives: Alternatives, words: Sequence[Row[Any]]) -> str:
    """Return the query of a dictionary; if it knows stop words only, they are looked up as they are written."""
    for is_simple in (False, True):
        rows = iter(words)
        read = [[_of_term(term, next(rows), is_simple=is_simple) for term in terms] for terms in alternatives]
        if query := " | ".join(" & ".join(filter(None, terms)) for terms in read if any(terms)):
            return query
    return ""


def _of_term(term: Term, words: Row[Any], *, is_simple: bool) -> str:
    known = words.simple if is_simple else words.plain
    if not known:
        return ""
    # A phrase ends with a word, so that the mark for its beginning may be appended.
    either = dict.fromkeys([words.plain, words.folded, words.simple + ":*" if term.begun else words.simple])
    query = " | ".join(f"( {each} )" for each in either if each)
    return f"!( {query} )" if term.excluded else f"( {query} )"


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
