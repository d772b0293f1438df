"""What files that were imported before say: the ids of people by their addresses, those of rooms by their titles."""

from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from practio_contracts.mail_addresses import address_key
from practio_operator.imports.columns import NEW_PEOPLE, PEOPLE, person_id_of
from practio_operator.imports.csv_file import names_in, read_csv_file
from practio_operator.imports.progress import ImportProgress
from practio_operator.imports.room_columns import ROOMS, room_id_of


def imported_rooms(path: Path | None, *, encoding: str | None = None) -> Mapping[str, UUID | None]:
    """Return the rooms that were imported from a file by their titles in small letters; None: several have the same."""
    if path is None:
        return {}
    csv_file, progress = read_csv_file(path, ROOMS, encoding=encoding), ImportProgress.read_beside(path)
    seed, published = progress.seed(csv_file.digest), set(progress.ids.values())
    found: dict[str, UUID | None] = {}
    for line in csv_file.lines:
        if (room_id := room_id_of(seed, line.message)) in published:
            title = " ".join(line.message.title.split()).casefold()
            found[title] = None if title in found else room_id
    return found


def imported_people(path: Path | None, *, encoding: str | None = None) -> Mapping[str, UUID]:
    """Return the people who were imported from a file by the keys of their addresses."""
    if path is None:
        return {}
    progress = ImportProgress.read_beside(path)
    if "person_id" in names_in(path, PEOPLE, encoding=encoding):
        known = read_csv_file(path, PEOPLE, encoding=encoding)
        return {address_key(each.message.email): each.message.person_id for each in known.lines}
    people = read_csv_file(path, NEW_PEOPLE, encoding=encoding)
    seed, published = progress.seed(people.digest), set(progress.ids.values())
    ids = ((address_key(each.message.email), person_id_of(seed, each.message)) for each in people.lines)
    return {email: person_id for email, person_id in ids if person_id in published}
