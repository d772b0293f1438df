"""What membership stores about a person."""

from practio_contracts.personal_data import ExportPersonQuery


class ExportPerson(ExportPersonQuery, key="membership.export-person.v1"):
    """Return what membership stores about a person, for that person and the system; result: ``PersonExport``.

    Memberships with answers and messages, and their history; nothing about other people.
    """
