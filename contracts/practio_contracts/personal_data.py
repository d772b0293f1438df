"""What a service stores about a person, for that person and the system: a query of each service, with one result."""

from typing import Any

from practio_contracts.fields import Cursor, Id, LongPage
from practio_contracts.message import Part, Query


class ExportPersonQuery(Query):
    """The fields of the query, which are the same for each service."""

    person_id: Id
    limit: LongPage = 500
    after: Cursor | None = None


class ExportedRow(Part):
    """What is stored about a person in one row of a table: the columns that are about them, as JSON values."""

    table: str
    row: dict[str, Any]


class PersonExport(Part):
    """A page of what a service stores about a person, table by table; ``after`` is null on the last page."""

    rows: list[ExportedRow]
    after: str | None = None
