"""Certificates of attendance, which anybody can verify by their code."""

from typing import Annotated

from pydantic import Field, StringConstraints

from practio_contracts.fields import Id, LocalDate, LongText
from practio_contracts.message import Part, Query
from practio_contracts.rooms.snapshot import Format


class GetCertificate(Query, key="rooms.get-certificate.v1"):
    """Certify which sessions of a room a person attended, if that was recorded; result: ``Certificate``.

    For the person and the system. The code stays the same, and is valid until the person is erased.
    """

    room_id: Id
    person_id: Id


class Certificate(Part):
    """Which sessions of a room somebody attended: from the day of the first to that of the last, in the room's zone."""

    title: str
    format: Format
    since: Annotated[LocalDate, Field(alias="from")]
    until: Annotated[LocalDate, Field(alias="to")]
    sessions_attended: int
    minutes: int
    code: str


class VerifyCertificate(Query, key="rooms.verify-certificate.v1"):
    """Verify a certificate by its code, for anybody; result: ``Verification``.

    Capitals, blanks and hyphens of the code are ignored.
    """

    code: Annotated[LongText, StringConstraints(min_length=1, max_length=100)]


class Verification(Part):
    """Whether a code is valid, and what it certifies: without a name. Of a code that is not valid, all else is null."""

    valid: bool
    title: str | None = None
    format: Format | None = None
    since: Annotated[LocalDate | None, Field(alias="from")] = None
    until: Annotated[LocalDate | None, Field(alias="to")] = None
    sessions_attended: int | None = None
    minutes: int | None = None
    code: str | None = None
