"""What rooms stores about a person."""

from practio_contracts.personal_data import ExportPersonQuery


class ExportPerson(ExportPersonQuery, key="rooms.export-person.v1"):
    """Return what rooms stores about a person, for that person and the system; result: ``PersonExport``.

    Offices, notes, presence in rooms, and on which sessions the person gave feedback; nothing about other people.
    """
