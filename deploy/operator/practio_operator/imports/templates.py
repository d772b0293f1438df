"""Files to begin with: the first line of each kind, and an example of a line."""

import csv
import io
from collections.abc import Sequence

Row = Sequence[tuple[str, str]]

ROOMS: Row = (
    ("title", "Case circle for school counsellors"),
    ("host", "ada@example.org"),
    ("host_name", "Ada Moretti"),
    ("domain", "School counselling"),
    ("purpose", "Bring a case, leave with a next step"),
    ("for_whom", "Counsellors of public schools"),
    ("format", "intervision"),
    ("mode", "online"),
    ("capacity", "8"),
    ("language", "en"),
    ("time_zone", "Europe/Rome"),
    ("place", ""),
    ("meeting_url", "https://meet.example.org/case-circle"),
    ("policy", "approval"),
    ("roles", ""),
    ("guidelines", ""),
    ("sponsor", ""),
    ("first_session", "2027-01-14 18:00"),
    ("minutes", "90"),
    ("repeats", "every 2 weeks"),
)

MEMBERS: Row = (
    ("room", "Case circle for school counsellors"),
    ("email", "ben@example.org"),
    ("display_name", "Ben Okri"),
    ("locale", "en"),
    ("time_zone", "Europe/Rome"),
    ("roles", ""),
)

PEOPLE: Row = (
    ("display_name", "Ben Okri"),
    ("email", "ben@example.org"),
    ("locale", "en"),
    ("time_zone", "Europe/Rome"),
)


def template(row: Row) -> str:
    """Return a file of two lines: the columns, and an example to be replaced."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(zip(*row, strict=True))
    return file.getvalue()
