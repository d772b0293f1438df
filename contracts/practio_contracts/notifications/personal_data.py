"""What notifications stores about a person, for that person."""

from practio_contracts.personal_data import ExportPersonQuery


class ExportPerson(ExportPersonQuery, key="notifications.export-person.v1"):
    """Return what notifications stores about a person, for that person and the system; result: ``PersonExport``.

    Name and addresses, preferences, and which letters went to them; nothing about other people.
    """
