"""What a service stores about a person, for that person and the system: a query of each service, with one result."""

from typing import Annotated, Any

from pydantic import Field

from practio_contracts.fields import Cursor, Id, LongPage
from practio_contracts.message import Part, Query

TableName = Annotated[str, Field(pattern=r"^[a-z_]+$", max_length=64)]


class ExportPersonQuery(Query):
    """The fields of the query, which are the same for each service.

    With ``tables``, the rows of these alone are returned, and the first page has the number of rows of each table.
    """

    person_id: Id
    tables: Annotated[list[TableName], Field(max_length=50)] | None = None
    limit: LongPage = 500
    after: Cursor | None = None


class ExportedRow(Part):
    """What is stored about a person in one row of a table: the columns that are about them, as JSON values."""

    table: str
    row: dict[str, Any]


class PersonExport(Part):
    """A page of what a service stores about a person, table by table; ``after`` is null on the last page.

    ``counts`` are the numbers of rows by table, of tables that have any: on the first page, if it was asked for the
    rows of some tables alone.
    """

    rows: list[ExportedRow]
    after: str | None = None
    counts: dict[str, int] | None = None
